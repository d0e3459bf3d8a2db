"""Erase a person from saved pages, without changing any figure.

A booking of the person keeps only the fields that the figures need. Everywhere else the word `erased` replaces the
texts that identify the person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeline.decode.shapes import shape_of
from pipeline.people.erased_contacts import ErasedContacts
from pipeline.people.mentions import Person, add_contact
from pipeline.people.personal_text import Sought, contacts_in, folded, without
from pipeline.store.saved_pulls import id_of, lines_of, packed, pages_of
from pipeline.store.written_forms import bytes_of, own_forms_of
from queries.files import write_atomically
from queries.model.booking import BOOKING

# Whether a contact id or a booking id is that of the person to erase; "" for an object that has none.
IsTheirs = Callable[[str, str], bool]
# The objects of a booking that hold personal columns; a form holds more than those.
_OF_A_PERSON = {path.split(".")[0] for column in BOOKING.personal for path in column.spellings}
_OF_A_BOOKING = frozenset(shape_of("booking").__struct_encode_fields__) - _OF_A_PERSON
_OF_A_PARTICIPANT = frozenset({"id", "partySize"})


def learn_from_pages(parts: Iterable[Path], person: Person) -> None:
    """Add to `person` the names, e-mails, phone numbers and booking ids that the pages give for the contact."""
    for part in parts:
        for line in lines_of(part):
            for contact in contacts_in(line.decode()):
                if folded(contact.contact_id or "") == person.contact:
                    person.is_known = True
                    add_contact(person, contact)


def erase_from_pages(parts: Iterable[Path], person: Person, sought: tuple[Sought, ...]) -> int:
    """Rewrite the pages that mention the person, each file as a whole; return the number of such pages."""

    def is_theirs(contact: str, booking: str) -> bool:
        return contact == person.contact or booking in person.bookings

    return sum(_erase_from(part, is_theirs, sought) for part in parts)


def erase_known_from_pages(parts: Iterable[Path], erased: ErasedContacts) -> None:
    """Erase from newly fetched pages the contacts that were erased here and still exist at the source."""

    def is_theirs(contact: str, booking: str) -> bool:
        return erased.has(contact) or erased.has(booking)

    for part in parts if erased.hashes else ():
        _erase_from(part, is_theirs, ())


def parts_that_hold(parts: Iterable[Path], texts: Iterable[str]) -> list[Path]:
    """List the files whose pages contain any of the texts."""
    forms = bytes_of(own_forms_of(texts))
    return [part for part in parts if any(form in line.lower() for line in lines_of(part) for form in forms)]


def _erase_from(part: Path, is_theirs: IsTheirs, sought: tuple[Sought, ...]) -> int:
    lines = list(lines_of(part))
    rewritten = [_erased(line, page, is_theirs, sought) for line, page in zip(lines, pages_of(part), strict=True)]
    changed = sum(new != line for new, line in zip(rewritten, lines, strict=True))
    if changed:
        # A gzip member for each page, as `SavedPull.add_page` writes them, so that a pull can go on adding pages.
        write_atomically(part, b"".join(packed(line) for line in rewritten))
    return changed


def _erased(line: bytes, page: Any, is_theirs: IsTheirs, sought: tuple[Sought, ...]) -> bytes:
    left = scrubbed(_without_person(page, is_theirs), sought)
    # A page that does not mention the person keeps its bytes, spaces and all.
    return line if left == page else json.dumps(left, ensure_ascii=False).encode() + b"\n"


def _without_person(value: Any, is_theirs: IsTheirs) -> Any:
    if isinstance(value, list):
        return [_without_person(part, is_theirs) for part in value]
    if isinstance(value, dict):
        kept = _kept_of(value, is_theirs)
        return {name: _without_person(part, is_theirs) for name, part in value.items() if kept is None or name in kept}
    return value


def _kept_of(value: dict[str, Any], is_theirs: IsTheirs) -> frozenset[str] | None:
    """The keys to keep of an object that is a booking or participant of the person; None for any other object."""
    details = value.get("contactDetails")
    contact = details.get("contactId") if isinstance(details, dict) else None
    if is_theirs(folded(str(contact or "")), folded(id_of(value)) if "bookedEntity" in value else ""):
        return _OF_A_BOOKING
    if "contactId" in value and is_theirs(folded(str(value["contactId"] or "")), ""):
        return _OF_A_PARTICIPANT
    return None


def scrubbed(value: Any, sought: tuple[Sought, ...]) -> Any:
    """Replace the sought texts by `erased` in every string and key of a JSON value."""
    if isinstance(value, str):
        return without(value, sought)
    if isinstance(value, list):
        return [scrubbed(part, sought) for part in value]
    if isinstance(value, dict):
        return {without(name, sought): scrubbed(part, sought) for name, part in value.items()}
    return value
