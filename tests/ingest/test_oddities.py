"""Oddities of records that are loaded are counted and said: replaced, described differently, uncertain in time."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Load, LoadFile, Run, Write
from support.records import Make

import pipeline
import queries
from pipeline.store.findings import MAX_VALUES, Finding
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
VISITS = """
namespace = "studio"
null = [""]
[service]
id = "class"
name = "class"
default_capacity = "seats"
[session]
id = "class || starts"
serviceId = "class"
startDate = "starts"
timezone = "'Europe/Dublin'"
staff_name = "teacher"
location_name = "room"
[booking]
id = "visit"
status = "'CONFIRMED'"
eventId = "class || starts"
startDate = "starts"
timezone = "'Europe/Dublin'"
createdDate = "booked"
[attendance]
bookingId = "visit"
eventId = "class || starts"
status = "came"
"""
COLUMNS = ("visit", "class", "starts", "teacher", "room", "seats", "came", "booked")
Row = dict[str, str]


def visit(number: int, **changes: str) -> Row:
    usual = {"class": "Yoga", "starts": "2026-03-02 18:00", "teacher": "Ana", "room": "Blue", "seats": "12"}
    return {"visit": str(number), **usual, "came": "ATTENDED", "booked": "2026-03-01 10:00"} | changes


@pytest.fixture
def mapped(store: Store, tmp_path: Path) -> LoadFile:
    def load(*rows: Row, mapping: str = VISITS, name: str = "visits.csv") -> pipeline.FileOutcome:
        (tmp_path / "m.toml").write_text(mapping)
        lines = [",".join(COLUMNS), *(",".join(row[column] for column in COLUMNS) for row in rows), ""]
        (tmp_path / name).write_text("\n".join(lines))
        (outcome,) = pipeline.ingest(store, [tmp_path / name], mapping=tmp_path / "m.toml", now=NOW)
        return outcome

    return load


def found(outcome: pipeline.FileOutcome, kind: str) -> list[tuple[str, str | None, int]]:
    return [(one.place, one.value, one.records) for one in outcome.findings if one.finding == kind]


def test_one_other_teacher_is_a_finding(mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    rows = [visit(n, came="NOT_ATTENDED" if n in (1, 10) else "ATTENDED") for n in range(1, 11)]
    rows[0]["teacher"] = "Bob"
    outcome = mapped(*rows)
    assert (outcome.loaded, outcome.quarantined) == (10, 0)
    rates = queries.no_show_rates(con, by=[], as_of="2026-04-01T00:00:00Z")
    assert rates.select("bookings", "no_shows").rows() == [(10, 2)]
    assert con.execute("select staff_name from session").fetchall() == [("Ana",)]
    assert ("session.staff_name", "Bob", 1) in found(outcome, "described_differently")
    kept = con.execute("select finding, place, value, records from load_finding").fetchall()
    assert [Finding(*row) for row in kept] == list(outcome.findings)
    assert queries.findings(con)["finding"].unique().to_list() == ["described_differently"]


@pytest.mark.parametrize(
    ("changes", "kept", "said"),
    [
        # The first of equals.
        ({1: {"teacher": "Bob"}, 2: {"teacher": "Cleo"}}, ("Bob", "Blue", 12), {("session.staff_name", "Cleo")}),
        ({2: {"teacher": ""}}, ("Ana", "Blue", 12), {("session.staff_name", "")}),
        ({1: {"room": "Red"}, 2: {"room": "Red"}}, ("Ana", "Red", 12), {("session.location_name", "Blue")}),
        ({3: {"seats": "9"}}, ("Ana", "Blue", 12), {("service.default_capacity", "9")}),
    ],
)
def test_the_most_frequent_description_counts(
    mapped: LoadFile,
    con: duckdb.DuckDBPyConnection,
    changes: dict[int, Row],
    kept: tuple[str, str, int],
    said: set[Any],
) -> None:
    rows = [visit(n, **changes.get(n, {})) for n in range(1, 4 if 3 in changes or len(changes) < 2 else 3)]
    rows += [visit(3)] if len(changes) == 2 and "room" in changes[1] else []
    outcome = mapped(*rows)
    assert (outcome.loaded, outcome.quarantined) == (len(rows), 0)
    session = con.execute("select staff_name, location_name from session").fetchall()
    service = con.execute("select default_capacity from service").fetchall()
    assert (*session[0], service[0][0]) == kept
    names = {(place, value) for place, value, _ in found(outcome, "described_differently") if not place.endswith("_id")}
    assert names == said


def test_a_later_version_counts_and_is_no_finding(mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    dated = VISITS.replace('staff_name = "teacher"', 'staff_name = "teacher"\nrevision = "seats"')
    rows = [visit(n, teacher="Ana", seats="1") for n in (1, 2, 3)]
    outcome = mapped(
        *rows, visit(4, teacher="Bob", seats="2"), mapping=dated.replace('default_capacity = "seats"\n', "")
    )
    assert (outcome.loaded, outcome.quarantined, outcome.findings) == (4, 0, ())
    assert con.execute("select staff_name, revision from session").fetchall() == [("Bob", 2)]


def test_a_conflict_in_the_booking_or_mark_sets_aside(mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    outcome = mapped(visit(1), visit(1, came="NOT_ATTENDED"), visit(2), visit(2, booked="2026-03-01 11:00"), visit(3))
    assert (outcome.loaded, outcome.quarantined) == (1, 4)
    assert con.execute("select distinct rule, entity from quarantine").fetchall() == [("duplicate_conflict", "booking")]
    assert con.execute("select staff_name from session").fetchall() == [("Ana",)]


def test_records_that_are_sessions_still_conflict(load: Load, con: duckdb.DuckDBPyConnection, make: type[Make]) -> None:
    session = {"id": "event-1", "start": "2026-03-02T18:00:00Z", "end": "2026-03-02T19:00:00Z", "status": "CONFIRMED"}
    outcome = load(
        session | {"title": "Yoga"}, session | {"title": "Spin"}, session | {"id": "event-2"}, make.booking(1)
    )
    assert (outcome.loaded, outcome.quarantined) == (2, 2)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 8))])
def test_no_booking_is_lost_however_sessions_are_described(
    mapped: LoadFile, con: duckdb.DuckDBPyConnection, seed: int
) -> None:
    draw = random.Random(seed)
    rows = [
        visit(
            n,
            starts=f"2026-03-0{draw.randint(1, 3)} 18:00",
            teacher=draw.choice(["Ana", "Bob", ""]),
            room=draw.choice(["Blue", "Red"]),
            came=draw.choice(["ATTENDED", "NOT_ATTENDED"]),
        )
        for n in range(1, 40)
    ]
    outcome = mapped(*rows)
    assert (outcome.loaded, outcome.quarantined) == (39, 0)
    for starts, teacher, room in con.execute(
        "select strftime(starts_at, '%Y-%m-%d %H:%M'), coalesce(staff_name, ''), location_name from session"
    ).fetchall():
        described = Counter((row["teacher"], row["room"]) for row in rows if row["starts"] == starts)
        assert (teacher, room) == max(described, key=lambda one, of=described: (of[one], -list(of).index(one)))  # type: ignore[misc]


def test_an_undated_record_of_another_file_is_replaced_and_counted(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    first = load(make.booking(1), make.attendance(1), make.attendance(2))
    assert (first.replaced, first.findings) == (0, ())
    outcome = load(make.attendance(1, "NOT_ATTENDED"), make.attendance(2), make.attendance(3))
    assert (outcome.loaded, outcome.unchanged, outcome.replaced) == (2, 1, 1)
    assert found(outcome, "replaced") == [("attendance", first.file, 1)]
    assert queries.loads(con)["replaced"].to_list() == [1, 0]
    assert outcome.to_json()["replaced"] == 1


@pytest.mark.long
def test_a_mapped_mark_is_of_the_session_that_its_row_names(mapped: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    """A visit moved to another class takes its mark along, whether the mapping gives marks an id or not."""
    own_ids = VISITS.replace("[attendance]\n", '[attendance]\nid = "visit"\n')
    for mapping, name in ((VISITS, "a.csv"), (own_ids, "b.csv")):
        first = 1 if mapping is VISITS else 3
        mapped(visit(first), visit(first + 1, came="NOT_ATTENDED"), mapping=mapping, name=name)
        moved = visit(first, starts="2026-03-03 18:00", came="NOT_ATTENDED")
        mapped(moved, visit(first + 1, came="NOT_ATTENDED"), mapping=mapping, name=f"later-{name}")
    rows = con.execute("select starts_at::date::varchar, outcome from booked_session order by all").fetchall()
    assert rows == [("2026-03-02", "not_attended")] * 2 + [("2026-03-03", "not_attended")] * 2


def test_a_mark_made_by_hand_that_an_export_replaces_is_counted(
    mapped: LoadFile, store: Store, con: duckdb.DuckDBPyConnection
) -> None:
    mapped(visit(1), visit(2))
    ((booking, session),) = con.execute("select booking_id::varchar, session_key from attendance limit 1").fetchall()
    mark = {"bookingId": booking, "eventId": session, "status": "NOT_ATTENDED", "numberOfAttendees": 0}
    pipeline.set_attendance(store, {"attendance": mark}, now=NOW)
    outcome = mapped(visit(1), visit(2), visit(3), name="later.csv")
    assert (outcome.replaced, found(outcome, "replaced")) == (1, [("attendance", "set_attendance", 1)])
    # The row is the export's, so it does not have the date of the mark that it replaced.
    assert con.execute("select count(updated_at), count(*) from attendance").fetchall() == [(0, 3)]


@pytest.mark.parametrize("dates", [("2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z"), (None, "2026-03-02T10:00:00Z"),
                                   ("2026-03-01T10:00:00Z", None)])  # fmt: skip
def test_what_a_date_decides_is_not_replaced(
    load: Load, make: type[Make], dates: tuple[str | None, str | None]
) -> None:
    before, after = dates
    load(make.attendance(1, updatedDate=before))
    outcome = load(make.attendance(1, "NOT_ATTENDED", updatedDate=after))
    assert (outcome.loaded, outcome.replaced) == (1, 0 if all(dates) else 1)


def test_the_same_bytes_under_another_treatment_replace_nothing(store: Store, mapped: LoadFile) -> None:
    mapped(visit(1))
    other = VISITS.replace('status = "came"', "status = \"'NOT_ATTENDED'\"")
    assert mapped(visit(1), mapping=other).replaced == 0
    assert mapped(visit(1), visit(2)).replaced == 1


@pytest.mark.long
def test_many_other_files_are_added_up(load: Load, make: type[Make]) -> None:
    for number in range(1, MAX_VALUES + 4):
        load(make.attendance(number))
    outcome = load(*(make.attendance(number, "NOT_ATTENDED") for number in range(1, MAX_VALUES + 4)))
    files = found(outcome, "replaced")
    assert (len(files), files[-1]) == (MAX_VALUES + 1, ("attendance", None, 3))


@pytest.mark.parametrize("time", ["2026-03-29T01:30:00", "2026-10-25T01:30:00"])
@pytest.mark.parametrize(
    ("entity", "column", "field"),
    [
        ("booking", "created_at", "createdDate"),
        ("booking", "canceled_at", "canceledDate"),
        ("booking", "updated_at", "updatedDate"),
        ("attendance", "updated_at", "updatedDate"),
        ("attendance", "status_updated_at", "statusUpdatedDate"),
    ],
)
def test_a_time_in_a_changed_hour_is_left_out(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, entity: str, column: str, field: str, time: str
) -> None:
    made = make.booking(1) if entity == "booking" else make.attendance(1, timezone="Europe/Dublin")
    outcome = load(made | {field: time})
    assert (outcome.loaded, outcome.quarantined) == (1, 0)
    assert found(outcome, "time_uncertain") == [(f"{entity}.{column}", time, 1)]
    assert con.execute(f"select {column} from {entity}").fetchall() == [(None,)]


@pytest.mark.parametrize("field", ["startDate", "endDate"])
def test_start_and_end_still_set_aside(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, field: str
) -> None:
    slot = {"startDate": "2026-03-29T00:30:00", "endDate": "2026-03-29T02:30:00"} | {field: "2026-03-29T01:30:00"}
    outcome = load(make.booking(1, slot=slot, createdDate="2026-03-29T01:30:00"), make.booking(2))
    assert (outcome.quarantined, outcome.findings) == (1, ())
    assert con.execute("select rule from quarantine").fetchall() == [("local_time_nonexistent",)]


def test_different_things_are_counted(mapped: LoadFile, load: Load, make: type[Make]) -> None:
    rows = [visit(n, starts=f"2026-03-0{n % 2 + 1} 18:00") for n in range(1, 15)]
    distinct = {"booking": 14, "attendance": 14, "session": 2, "service": 1}
    assert mapped(*rows, rows[0]).distinct == distinct
    assert load(*(make.booking(n) for n in (1, 2)), make.attendance(1)).distinct == {
        "booking": 2,
        "attendance": 1,
        "session": 2,
        "service": 1,
    }


def test_it_is_said_after_the_load(run: Run, write: Write, make: type[Make]) -> None:
    first = write(make.attendance(1), name="first")
    second = write(
        make.attendance(1, "NOT_ATTENDED"), make.booking(2, createdDate="2026-03-29T01:30:00"), name="second"
    )
    done = run("ingest", first, second)
    assert done.returncode == 0
    for words in (
        "1 booking, 1 mark, 2 sessions, 1 service",
        f"1 record took the place of others of {first} (attendance)",
        "booking.created_at: left empty in 1 record: a clock change skips or repeats the hour, such as",
    ):
        assert words in done.stdout


@pytest.mark.long
def test_unknown_values_are_said_checked_and_refused(run: Run, tmp_path: Path) -> None:
    mapping = VISITS.replace('status = "came"', "status = \"case came when 'ATTENDED' then came else 'NOT_SET' end\"")
    (tmp_path / "m.toml").write_text(mapping)
    rows = [visit(1), visit(2, came="Nicht erschienen"), visit(3, came="nicht gekommen"), visit(4, came="")]
    lines = [",".join(COLUMNS), *(",".join(row[column] for column in COLUMNS) for row in rows), ""]
    (tmp_path / "visits.csv").write_text("\n".join(lines))
    refused = run("ingest", "visits.csv", "--mapping", "m.toml", NOSHOW_UNMET_VALUES="refuse")
    assert refused.returncode == 65
    for words in ("file.unmet_values", "came: 'Nicht erschienen' in 1", "[known]"):
        assert words in refused.stderr
    done = run("ingest", "visits.csv", "--mapping", "m.toml")
    assert done.returncode == 0
    assert "came: 1 record says 'Nicht erschienen', which the mapping does not know" in done.stdout
    assert run("check", "--max-unmet", "2").returncode == 0
    failed = run("check", "--max-unmet", "1")
    assert failed.returncode == 1
    assert "2 times a value that the mapping does not know (came: 'Nicht erschienen', came: 'nicht" in failed.stdout
    # The newest load of each file counts.
    (tmp_path / "m.toml").write_text(mapping + '[known]\ncame = ["Nicht erschienen", "nicht gekommen"]\n')
    assert run("ingest", "visits.csv", "--mapping", "m.toml").returncode == 0
    assert run("check", "--max-unmet", "0").returncode == 0
