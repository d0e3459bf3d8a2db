"""Every shape that exports come in: pages, lists, objects, first version and current, wire and SDK spelling."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import Load, LoadFile
from support.records import Make
from support.samples import few

import pipeline
from pipeline.store.opening import Store


@pytest.fixture
def load_text(store: Store, tmp_path: Path) -> LoadFile:
    def load(text: str, name: str, **options: Any) -> Any:
        path = tmp_path / name
        data = text.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        (outcome,) = pipeline.ingest(store, [path], **options)
        return outcome

    return load


@pytest.mark.parametrize("zipped", few([".gz", ""], 1))
@pytest.mark.parametrize(
    "wrap",
    [
        lambda a: a,
        lambda a: [a],
        lambda a: {"attendance": a},
        lambda a: {"attendances": [a], "pagingMetadata": {"cursors": {}, "hasNext": False}},
        lambda a: {"pagingMetadata": {"hasNext": False}, "attendances": [a]},
        lambda a: {"items": [a]},
    ],
)
def test_attendances_in_any_wrapping(load_text: LoadFile, make: type[Make], wrap: Any, zipped: str) -> None:
    document = json.dumps(wrap(make.attendance(1)))
    for name in (f"a.json{zipped}", f"a.ndjson{zipped}"):
        outcome = load_text(document + "\n" * name.startswith("a.nd"), name)
        assert (outcome.refused, outcome.kind, outcome.read) == (None, "attendance", 1)


def test_a_file_of_pages_a_line(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    page = {"attendances": [make.attendance(1), make.attendance(2, "NO")]}
    outcome = load(page, {"attendances": [make.attendance(3)]}, [make.attendance(4)], make.attendance(5))
    assert (outcome.read, outcome.loaded) == (5, 4)
    assert con.execute("select line, index from quarantine").fetchall() == [(1, 1)]


def test_an_empty_list_is_no_mistake(load_text: LoadFile) -> None:
    assert load_text("[]", "a.json").to_json() == {
        "file": load_text("[]", "a.json").file,
        "kind": "nothing",
        "read": 0,
        "loaded": 0,
        "unchanged": 0,
        "duplicate": 0,
        "left_out": 0,
        "stale": 0,
        "quarantined": 0,
        "refused": None,
        "replaced": 0,
        "distinct": {},
        "gone": {},
        "findings": (),
        "format": None,
    }


def test_the_last_page_of_more_is_told(load_text: LoadFile, make: type[Make]) -> None:
    page = {"attendances": [make.attendance(1)], "pagingMetadata": {"hasNext": True}}
    assert load_text(json.dumps(page), "a.json").warnings == ("file.page_of_more",)


def test_sdk_spelling(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    record = make.attendance(1)
    load({"_id": record.pop("id"), "_updatedDate": "2026-03-03T10:00:00.000Z", **record})
    assert con.execute("select id::varchar, updated_at::varchar from attendance").fetchall() == [
        (make.guid(1, 2), "2026-03-03 10:00:00")
    ]


def test_extended_bookings_tie_attendance_to_the_slot(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    outcome = load(
        {
            "extendedBookings": [
                {
                    "booking": make.booking(1, 2),
                    "attendance": {"id": make.guid(1, 2), "status": "ATTENDED", "numberOfAttendees": 2},
                },
                {"booking": make.booking(2)},
            ],
            "pagingMetadata": {"hasNext": False},
        }
    )
    assert (outcome.kind, outcome.read, outcome.loaded) == ("extended-booking", 2, 2)
    assert con.execute("select booking_id::varchar, event_id, status from attendance").fetchall() == [
        (make.guid(1, 1), make.event(1), "ATTENDED")
    ]
    assert con.execute("select outcome from booking_session order by booking_id").fetchall() == [
        ("attended",),
        ("unmarked",),
    ]


def test_an_extended_booking_is_loaded_whole_or_not_at_all(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    outcome = load({"booking": make.booking(1), "attendance": {"status": "MAYBE"}}, {"booking": make.booking(2)})
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    assert con.execute("select id::varchar from booking").fetchall() == [(make.guid(2, 1),)]


def test_the_first_version_of_a_booking(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(
        {
            "booking": {
                "id": make.guid(1, 1),
                "status": "CONFIRMED",
                "created": "2026-02-01T10:00:00.000Z",
                "bookedEntity": {
                    "serviceId": make.guid(1, 3),
                    "scheduleId": "schedule-1",
                    "title": "Class",
                    "tags": ["GROUP"],
                    "singleSession": {
                        "sessionId": "s" * 120,
                        "start": "2026-02-02T10:00:00Z",
                        "end": "2026-02-02T11:00:00Z",
                    },
                    "rate": {"labeledPriceOptions": {"general": {"amount": "14", "currency": "EUR"}}},
                },
                "bookedResources": [{"id": "r1", "name": "", "email": "x@example.com"}],
                "formInfo": {
                    "contactDetails": {"firstName": "Kim", "lastName": "Lee"},
                    "paymentSelection": [{"numberOfParticipants": 2}, {"numberOfParticipants": 1}],
                },
                "attendanceInfo": {"attendanceStatus": True, "numberOfAttendees": 2},
            }
        }
    )
    fact = con.execute(
        "select session_id, service_type, staff_id, booked, came, outcome, price, currency from booked_session"
    ).fetchall()
    assert [(*row[:6], float(row[6]), row[7]) for row in fact] == [
        ("s" * 120, "CLASS", "r1", 3, 2, "attended", 14.0, "EUR")
    ]


@pytest.mark.parametrize(
    ("headcount", "expected"),
    [
        ({"totalParticipants": [1, 1]}, 2),
        ({"totalParticipants": None, "participantsChoices": {"serviceChoices": [{"numberOfParticipants": 3}]}}, 3),
        ({"totalParticipants": None, "numberOfParticipants": 4}, 4),
        ({"totalParticipants": 0}, 0),
    ],
)
def test_the_headcount_wherever_it_is(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, headcount: dict[str, Any], expected: int
) -> None:
    load(make.booking(1) | headcount)
    assert con.execute("select participants from booking").fetchall() == [(expected,)]
    assert con.execute("select booked from booking_session").fetchall() == [(max(1, expected),)]


CALENDAR_V2 = {
    "id": "v" * 334,
    "scheduleId": "schedule-1",
    "scheduleOwnerId": "00000003-0000-4000-8000-000000000001",
    "start": {"timestamp": "2026-03-02T18:00:00Z", "timeZone": "Europe/Berlin"},
    "end": {"timestamp": "2026-03-02T19:00:00Z", "timeZone": "Europe/Berlin"},
    "capacity": 12,
    "status": "CONFIRMED",
    "participants": [{"id": "x", "partySize": 1}],
}
EVENTS_V3 = {
    "id": "e" * 36,
    "scheduleId": "schedule-1",
    "serviceId": "00000003-0000-4000-8000-000000000001",
    "title": "Pottery",
    "start": {"localDate": "2026-03-02T19:00:00", "timeZone": "Europe/Berlin"},
    "end": {"localDate": "2026-03-02T20:00:00", "timeZone": "Europe/Berlin"},
    "totalCapacity": 12,
}


@pytest.mark.parametrize("record", [CALENDAR_V2, EVENTS_V3])
def test_calendar_events_of_both_versions(load: Load, con: duckdb.DuckDBPyConnection, record: dict[str, Any]) -> None:
    assert load(record).kind == "session"
    row = con.execute("select starts_at::varchar, ends_at::varchar, time_zone, capacity, status from session")
    assert row.fetchall() == [("2026-03-02 18:00:00", "2026-03-02 19:00:00", "Europe/Berlin", 12, "CONFIRMED")]


SCHEDULE = {"scheduleId", "scheduleOwnerId"}


@pytest.mark.parametrize("left_out", [{"end"}, SCHEDULE, {"end"} | SCHEDULE, {"end", "capacity", "status"} | SCHEDULE])
@pytest.mark.parametrize("start", ["2026-03-02T18:00:00Z", CALENDAR_V2["start"], EVENTS_V3["start"]])
def test_a_calendar_event_needs_neither_an_end_nor_a_schedule(
    load: Load, con: duckdb.DuckDBPyConnection, left_out: set[str], start: object
) -> None:
    event = {name: value for name, value in CALENDAR_V2.items() if name not in left_out} | {"start": start}
    outcome = load(event)
    assert (outcome.kind, outcome.loaded) == ("session", 1)
    row = con.execute("select starts_at::varchar, ends_at is null from session")
    assert row.fetchall() == [("2026-03-02 18:00:00", "end" in left_out)]


def test_services(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    service = {"id": make.guid(1, 3), "name": "Yoga", "type": "CLASS", "defaultCapacity": 12, "hidden": False}
    assert load({"services": [service]}).kind == "service"
    assert con.execute("select name, type, default_capacity from service").fetchall() == [("Yoga", "CLASS", 12)]


def test_csv_with_wire_names(load_text: LoadFile, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    text = (
        "id,bookingId,eventId,status,numberOfAttendees,note\r\n"
        f'{make.guid(1, 2)},{make.guid(1, 1)},{make.event(1)},ATTENDED,2,"two\r\nlines, and a comma"\r\n'
        f"{make.guid(2, 2)},{make.guid(2, 1)},{make.event(2)},NOT_SET,,\r\n"
        f"{make.guid(3, 2)},{make.guid(3, 1)},{make.event(3)},ATTENDED\r\n"
        f"{make.guid(4, 2)},{make.guid(4, 1)},{make.event(4)},ATTENDED,two,\r\n"
    )
    outcome = load_text(text, "a.csv")
    assert (outcome.kind, outcome.read, outcome.loaded, outcome.quarantined) == ("attendance", 4, 2, 2)
    assert con.execute("select number_of_attendees from attendance order by id").fetchall() == [(2,), (1,)]
    assert con.execute("select rule, line from quarantine order by line").fetchall() == [
        ("csv_field_count", 5),
        ("attendees_type", 6),
    ]


def test_csv_with_semicolons_and_a_byte_order_mark(load_text: LoadFile, make: type[Make]) -> None:
    text = f"\ufeffid;bookingId;eventId;status\n{make.guid(1, 2)};{make.guid(1, 1)};{make.event(1)};ATTENDED\n"
    outcome = load_text(text, "a.csv")
    assert (outcome.loaded, outcome.warnings) == (1, ("file.bom",))


@pytest.mark.parametrize("zipped", [False, True])
def test_flat_parquet(
    store: Store, tmp_path: Path, make: type[Make], con: duckdb.DuckDBPyConnection, zipped: bool
) -> None:
    rows = [make.attendance(n, attendees=2) for n in (1, 2, 3)]
    path = tmp_path / "a.parquet"
    pl.DataFrame(rows).with_columns(
        pl.col("numberOfAttendees").cast(pl.Float64), pl.col("status").cast(pl.Categorical)
    ).write_parquet(path)
    if zipped:
        path.with_suffix(".parquet.gz").write_bytes(gzip.compress(path.read_bytes()))
        path = path.with_suffix(".parquet.gz")
    (outcome,) = pipeline.ingest(store, [path])
    assert (outcome.loaded, outcome.quarantined) == (3, 0)
    assert con.execute("select distinct number_of_attendees from attendance").fetchall() == [(2,)]


def test_odd_columns_of_parquet_do_no_harm(
    store: Store, tmp_path: Path, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "a.parquet"
    zoned = pl.lit(dt.datetime(2026, 3, 1, 10)).dt.replace_time_zone("Europe/Berlin")  # noqa: DTZ001
    pl.DataFrame([make.attendance(1)]).with_columns(
        updatedDate=zoned, photo=pl.lit(b"\x00\xff"), nothing=pl.lit(None), day=pl.lit(dt.date(2026, 3, 1))
    ).write_parquet(path)
    (outcome,) = pipeline.ingest(store, [path])
    assert (outcome.loaded, outcome.quarantined) == (1, 0)
    assert con.execute("select updated_at::varchar from attendance").fetchall() == [("2026-03-01 09:00:00",)]


def test_nested_parquet(store: Store, tmp_path: Path, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame([make.booking(1, 2), make.booking(2)]).write_parquet(path)
    (outcome,) = pipeline.ingest(store, [path])
    assert (outcome.kind, outcome.loaded) == ("booking", 2)
    assert con.execute("select event_id, participants from booking order by id").fetchall() == [
        (make.event(1), 2),
        (make.event(2), 1),
    ]


def test_a_folder_is_loaded_in_order_and_what_is_passed_over_is_told(
    store: Store, tmp_path: Path, make: type[Make]
) -> None:
    folder = tmp_path / "exports"
    (folder / "later").mkdir(parents=True)
    (folder / "b.json").write_text(json.dumps([make.attendance(2)]))
    (folder / "later" / "a.ndjson").write_text(json.dumps(make.attendance(1)) + "\n")
    (folder / "notes.txt").write_text("hello")
    (folder / ".hidden.json").write_text("broken")
    passed_over: list[Path] = []
    outcomes = pipeline.ingest(store, [folder], passed_over=passed_over.append)
    assert [Path(outcome.file).name for outcome in outcomes] == ["b.json", "a.ndjson"]
    assert sorted(path.name for path in passed_over) == [".hidden.json", "notes.txt"]
