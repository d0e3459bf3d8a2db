"""Webhook bodies through ingest: ordered by their sequence; deletions that stay; people who are to be forgotten."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Load, Run, Write
from support.records import Make

import pipeline
import queries

CONTACT = "b6419c6a-9e44-5d09-803d-8b0f45406dc7"
SAID = {"contactDetails": {"contactId": CONTACT, "firstName": "Emma", "lastName": "Adler"}}


@pytest.fixture
def event(make: type[Make]) -> Any:
    """The body of an event of an attendance: the change, its number among the events, and its minute."""

    def body(
        slug: str, number: int, sequence: int | str, minute: int, status: str = "ATTENDED", **more: Any
    ) -> dict[str, Any]:
        record = {
            "id": make.guid(1000 + minute, 9),
            "entityFqdn": "wix.bookings.v2.attendance",
            "slug": slug,
            "entityId": make.guid(number, 2),
            "eventTime": f"2026-03-03T10:{minute:02d}:00.123Z",
            "entityEventSequence": str(sequence),
            "triggeredByAnonymizeRequest": False,
        }
        text = json.dumps(make.attendance(number, status))
        parts = {
            "created": {"createdEvent": {"entityAsJson": text}},
            "updated": {"updatedEvent": {"currentEntityAsJson": text}},
            "deleted": {"deletedEvent": {}},
        }
        return record | parts[slug] | more

    return body


def marks(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("select right(id::varchar, 2)::int, status from attendance order by 1").fetchall()


def gone(con: duckdb.DuckDBPyConnection) -> list[int]:
    found = con.execute("select right(id::varchar, 2)::int from deleted_attendance order by 1").fetchall()
    return [number for (number,) in found]


def test_events_count_in_the_order_of_their_sequence(load: Load, con: duckdb.DuckDBPyConnection, event: Any) -> None:
    """As numbers, whatever their order in the file and whatever their clocks say."""
    events = [
        event("updated", 1, 10, 5, "NOT_ATTENDED"),
        event("created", 1, 9, 6),
        event("updated", 2, "18446744073709551615", 1, "NOT_ATTENDED"),
        event("updated", 2, "18446744073709551614", 9),
        event("deleted", 3, 4, 1),
        event("updated", 3, 3, 9),
        event("deleted", 4, 2, 9),
        event("updated", 4, 11, 1),
    ]
    outcome = load(*events, events[0])
    assert marks(con) == [(1, "NOT_ATTENDED"), (2, "NOT_ATTENDED"), (4, "ATTENDED")]
    assert gone(con) == [3]
    assert (outcome.kind, outcome.read, outcome.loaded, outcome.stale) == ("attendance-event", 9, 4, 4)
    assert (outcome.duplicate, outcome.quarantined) == (1, 0)


@pytest.mark.parametrize("orders", [2, pytest.param(6, marks=pytest.mark.long)])
def test_files_in_any_order_come_to_the_same(db: Path, event: Any, write: Write, tmp_path: Path, orders: int) -> None:
    events = [
        event(*each) for each in (("created", 1, 1, 1), ("updated", 1, 2, 2, "NOT_ATTENDED"), ("deleted", 1, 3, 3))
    ]
    events += [event("created", 2, 1, 4), event("deleted", 2, 2, 5), event("updated", 2, 3, 6, "NOT_ATTENDED")]
    files = [write(one) for one in events]
    for seed in range(orders):
        random.Random(seed).shuffle(files)
        with pipeline.open_store(tmp_path / f"{seed}.duckdb", settings=pipeline.Settings.model_validate({})) as store:
            pipeline.ingest(store, files)
            assert marks(store.connection) == [(2, "NOT_ATTENDED")], seed
            assert gone(store.connection) == [1], seed


def test_a_deletion_outlives_older_exports_and_gives_way_to_newer_ones(
    load: Load, con: duckdb.DuckDBPyConnection, event: Any, make: type[Make]
) -> None:
    load(make.attendance(1))
    load(event("deleted", 1, 7, 30))
    assert (marks(con), gone(con)) == ([], [1])
    for older in (make.attendance(1, note="undated"), make.attendance(1, updatedDate="2026-03-03T10:29:00Z")):
        assert load(older).stale == 1
        assert (marks(con), gone(con)) == ([], [1])
    assert load(event("deleted", 1, 7, 30, originatedFrom="again")).unchanged == 1
    assert load(make.attendance(1, updatedDate="2026-03-03T10:31:00Z")).loaded == 1
    assert (marks(con), gone(con)) == ([(1, "ATTENDED")], [])
    assert load(event("deleted", 1, 6, 20)).stale == 1
    assert marks(con) == [(1, "ATTENDED")]


def test_a_deletion_may_come_before_what_it_deletes(
    load: Load, con: duckdb.DuckDBPyConnection, event: Any, make: type[Make]
) -> None:
    assert load(event("deleted", 1, 7, 30)).loaded == 1
    assert load(make.attendance(1, updatedDate="2026-03-03T10:00:00Z")).stale == 1
    assert marks(con) == []


def test_a_mark_made_anew_after_a_deletion_is_another(
    load: Load, con: duckdb.DuckDBPyConnection, event: Any, make: type[Make]
) -> None:
    """Its sequence begins again: sequences of two attendances are not held against each other."""
    load(event("created", 1, 5, 1))
    anew = event("created", 2, 1, 9, "NOT_ATTENDED")
    anew["createdEvent"]["entityAsJson"] = json.dumps(make.attendance(1, "NOT_ATTENDED", id=make.guid(2, 2)))
    load(event("deleted", 1, 6, 8), anew)
    assert (marks(con), gone(con)) == ([(2, "NOT_ATTENDED")], [1])


@pytest.mark.parametrize("shape", ["wrapped", "token", "sdk", "object", "list"])
def test_every_shape_of_a_body(
    load: Load, con: duckdb.DuckDBPyConnection, event: Any, make: type[Make], shape: str
) -> None:
    body = event("updated", 1, 3, 1, "NOT_ATTENDED")
    entity = {**make.attendance(1, "NOT_ATTENDED"), "_id": make.guid(1, 2)}
    wrapped = {"data": json.dumps(body), "eventType": "wix.bookings.v2.attendance_updated", "instanceId": "i"}
    metadata = {name: body[name] for name in ("entityId", "eventTime", "entityEventSequence")}
    bodies = {
        "wrapped": wrapped,
        "token": {"data": json.dumps(wrapped), "iat": 1772532060, "exp": 1772535660},
        "sdk": {"metadata": {**metadata, "_id": "x"}, "entity": entity},
        "object": {**body, "updatedEvent": {"currentEntity": make.attendance(1, "NOT_ATTENDED")}},
        "list": json.dumps([body]),
    }
    outcome = load(bodies[shape])
    assert (outcome.loaded, outcome.quarantined) == (1, 0)
    assert marks(con) == [(1, "NOT_ATTENDED")]
    assert con.execute("select event_sequence::int from attendance").fetchall() == [(3,)]


def test_the_sdks_deleted_event_is_its_metadata(load: Load, con: duckdb.DuckDBPyConnection, event: Any) -> None:
    body = event("deleted", 1, 3, 1)
    load({"metadata": {name: body[name] for name in ("entityId", "eventTime", "entityEventSequence")}})
    assert gone(con) == [1]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"entityFqdn": "wix.bookings.v2.booking"}, "field_type /entityFqdn"),
        ({"entityId": "seven"}, "id_format /entityId"),
        ({"eventTime": "yesterday"}, "instant_format /eventTime"),
        ({"entityEventSequence": "1.5"}, "number_type /entityEventSequence"),
        ({"entityEventSequence": "9" * 21}, "number_range /entityEventSequence"),
        ({"slug": "updated", "deletedEvent": None}, "field_type /entity"),
        ({"slug": "updated", "deletedEvent": None, "updatedEvent": {"entityAsJson": "{"}}, "field_type /entityAsJson"),
    ],
)
def test_what_is_no_event_is_set_aside(
    load: Load, con: duckdb.DuckDBPyConnection, event: Any, changes: dict[str, Any], rule: str
) -> None:
    outcome = load(event("deleted", 1, 1, 1) | changes, event("deleted", 2, 2, 2))
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    assert con.execute("select rule || ' ' || pointer from quarantine").fetchall() == [(rule,)]


@pytest.mark.long
@pytest.mark.parametrize("order", ["mark first", "event first"])
def test_an_anonymize_request_erases_the_person(
    db: Path, run: Run, write: Write, event: Any, make: type[Make], order: str
) -> None:
    exported = write(make.booking(1, **SAID), make.booking(2), make.attendance(1), make.attendance(2))
    deletion = write(event("deleted", 1, 2, 5, triggeredByAnonymizeRequest=True))
    for file in (exported, deletion) if order == "mark first" else (deletion, exported):
        result = run("ingest", file, "--db", db)
        assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines()[-1] == "noshow: 1 contact erased, as the source asked"
    with queries.connect(db) as con:
        named = con.execute("select count(*), count(contact_id), count(contact_name) from booking").fetchall()
    assert named == [(2, 1, 1)]
    assert not [path for path in db.parent.glob("attendance.*") if b"Adler" in path.read_bytes()]
    again = run("ingest", exported, "--db", db)
    assert "erased" not in again.stderr
