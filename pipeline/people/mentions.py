"""Find records in quarantine, or taken out of it, that mention a person, and further texts that identify them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import duckdb

from pipeline.people.personal_text import (
    SHORT_ID,
    ContactDetails,
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
# Quarantined records, and those that a later load took out of quarantine and `noshow unload` can put back.
_RECORDS = (
    "select load_id, record, raw, concat_ws(' ', pointer, message, value, row_key, broken), raw_bytes > strlen(raw) "
    "from (select load_id, record, raw, pointer, message, value, row_key, raw_bytes, "
    "array_to_string(also_broken, ' ') as broken from quarantine union all "
    "select load_id, (content ->> 'record')::bigint, content ->> 'raw', content ->> 'pointer', content ->> 'message', "
    "content ->> 'value', content ->> 'row_key', (content ->> 'raw_bytes')::bigint, content ->> 'also_broken' "
    "from internal.replaced_row where entity = 'quarantine') order by load_id, record"
)


@dataclass
class Person:
    """The texts that identify a contact.

    `contact` and `bookings` are ids in lower case; `further` are e-mails, phone numbers and other texts. `shared` are
    those of the `names` that others have as well. `is_known`: a booking or record has the contact's id.
    """

    contact: str
    is_known: bool = False
    bookings: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    further: set[str] = field(default_factory=set)

    def sought(self) -> tuple[Sought, ...]:
        """Every text to search for, the id first."""
        return (an_id(self.contact), *map(a_name, sorted(self.names)), *map(a_text, sorted(self.further)))

    def identifiers(self) -> set[str]:
        """The texts to recognise a later record by: all but the names, since someone else may have the same name."""
        return {self.contact, *self.bookings, *self.further}


def read_person(connection: duckdb.DuckDBPyConnection, contact: str, also: tuple[str, ...]) -> Person:
    """Collect the texts that identify a contact from bookings and quarantine; `also` are texts known to do so."""
    person = Person(folded(contact), further=set(also))
    for kind, value in connection.execute(_sql("person"), {"contact": contact}).fetchall():
        (person.names if kind == "name" else person.bookings).add(value)
    person.is_known = bool(person.bookings)
    _learn(connection, person)
    person.shared = {name for name in person.names if _is_of_others(connection, contact, name)}
    return person


def mentions(connection: duckdb.DuckDBPyConnection, person: Person) -> list[tuple[int, int]]:
    """List the records (load_id, record) in quarantine, or taken out of it by a later load, that mention the person.

    A name that others have as well counts only as the name of a booking's contact with the person's id, or no id.
    """
    texts = texts_of(person)
    return [
        record.key
        for record in _records(connection)
        if _has_id(record, person) or _has_text(record, texts) or _has_name(record, person)
    ]


def texts_of(person: Person) -> tuple[Sought, ...]:
    """The texts that identify the person alone: a name that others have as well is left out."""
    names = map(a_name, sorted(person.names - person.shared))
    return (*_ids(person), *_texts(person), *names)


@dataclass(frozen=True, slots=True)
class _Record:
    key: tuple[int, int]
    raw: str
    searchable: str
    is_cut: bool


def _records(connection: duckdb.DuckDBPyConnection) -> Iterator[_Record]:
    result = connection.execute(_RECORDS)
    while rows := result.fetchmany(_BATCH):
        for load_id, record, raw, messages, is_cut in rows:
            yield _Record((load_id, record), raw, plain(f"{messages}\n{raw}"), is_cut)


def _learn(connection: duckdb.DuckDBPyConnection, person: Person) -> None:
    """Add the names, e-mails, phone numbers and booking ids in records that have an id or given text of the person."""
    ids, texts = _ids(person), _texts(person)
    for record in _records(connection):
        has_id = _has_id(record, person) or _has_text(record, ids)
        if not (has_id or _has_text(record, texts)):
            continue
        person.is_known |= has_id
        contacts = contacts_in(record.raw)
        for contact in contacts:
            add_contact(person, contact)
        emails = emails_in(record.searchable)
        # Of several addresses any may be the person's, and one may be that of the business.
        if not contacts and len(emails) == 1:
            person.further |= emails


def add_contact(person: Person, contact: ContactDetails) -> None:
    """Add the details of a record's contact, unless they have the id of someone else."""
    if contact.contact_id and folded(contact.contact_id) != person.contact:
        return
    if contact.name:
        person.names.add(contact.name)
    if contact.booking_id:
        person.bookings.add(folded(contact.booking_id))
    if contact.email:
        person.further.add(contact.email)
    if contact.phone and sum(letter.isdigit() for letter in contact.phone) >= _LEAST_DIGITS:
        person.further.add(contact.phone)


def _texts(person: Person) -> tuple[Sought, ...]:
    return tuple(map(a_text, sorted(person.further)))


def _ids(person: Person) -> tuple[Sought, ...]:
    # A shorter id is looked for as a whole value only, by `_has_id`.
    return (an_id(person.contact),) if len(person.contact) >= SHORT_ID else ()


def _has_id(record: _Record, person: Person) -> bool:
    # The plain search comes first because it is cheap: only few records are split into tokens.
    has_contact = person.contact in record.searchable and person.contact in tokens(record.searchable)
    return has_contact or not person.bookings.isdisjoint(guids_in(record.searchable))


def _has_text(record: _Record, sought: tuple[Sought, ...]) -> bool:
    text = record.searchable
    return any(one.found_in(text) for one in sought) or (record.is_cut and is_cut_within(text, sought))


def _has_name(record: _Record, person: Person) -> bool:
    """Whether a record has all words of a name, though apart: `{"last": "Reyes", "first": "Ana"}`.

    They must be the name of a contact in the record, or stand anywhere in a record without a contact.
    """
    names = {words_of(name): name for name in person.names}
    names = {words: name for words, name in names.items() if all(word in record.searchable for word in words)}
    if not names:
        return False
    contacts = contacts_in(record.raw)
    if not contacts:
        present = set(words_of(record.searchable))
        return any(len(words) > 1 and present.issuperset(words) for words in names if names[words] not in person.shared)
    return any(_is_named(contact, names, person) for contact in contacts)


def _is_named(contact: ContactDetails, names: dict[tuple[str, ...], str], person: Person) -> bool:
    name = names.get(words_of(contact.name or ""))
    if name is None:
        return False
    return name not in person.shared or contact.contact_id is None or folded(contact.contact_id) == person.contact


def _is_of_others(connection: duckdb.DuckDBPyConnection, contact: str, name: str) -> bool:
    return bool(connection.execute(_sql("name_of_others"), {"contact": contact, "name": name}).fetchall())
