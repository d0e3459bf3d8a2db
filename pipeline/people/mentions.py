"""What tells a person goes in; the quarantined records that mention them come out, and what else these tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import duckdb

from pipeline.people.personal_text import (
    SHORT_ID,
    ContactTold,
    Sought,
    a_name,
    a_text,
    an_id,
    contacts_in,
    emails_in,
    folded,
    guids_in,
    is_cut_within,
    plain,
    tokens,
    words_of,
)
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "people")

_LEAST_DIGITS = 6
_BATCH = 10_000
_RECORDS = (
    "select load_id, record, raw, concat_ws(' ', pointer, message, array_to_string(also_broken, ' ')), "
    "raw_bytes > strlen(raw) from quarantine order by load_id, record"
)


@dataclass
class Person:
    """What tells a contact. `contact` and `bookings` are ids without case; `further`: e-mails, phone numbers and such.

    `names` may be those of others as well; such are in `shared` too. `is_known`: a booking or a record has the id.
    """

    contact: str
    is_known: bool = False
    bookings: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    further: set[str] = field(default_factory=set)

    def sought(self) -> tuple[Sought, ...]:
        """Every text that tells the person, the id first."""
        return (an_id(self.contact), *map(a_name, sorted(self.names)), *map(a_text, sorted(self.further)))

    def told_by(self) -> set[str]:
        """What a later record is known by: everything but the names, which others may come to have."""
        return {self.contact, *self.bookings, *self.further}


def read_person(connection: duckdb.DuckDBPyConnection, contact: str, also: tuple[str, ...]) -> Person:
    """What bookings and quarantine tell of a contact; `also` are texts that are known to tell them."""
    person = Person(folded(contact), further=set(also))
    for what, told in connection.execute(_sql("person"), {"contact": contact}).fetchall():
        (person.names if what == "name" else person.bookings).add(told)
    person.is_known = bool(person.bookings)
    _learn(connection, person)
    person.shared = {name for name in person.names if _is_of_others(connection, contact, name)}
    return person


def mentions(connection: duckdb.DuckDBPyConnection, person: Person) -> list[tuple[int, int]]:
    """The records (load_id, record) of quarantine that mention the person.

    A name that others have as well counts only where it is the one of a booking's contact, of no other id.
    """
    names = map(a_name, sorted(person.names - person.shared))
    texts = (*_ids(person), *_texts(person), *names)
    return [
        record.key
        for record in _records(connection)
        if _has_id(record, person) or _has_text(record, texts) or _has_name(record, person)
    ]


@dataclass(frozen=True, slots=True)
class _Record:
    key: tuple[int, int]
    raw: str
    said: str
    is_cut: bool


def _records(connection: duckdb.DuckDBPyConnection) -> Iterator[_Record]:
    result = connection.execute(_RECORDS)
    while rows := result.fetchmany(_BATCH):
        for load_id, record, raw, beside, is_cut in rows:
            yield _Record((load_id, record), raw, plain(f"{beside}\n{raw}"), is_cut)


def _learn(connection: duckdb.DuckDBPyConnection, person: Person) -> None:
    """Add what records with an id, or a text that was given, tell: names, e-mails, phone numbers, booking ids."""
    ids, texts = _ids(person), _texts(person)
    for record in _records(connection):
        has_id = _has_id(record, person) or _has_text(record, ids)
        if not (has_id or _has_text(record, texts)):
            continue
        person.is_known |= has_id
        contacts = contacts_in(record.raw)
        for told in contacts:
            add_told(person, told)
        emails = emails_in(record.said)
        # Of several addresses nothing tells which is the person's: one may be that of the business.
        if not contacts and len(emails) == 1:
            person.further |= emails


def add_told(person: Person, told: ContactTold) -> None:
    """Add what a record says of a contact that is the person, or whose id it does not say."""
    if told.contact_id and folded(told.contact_id) != person.contact:
        return
    if told.name:
        person.names.add(told.name)
    if told.booking_id:
        person.bookings.add(folded(told.booking_id))
    if told.email:
        person.further.add(told.email)
    if told.phone and sum(letter.isdigit() for letter in told.phone) >= _LEAST_DIGITS:
        person.further.add(told.phone)


def _texts(person: Person) -> tuple[Sought, ...]:
    return tuple(map(a_text, sorted(person.further)))


def _ids(person: Person) -> tuple[Sought, ...]:
    return (an_id(person.contact),) if len(person.contact) >= SHORT_ID else ()


def _has_id(record: _Record, person: Person) -> bool:
    has_contact = person.contact in record.said and person.contact in tokens(record.said)
    return has_contact or not person.bookings.isdisjoint(guids_in(record.said))


def _has_text(record: _Record, sought: tuple[Sought, ...]) -> bool:
    return any(one.found_in(record.said) for one in sought) or (record.is_cut and is_cut_within(record.said, sought))


def _has_name(record: _Record, person: Person) -> bool:
    """Whether first and last name stand apart in the record: as a contact's, or anywhere where no contact is told."""
    named = {words_of(name): name for name in person.names}
    named = {words: name for words, name in named.items() if all(word in record.said for word in words)}
    if not named:
        return False
    contacts = contacts_in(record.raw)
    if not contacts:
        said = set(words_of(record.said))
        return any(len(words) > 1 and said.issuperset(words) for words in named if named[words] not in person.shared)
    return any(_is_named(told, named, person) for told in contacts)


def _is_named(told: ContactTold, named: dict[tuple[str, ...], str], person: Person) -> bool:
    name = named.get(words_of(told.name or ""))
    if name is None:
        return False
    return name not in person.shared or told.contact_id is None or folded(told.contact_id) == person.contact


def _is_of_others(connection: duckdb.DuckDBPyConnection, contact: str, name: str) -> bool:
    return bool(connection.execute(_sql("name_of_others"), {"contact": contact, "name": name}).fetchall())
