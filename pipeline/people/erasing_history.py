"""Erase a person from the earlier versions of rows and from the findings of loads, within the caller's transaction."""

from __future__ import annotations

import json

import duckdb

from pipeline.people.mentions import Person, texts_of
from pipeline.people.personal_text import Sought, plain, without
from pipeline.store.content_state import tracked
from queries.model.entities import TABLES


def erase_history(connection: duckdb.DuckDBPyConnection, person: Person, sought: tuple[Sought, ...]) -> int:
    """Take the person out of earlier versions of rows and of findings; return the number of rows changed.

    An earlier version of a booking of theirs stays without the contact, as the booking does. Any other that mentions
    them goes: should its load be taken back, that row does not come back.
    """
    with tracked(connection, "replaced_row"), tracked(connection, "load_finding"):
        return _erase_versions(connection, person) + _erase_findings(connection, sought)


def _erase_versions(connection: duckdb.DuckDBPyConnection, person: Person) -> int:
    texts = texts_of(person)
    rewritten, gone = [], []
    # Records taken out of quarantine are erased with those in it.
    rows = connection.execute(
        "select rowid, entity, content from internal.replaced_row where entity <> 'quarantine'"
    ).fetchall()
    for row, entity, content in rows:
        left = _without_contact(entity, content, person)
        if any(text.found_in(plain(left)) for text in texts):
            gone.append(row)
        elif left != content:
            rewritten.append((left, row))
    if rewritten:
        connection.executemany("update internal.replaced_row set content = $1 where rowid = $2", rewritten)
    connection.execute("delete from internal.replaced_row where list_contains($rows::bigint[], rowid)", {"rows": gone})
    return len(rewritten) + len(gone)


def _without_contact(entity: str, content: str, person: Person) -> str:
    """The version of a row without the columns that identify a person, if it is one of theirs."""
    personal = TABLES[entity].personal
    if not personal:
        return content
    values = json.loads(content)
    is_theirs = (values.get("contact_id") or "").casefold() == person.contact or values["id"] in person.bookings
    return json.dumps(values | {column.name: None for column in personal}) if is_theirs else content


def _erase_findings(connection: duckdb.DuckDBPyConnection, sought: tuple[Sought, ...]) -> int:
    found = connection.execute("select rowid, value from load_finding where value is not null").fetchall()
    changed = [(without(value, sought), row) for row, value in found if without(value, sought) != value]
    if changed:
        connection.executemany("update load_finding set value = $1 where rowid = $2", changed)
    return len(changed)
