"""Saved pages and what tells a person go in; the pages say nothing of the person any more, and figures are as before.

Of the person's bookings only what the figures need is left; elsewhere `erased` takes the place of what tells them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeline.decode.shapes import shape_of
from pipeline.people.erased_contacts import ErasedContacts
from pipeline.people.mentions import Person, add_told
from pipeline.people.personal_text import Sought, contacts_in, folded, without
from pipeline.store.renewal import forms_of
from pipeline.store.saved_pulls import id_of, lines_of, pages_of
from queries.files import write_atomically
from queries.model.booking import BOOKING

# Whether a contact, or the booking of an id, is a person's; "" where the object has none.
IsTheirs = Callable[[str, str], bool]
# The objects of a booking that hold personal columns; a form holds more than those.
_OF_A_PERSON = {path.split(".")[0] for column in BOOKING.personal for path in column.spellings}
_OF_A_BOOKING = frozenset(shape_of("booking").__struct_encode_fields__) - _OF_A_PERSON
_OF_A_PARTICIPANT = frozenset({"id", "partySize"})


def learn_from_pages(parts: Iterable[Path], person: Person) -> None:
    """Add what the pages tell of the person: names, e-mails, phone numbers, booking ids."""
    for part in parts:
        for line in lines_of(part):
            for told in contacts_in(line.decode()):
                if folded(told.contact_id or "") == person.contact:
                    person.is_known = True
                    add_told(person, told)


def erase_from_pages(parts: Iterable[Path], person: Person, sought: tuple[Sought, ...]) -> int:
    """Write the pages that tell of the person anew, each file whole; how many pages there were."""

    def is_theirs(contact: str, booking: str) -> bool:
        return contact == person.contact or booking in person.bookings

    return sum(_erase_from(part, is_theirs, sought) for part in parts)


def erase_known_from_pages(parts: Iterable[Path], erased: ErasedContacts) -> None:
    """Take out of fresh pages those who were erased here and are still known at the source."""

    def is_theirs(contact: str, booking: str) -> bool:
        return erased.has(contact) or erased.has(booking)

    for part in parts if erased.hashes else ():
        _erase_from(part, is_theirs, ())


def parts_that_hold(parts: Iterable[Path], texts: Iterable[str]) -> list[Path]:
    """The files in whose pages any of the texts stands."""
    forms = forms_of(texts)
    return [part for part in parts if any(form in line.lower() for line in lines_of(part) for form in forms)]


def _erase_from(part: Path, is_theirs: IsTheirs, sought: tuple[Sought, ...]) -> int:
    lines = list(lines_of(part))
    told = [_erased(line, page, is_theirs, sought) for line, page in zip(lines, pages_of(part), strict=True)]
    changed = sum(new != line for new, line in zip(told, lines, strict=True))
    if changed:
        write_atomically(part, b"".join(gzip.compress(line, 6, mtime=0) for line in told))
    return changed


def _erased(line: bytes, page: Any, is_theirs: IsTheirs, sought: tuple[Sought, ...]) -> bytes:
    left = scrubbed(_without_person(page, is_theirs), sought)
    return line if left == page else json.dumps(left, ensure_ascii=False).encode() + b"\n"


def _without_person(value: Any, is_theirs: IsTheirs) -> Any:
    if isinstance(value, list):
        return [_without_person(part, is_theirs) for part in value]
    if isinstance(value, dict):
        kept = _kept_of(value, is_theirs)
        return {name: _without_person(part, is_theirs) for name, part in value.items() if kept is None or name in kept}
    return value


def _kept_of(value: dict[str, Any], is_theirs: IsTheirs) -> frozenset[str] | None:
    """The names that stay of an object that is the person's; None where it is not."""
    details = value.get("contactDetails")
    contact = details.get("contactId") if isinstance(details, dict) else None
    if is_theirs(folded(str(contact or "")), folded(id_of(value)) if "bookedEntity" in value else ""):
        return _OF_A_BOOKING
    if "contactId" in value and is_theirs(folded(str(value["contactId"] or "")), ""):
        return _OF_A_PARTICIPANT
    return None


def scrubbed(value: Any, sought: tuple[Sought, ...]) -> Any:
    """A JSON value with `erased` in place of what is sought in any of its texts."""
    if isinstance(value, str):
        return without(value, sought)
    if isinstance(value, list):
        return [scrubbed(part, sought) for part in value]
    if isinstance(value, dict):
        return {without(name, sought): scrubbed(part, sought) for name, part in value.items()}
    return value
