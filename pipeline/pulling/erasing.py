"""Saved pages and what tells a person go in; the pages say nothing of the person any more, and figures are as before.

Of the person's bookings only what the figures need is left; elsewhere `erased` takes the place of what tells them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.decode.shapes import Booking
from pipeline.load.mentions import Person, add_told
from pipeline.personal_text import Sought, contacts_in, folded, without
from pipeline.pulling.saved import lines_of, write_whole
from pipeline.renewal import forms_of

_OF_A_PERSON = {"contactDetails", "formInfo"}
_OF_A_BOOKING = frozenset(Booking.__struct_encode_fields__) - _OF_A_PERSON
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
    return sum(_erase_from(part, person, sought) for part in parts)


def parts_that_hold(parts: Iterable[Path], texts: Iterable[str]) -> list[Path]:
    """The files in whose pages any of the texts stands."""
    forms = forms_of(texts)
    return [part for part in parts if any(form in line.lower() for line in lines_of(part) for form in forms)]


def _erase_from(part: Path, person: Person, sought: tuple[Sought, ...]) -> int:
    lines = list(lines_of(part))
    told = [_erased(line, person, sought) for line in lines]
    changed = sum(new != line for new, line in zip(told, lines, strict=True))
    if changed:
        write_whole(part, b"".join(gzip.compress(line, 6, mtime=0) for line in told))
    return changed


def _erased(line: bytes, person: Person, sought: tuple[Sought, ...]) -> bytes:
    page = json.loads(line)
    left = scrubbed(_without_person(page, person), sought)
    return line if left == page else json.dumps(left, ensure_ascii=False).encode() + b"\n"


def _without_person(value: Any, person: Person) -> Any:
    if isinstance(value, list):
        return [_without_person(part, person) for part in value]
    if isinstance(value, dict):
        kept = _kept_of(value, person)
        return {name: _without_person(part, person) for name, part in value.items() if kept is None or name in kept}
    return value


def _kept_of(value: dict[str, Any], person: Person) -> frozenset[str] | None:
    """The names that stay of an object that is the person's; None where it is not."""
    details = value.get("contactDetails")
    contact = details.get("contactId") if isinstance(details, dict) else None
    if folded(str(contact or "")) == person.contact or ("bookedEntity" in value and _id(value) in person.bookings):
        return _OF_A_BOOKING
    if folded(str(value.get("contactId") or "")) == person.contact:
        return _OF_A_PARTICIPANT
    return None


def _id(value: dict[str, Any]) -> str:
    return folded(str(value.get("id") or value.get("_id") or ""))


def scrubbed(value: Any, sought: tuple[Sought, ...]) -> Any:
    """A JSON value with `erased` in place of what is sought in any of its texts."""
    if isinstance(value, str):
        return without(value, sought)
    if isinstance(value, list):
        return [scrubbed(part, sought) for part in value]
    if isinstance(value, dict):
        return {without(name, sought): scrubbed(part, sought) for name, part in value.items()}
    return value
