"""The kind of a flat file: that of most of its columns, or the one that is said if its columns are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import Load
from support.records import Make, event, guid
from support.samples import few

import pipeline
from pipeline.decode.flat import decode_flat
from pipeline.faults import Refused
from pipeline.store.opening import Store
from queries.model.entities import ENTITIES
from queries.model.vocabularies import ENTITY_OF_KIND

BOOKING = "id,status,serviceId,scheduleId,eventId,startDate,endDate,timezone,totalParticipants,contactId"


def kind_of(entity: str) -> str:
    return next(kind for kind, of in ENTITY_OF_KIND.items() if of == entity)


KINDS = [
    (BOOKING, "booking"),
    ("id,status,scheduleId,startDate,contactId", "booking"),
    ("id,status,scheduleId,startDate,paymentStatus", "booking"),
    ("id,status,startDate,scheduleId,totalParticipants", "booking"),
    ("id,status,startDate", "booking"),
    ("id,scheduleId,startDate,endDate,timezone,status", "session"),
    ("id,scheduleId,startDate,totalCapacity,status", "session"),
    ("id,bookingId,eventId,status,numberOfAttendees", "attendance"),
    ("bookingId,status", "attendance"),
    ("id,bookingId,eventId,status,startDate,timezone", "attendance"),
    ("id,name,type,defaultCapacity", "service"),
    ("id,name", "service"),
    *((",".join([*entity.names, "load_id"]), kind_of(name)) for name, entity in ENTITIES.items()),
]


def flat(columns: str) -> pl.DataFrame:
    return pl.DataFrame({"record": [0], **dict.fromkeys(columns.split(","), "x")})


@pytest.mark.parametrize(("columns", "kind"), KINDS)
def test_the_kind_that_explains_most_columns_wins(columns: str, kind: str) -> None:
    decoded = decode_flat(flat(columns), None)
    assert (dict(decoded.kinds), list(decoded.raw_frames)) == ({kind: 1}, [ENTITY_OF_KIND[kind]])


SAID = [
    (BOOKING, "booking", None),
    (BOOKING, "session", None),
    (BOOKING, "extended-booking", None),
    (BOOKING, "attendance", "bookingId"),
    (BOOKING, "service", "name"),
    ("bookingId,eventId,status", "booking", "id"),
    ("bookingId,eventId,status", "session", "id and startDate"),
    ("bookingId,status", "attendance-event", None),
    ("colour,size", "service", "id and name"),
]


@pytest.mark.parametrize(("columns", "kind", "missing"), SAID)
def test_the_kind_that_is_said_is_obeyed_if_its_columns_are_there(columns: str, kind: str, missing: str | None) -> None:
    if missing is None:
        assert dict(decode_flat(flat(columns), kind).kinds) == {kind: 1}
        return
    with pytest.raises(Refused) as refused:
        decode_flat(flat(columns), kind)
    assert refused.value.code == "file.wrong_kind"
    assert f"--kind says {kind}, but the file lacks {missing}" in refused.value.message


def test_bookings_with_their_schedule_meet_their_attendance(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        f"{guid(n)},CONFIRMED,{guid(9)},schedule-1,{event(n)},2026-03-0{n}T17:00:00Z,,Europe/London,1,c{n}"
        for n in (1, 2, 3, 4)
    ]
    marks = [f"{guid(n)},{event(n)},{'NOT_' * (n == 1)}ATTENDED" for n in (1, 2, 3, 4)]
    (tmp_path / "bookings.csv").write_text("\n".join([BOOKING, *rows, ""]))
    (tmp_path / "attendances.csv").write_text("\n".join(["bookingId,eventId,status", *marks, ""]))
    outcomes = pipeline.ingest(store, [tmp_path / "bookings.csv", tmp_path / "attendances.csv"])
    assert [(o.kind, o.loaded) for o in outcomes] == [("booking", 4), ("attendance", 4)]
    found = con.execute("select outcome, count(*) from booking_session group by outcome order by outcome").fetchall()
    assert found == [("attended", 3), ("not_attended", 1)]


def tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    return {
        name: connection.execute(f"select {', '.join(entity.names)} from {name} order by all").fetchall()
        for name, entity in ENTITIES.items()
    }


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_our_own_tables_come_back_as_they_were(
    store: Store, tmp_path: Path, make: type[Make], load: Load, format: str
) -> None:
    """Instants without a zone are UTC there, also beside a time zone that would make other moments of them."""
    course = {"schedule": {"scheduleId": "s", "serviceId": guid(1, 3), "timezone": "America/New_York"}}
    load(
        {"id": guid(1, 3), "name": 'Yoga, "slow"', "type": "CLASS", "defaultCapacity": 12},
        {
            "id": event(7),
            "scheduleId": "s",
            "start": {"timestamp": "2026-03-08T06:30:00.123456Z", "timeZone": "America/New_York"},
        },
        make.booking(1, slot={"timezone": "America/New_York", "startDate": "2026-03-08T06:30:00Z"}),
        make.booking(2, canceledDate="2026-03-01T10:00:00Z", status="CANCELED", revision="3"),
        make.booking(3) | {"bookedEntity": {**course, "title": "Course", "tags": ["COURSE"]}},
        make.attendance(1, startDate="2026-07-01T10:00:00Z", timezone="Asia/Tokyo", updatedDate="2026-07-02T00:00:00Z"),
        make.attendance(2, "NOT_ATTENDED", eventId=None, sessionId="old-session"),
        {"booking": make.booking(4), "order": make.order(4, balance="-0.10")},
        make.fee(4, "0.05"),
    )
    before = tables(store.connection)
    assert {name: len(rows) for name, rows in before.items()} == {
        "service": 1, "session": 1, "booking": 4, "attendance": 2, "payment": 1, "fee": 1,
    }  # fmt: skip
    for name in before:
        store.connection.execute(f"copy {name} to '{tmp_path}/{name}.{format}'")
    with pipeline.open_store(tmp_path / "again.duckdb") as again:
        outcomes = pipeline.ingest(again, [tmp_path / f"{name}.{format}" for name in before])
        counts = {"booking-fee" if name == "fee" else name: (len(rows), 0) for name, rows in before.items()}
        assert {o.kind: (o.loaded, o.quarantined) for o in outcomes} == counts
        assert tables(again.connection) == before
        ignored = again.connection.execute("select map_keys(ignored_fields) from load_ledger").fetchall()
        assert {name for (names,) in ignored for name in names} == set()


def test_times_of_other_tables_stay_local(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Without the column `load_id` a file is not one of ours, whatever the others are called."""
    (tmp_path / "a.csv").write_text(
        f"id,status,starts_at,time_zone\n{guid(1)},CONFIRMED,2026-06-01 10:00:00,Asia/Tokyo\n"
    )
    pipeline.ingest(store, [tmp_path / "a.csv"])
    assert con.execute("select starts_at::varchar from booking").fetchall() == [("2026-06-01 01:00:00",)]


ROUNDED = ["4.87E+08", "4.87e+08", "4,87E+08", "1E+12", " 4.87E+08 "]


@pytest.mark.parametrize("text", few(ROUNDED, 2))
@pytest.mark.parametrize(
    ("column", "kind"), [("id", "booking"), ("contactId", "booking"), ("serviceId", "booking"), ("eventId", "booking"),
                         ("id", "session"), ("bookingId", "attendance")],
)  # fmt: skip
def test_ids_that_a_spreadsheet_rounded_are_set_aside(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, column: str, kind: str
) -> None:
    sound: dict[str, dict[str, str]] = {
        "booking": {"id": guid(1), "status": "CONFIRMED", "startDate": "2026-06-01T10:00:00Z", "contactId": "1E12",
                    "serviceId": guid(2), "eventId": event(1)},
        "session": {"id": "s", "scheduleId": "2.5", "startDate": "2026-06-01T10:00:00Z"},
        "attendance": {"bookingId": guid(1), "status": "ATTENDED", "eventId": event(1)},
    }  # fmt: skip
    rows = [sound[kind], sound[kind] | {column: text}]
    lines = [",".join(f'"{value}"' for value in row.values()) for row in rows]
    (tmp_path / "a.csv").write_text("\n".join([",".join(sound[kind]), *lines, ""]))
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.csv"])
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    ((rule, message),) = con.execute("select rule, message from quarantine").fetchall()
    assert rule == "rounded_id"
    assert "a number that a spreadsheet rounded" in message
