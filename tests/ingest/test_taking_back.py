"""The rows of a load can be taken back, and so can bookings gone at the source: nothing else changes."""

from __future__ import annotations

import datetime as dt
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.failures import IO_ERROR, Connection, Fuse
from support.fixtures import Load, LoadFiles, Run
from support.records import Make
from support.samples import few

import pipeline
import queries
from pipeline.store.content_state import differing_tables, tracked
from pipeline.store.doctor.examination import examine
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
MAPPING = """
namespace = "studio"
null = [""]
[service]
id = "Class"
name = "Class"
[booking]
id = "Booking"
status = "'CONFIRMED'"
eventId = "Class || ' ' || Start"
serviceId = "Class"
startDate = "Start"
timezone = "'Europe/London'"
[attendance]
when = "Result in ('came', 'noshow')"
bookingId = "Booking"
eventId = "Class || ' ' || Start"
status = "case Result when 'came' then 'ATTENDED' else 'NOT_ATTENDED' end"
"""
CLASSES = """[session]
id = "Class || ' ' || Start"
serviceId = "Class"
startDate = "Start"
timezone = "'Europe/London'"
[booking]"""
HEADER = "Booking,Class,Start,Result\n"
MONDAY = (
    HEADER
    + """1,Yoga,2026-03-02 18:00,noshow
2,Yoga,2026-03-02 18:00,came
3,TEST,2026-03-02 19:00,
4,Spin,2026-04-01 18:00,came
"""
)
TUESDAY = HEADER + "1,Yoga,2026-03-02 18:00,noshow\n2,Yoga,2026-03-02 18:00,came\n"


@pytest.fixture
def mapped(store: Store, tmp_path: Path) -> LoadFiles:
    """Load texts as files of one folder, by name, under a mapping."""

    def load(mapping: str = MAPPING, name: str = "m.toml", **files: str) -> list[pipeline.FileOutcome]:
        options = {key: files.pop(key) for key in ("complete", "replace") if key in files}
        (tmp_path / name).write_text(mapping)
        paths = []
        for file, text in files.items():
            path = tmp_path / f"{file}.csv"
            path.write_text(text)
            paths.append(path)
        return pipeline.ingest(store, paths, mapping=tmp_path / name, now=NOW, **options)

    return load


def contents(con: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    """The rows of all tables that hold loaded records."""
    tables = ("service", "session", "booking", "attendance", "deleted_attendance")
    return {table: con.execute(f"from {table} order by id").fetchall() for table in tables}


def sound(con: duckdb.DuckDBPyConnection) -> None:
    """Hashes hold, and so do the sums of the ledger."""
    assert differing_tables(con) == []
    wrong = con.execute(
        "select load_id from load_ledger as l where read "
        "<> loaded + unchanged + duplicate + left_out + stale + quarantined or "
        "quarantined <> retried + discarded + superseded "
        "+ (select count(*) from quarantine as q where q.load_id = l.load_id)"
    ).fetchall()
    assert wrong == []


def statuses(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    return con.execute("select status, load_id from attendance order by id").fetchall()


def test_a_load_is_taken_back_with_all_that_it_brought(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    load(make.booking(1), make.attendance(1))
    before = contents(con)
    load(make.booking(2), make.attendance(2), make.attendance(1, "NOT_ATTENDED"), make.attendance(3, "?"))
    (done,) = pipeline.unload(store, [2])
    assert contents(con) == before
    assert (done.removed, done.restored, done.discarded) == ({"booking": 1, "attendance": 2}, {"attendance": 1}, 1)
    for table in ("quarantine", "load_finding", "internal.replaced_row"):
        assert con.execute(f"select count(*) from {table}").fetchall() == [(0,)]
    assert queries.loads(con)["load_id"].to_list() == [1]
    sound(con)


@pytest.mark.parametrize("order", few(map(pytest.param, [(2, 1), (1, 2, 3), (2, 3), (3, 2), (3, 1)]), 2))
def test_any_load_of_a_chain_is_taken_back(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, order: tuple[int, ...]
) -> None:
    brought = {1: "NOT_SET", 2: "ATTENDED", 3: "NOT_ATTENDED"}
    for status in brought.values():
        load(make.attendance(1, status))
    for number in order:
        pipeline.unload(store, [number])
        del brought[number]
        assert statuses(con) == [(brought[last], last) for last in [max(brought)] if brought] if brought else True
        sound(con)
    assert con.execute("select count(*) from attendance").fetchall() == [(1 if brought else 0,)]


def test_several_loads_at_once_are_one_transaction(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status in ("NOT_SET", "ATTENDED", "NOT_ATTENDED"):
        load(make.attendance(1, status))
    before = (
        contents(con),
        con.execute("from load_ledger").fetchall(),
        con.execute("from internal.replaced_row").fetchall(),
    )

    def broken(_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.store.opening._count_change", broken)
        with pytest.raises(KeyboardInterrupt):
            pipeline.unload(store, [1, 3])
    assert before == (
        contents(con),
        con.execute("from load_ledger").fetchall(),
        con.execute("from internal.replaced_row").fetchall(),
    )
    pipeline.unload(store, [1, 3])
    assert statuses(con) == [("ATTENDED", 2)]
    sound(con)


def test_an_id_under_another_key_comes_back_where_it_was(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    load(make.attendance(1))
    load(make.attendance(1, eventId=make.event(9)))
    load(make.attendance(1, "NOT_ATTENDED", eventId=make.event(9)))
    pipeline.unload(store, [2])
    # The id is that of load 3's mark, so the first one must not come back beside it.
    assert con.execute("select event_id, load_id from attendance").fetchall() == [(make.event(9), 3)]
    pipeline.unload(store, [3])
    assert con.execute("select event_id, load_id from attendance").fetchall() == [(make.event(1), 1)]
    sound(con)


def test_a_deletion_is_taken_back(store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load) -> None:
    load(make.attendance(1, updatedDate="2026-03-02T20:00:00Z"))
    before = contents(con)
    pipeline.delete_attendance(store, make.guid(1, 2), now=NOW)
    assert contents(con)["attendance"] == []
    pipeline.unload(store, [2])
    assert contents(con) == before
    pipeline.delete_attendance(store, make.guid(1, 2), now=NOW)
    load(make.attendance(1, "NOT_ATTENDED", updatedDate="2026-06-02T00:00:00Z"))
    pipeline.unload(store, [4])
    assert (contents(con)["attendance"], len(contents(con)["deleted_attendance"])) == ([], 1)
    pipeline.unload(store, [3])
    assert contents(con) == before
    sound(con)


def test_every_value_comes_back_as_it_was(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    rate = {"rate": {"labeledPriceOptions": {"general": {"amount": "12345678901234.5678", "currency": "EUR"}}}}
    first = make.booking(1, slot={"endDate": "2026-03-02T19:00:00.123456Z"}, revision="3")
    first["bookedEntity"] |= rate
    load(first)
    before = contents(con)
    load(make.booking(1, 2, revision="4"))
    pipeline.unload(store, [2])
    assert contents(con) == before
    assert "12345678901234.5678" in str(before["booking"])


def test_a_file_can_be_loaded_again_once_taken_back(
    mapped: LoadFiles, store: Store, con: duckdb.DuckDBPyConnection
) -> None:
    mapped(monday=MONDAY)
    mapped(tuesday=TUESDAY)
    (done,) = pipeline.unload(store, [1])
    assert [number for number, _ in done.depending] == [2]
    assert contents(con)["booking"] == []
    # The records that load 2 found unchanged went with load 1, so its file is read again, too.
    (outcome,) = mapped(tuesday=TUESDAY)
    assert (outcome.already_loaded, outcome.loaded) == (False, 2)
    (outcome,) = mapped(monday=MONDAY)
    assert (outcome.already_loaded, outcome.loaded, outcome.unchanged) == (False, 2, 2)
    (outcome,) = mapped(monday=MONDAY)
    assert outcome.already_loaded


@pytest.mark.long
@pytest.mark.parametrize(
    ("later", "shared"),
    [
        ("2,Yoga,2026-03-02 18:00,came,Ana", {"service", "session"}),
        ("2,Yoga,2026-03-03 18:00,came,Ana", {"service"}),
        ("1,Yoga,2026-03-02 18:00,came,Bob", {"service", "session", "attendance"}),
        ("1,Yoga,2026-03-02 18:00,noshow,Ana", {"service", "session", "booking"}),
        ("2,Spin,2026-03-03 18:00,came,Ana", set()),
    ],
)
def test_later_loads_that_said_a_part_of_it_are_named(
    mapped: LoadFiles, store: Store, con: duckdb.DuckDBPyConnection, later: str, shared: set[str]
) -> None:
    """A record with a new booking is `loaded`, although its class and session were there already, and go now."""
    mapping = MAPPING.replace("[booking]", CLASSES).replace("[attendance]", 'title = "Who"\n[attendance]')
    header = "Booking,Class,Start,Result,Who\n"
    mapped(mapping, first=f"{header}1,Yoga,2026-03-02 18:00,came,Ana\n")
    mapped(mapping, later=f"{header}{later}\n")
    (done,) = pipeline.unload(store, [1])
    assert [number for number, _ in done.depending] == ([2] if shared else [])
    left = {table for table, rows in contents(con).items() if rows}
    assert left == {"service", "session", "booking", "attendance"} - shared
    mapped(mapping, later=f"{header}{later}\n")
    assert {table: len(rows) for table, rows in contents(con).items() if rows} == dict.fromkeys(
        ("service", "session", "booking", "attendance"), 1
    )
    sound(con)


def test_loads_of_other_kinds_are_not_named(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    """A file of bookings names sessions, but says nothing of them: to load it again would bring nothing back."""
    start = {"timestamp": "2026-03-02T18:00:00Z", "timeZone": "Europe/Dublin"}
    assert load({"id": make.event(1), "scheduleId": make.guid(1, 7), "start": start}).kind == "session"
    load(make.booking(1))
    (done,) = pipeline.unload(store, [1])
    assert (done.removed, done.depending) == ({"session": 1}, ())


def test_loads_that_are_not_there_are_refused(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    load(make.attendance(1))
    load(make.attendance(2))
    pipeline.unload(store, [1])
    with pytest.raises(queries.InputNotFound, match="no load has the number 7, 8"):
        pipeline.unload(store, [2, 8, 7])
    with pytest.raises(queries.DataRefused, match="load 1 was taken back before"):
        pipeline.unload(store, [1, 2])
    assert statuses(con) == [("ATTENDED", 2)]


@pytest.mark.long
@pytest.mark.parametrize("seed", few(range(12), 1))
def test_taking_back_is_as_if_it_had_never_been_loaded(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, seed: int
) -> None:
    """Undated marks: after any loads and takings back each key has the mark of the last load that is still there."""
    draw = random.Random(seed)
    said: dict[int, dict[int, str]] = {}
    for number in range(1, 9):
        keys = draw.sample(range(1, 6), draw.randint(1, 4))
        # Never twice the same value in a row, which would be unchanged and belong to the load before.
        said[number] = dict.fromkeys(keys, "ATTENDED" if number % 2 else "NOT_ATTENDED")
        load(
            *(make.attendance(key, status, number) for key, status in said[number].items()),
            {"id": make.guid(number, 3)},
        )
    for number in draw.sample(sorted(said), 6):
        pipeline.unload(store, [number])
        del said[number]
        wanted: dict[int, tuple[str, int, int]] = {}
        for last, marks in sorted(said.items()):
            wanted |= {key: (status, last, last) for key, status in marks.items()}
        found = con.execute("select id::varchar, status, number_of_attendees, load_id from attendance").fetchall()
        assert {id: rest for id, *rest in found} == {make.guid(key, 2): list(row) for key, row in wanted.items()}
        sound(con)


def held(con: duckdb.DuckDBPyConnection) -> list[Any]:
    """The quarantine as it is, and how the ledger counts records that left it."""
    counts = "select load_id, retried, superseded from load_ledger where unloaded_at is null order by load_id"
    return [con.execute("from quarantine order by load_id, record").fetchall(), con.execute(counts).fetchall()]


@pytest.mark.parametrize("content", ["repaired", "the same", "another fault", "unchanged"])
def test_records_taken_out_of_quarantine_go_back(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, content: str
) -> None:
    """A later load lets go of a record by its content or by its key: it is as if that load had never been."""
    good, bad = make.attendance(1), make.attendance(1, "?", note='a \\ " \u0000 \u00e9 [x, y]')
    if content == "unchanged":
        load(good)
    load(bad, make.attendance(2), make.attendance(3) | {"id": "7", "status": "?", "numberOfAttendees": 0.5})
    before = held(con)
    offered = {"the same": bad, "another fault": make.attendance(1, "!")}.get(content, good)
    load(offered, make.attendance(4))
    assert held(con) != before
    (done,) = pipeline.unload(store, [before[1][-1][0] + 1])
    assert done.set_aside == (0 if content == "another fault" else 1)
    assert held(con) == before
    sound(con)


def test_a_record_stays_out_of_quarantine_if_a_later_load_brought_it_too(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    bad = make.attendance(1, "?")
    for number in range(2, 5):
        load(bad, make.attendance(number))
    load(make.attendance(1), make.attendance(5))
    load(make.attendance(1, "NOT_ATTENDED"), make.attendance(6))
    for number, quarantined in ((2, []), (4, []), (5, [3]), (3, [1]), (1, [])):
        pipeline.unload(store, [number])
        assert [row[0] for row in held(con)[0]] == quarantined
        sound(con)


def test_a_retry_is_taken_back(store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load) -> None:
    """The records that it took out of quarantine are there again, those that passed and those that did not."""
    (walk_in, worse) = (make.attendance(number, numberOfAttendees=9) for number in (1, 2))
    strict = store.settings.model_copy(update={"more_than_booked": "quarantine"})
    load(make.booking(1), make.booking(2))
    store.settings, lax = strict, store.settings
    load(walk_in, worse, make.attendance(3))
    before = held(con)
    assert len(before[0]) == 2
    store.settings = lax
    (outcome,) = pipeline.retry_quarantined(store, every=True, now=NOW)
    assert (outcome.loaded, held(con)[0]) == (2, [])
    (done,) = pipeline.unload(store, [3])
    assert (done.removed, done.set_aside, held(con)) == ({"attendance": 2}, 2, before)
    sound(con)


def test_a_load_can_be_taken_back_for_as_long_as_is_set(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], write: Any
) -> None:
    """The history does not grow for ever: rows that older loads replaced go with the next load."""
    marks = {0: "ATTENDED", 60: "NOT_ATTENDED", 120: "ATTENDED", 180: "NOT_ATTENDED", 181: "NOT_ATTENDED"}
    for day, status in marks.items():
        pipeline.ingest(store, [write(make.attendance(1, status), make.attendance(9 + day, "?"))],
                        now=NOW + dt.timedelta(days=day))  # fmt: skip
    assert con.execute("select entity, load_id, replaced_by from internal.replaced_row order by all").fetchall() == [
        ("attendance", 2, 3),
        ("attendance", 3, 4),
    ]
    with pytest.raises(queries.DataRefused, match="load 1 of 2026-06-01, 2 of 2026-07-31 is too old") as caught:
        pipeline.unload(store, [1, 2, 4])
    assert "unload_days" in caught.value.hint
    pipeline.unload(store, [4])
    pipeline.unload(store, [3])
    assert statuses(con) == [("NOT_ATTENDED", 2)]
    sound(con)


def test_a_final_load_is_not_replaced(mapped: LoadFiles, con: duckdb.DuckDBPyConnection, store: Store) -> None:
    mapped(monday=MONDAY)
    with tracked(con, "load_ledger"):
        con.execute("update load_ledger set started_at = '2025-01-01'")
    mapped(tuesday=TUESDAY)
    with tracked(con, "load_ledger"):
        con.execute("update load_ledger set started_at = '2026-01-01' where load_id = 2")
    mapped(wednesday=TUESDAY + "\n")
    other = MAPPING.replace('"studio"', '"other"')
    (outcome,) = mapped(other, name="other.toml", monday=MONDAY, replace=True)
    assert outcome.refused.code == "load.final"
    assert con.execute("select count(*) from booking").fetchall() == [(4,)]


def test_complete_removes_what_is_gone(mapped: LoadFiles, store: Store, con: duckdb.DuckDBPyConnection) -> None:
    mapped(monday=MONDAY)
    before = contents(con)
    (outcome,) = mapped(tuesday=TUESDAY, complete=pipeline.Dates())
    # Booking 4 starts on another day than those of the file.
    assert (outcome.gone, outcome.unchanged) == ({"booking": 1, "service": 1}, 2)
    assert con.execute("select name from service order by name").fetchall() == [("Spin",), ("Yoga",)]
    rates = queries.no_show_rates(con, by=[], as_of="2026-04-01T00:00:00Z")
    assert rates.select("bookings", "coverage").rows() == [(2, 1.0)]
    pipeline.unload(store, [2])
    assert contents(con) == before
    sound(con)


def test_complete_takes_dates(mapped: LoadFiles, con: duckdb.DuckDBPyConnection) -> None:
    mapped(monday=MONDAY)
    (outcome,) = mapped(tuesday=TUESDAY, complete=pipeline.Dates(dt.date(2026, 3, 1), dt.date(2026, 4, 1)))
    assert outcome.gone == {"attendance": 1, "booking": 2, "service": 2}
    assert con.execute("select count(*) from booking").fetchall() == [(2,)]


def test_dates_are_local(mapped: LoadFiles, con: duckdb.DuckDBPyConnection) -> None:
    late = MONDAY.replace("3,TEST,2026-03-02 19:00", "3,TEST,2026-06-02 00:30")
    mapped(monday=late)
    # 00:30 in London in June is 23:30 UTC of the day before.
    (outcome,) = mapped(tuesday=TUESDAY, complete=pipeline.Dates(dt.date(2026, 6, 1), dt.date(2026, 6, 1)))
    assert outcome.gone == {}
    (outcome,) = mapped(tuesday=TUESDAY, complete=pipeline.Dates(dt.date(2026, 6, 2), dt.date(2026, 6, 2)))
    assert outcome.gone == {"booking": 1, "service": 1}


@pytest.mark.parametrize("dates", [pipeline.Dates(), pipeline.Dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))])
def test_files_without_a_booking_take_nothing(mapped: LoadFiles, con: duckdb.DuckDBPyConnection, dates: Any) -> None:
    """An export that broke off has its header left, and would take every booking with it."""
    mapped(monday=MONDAY)
    (outcome,) = mapped(broken=HEADER, complete=dates)
    assert (outcome.gone, outcome.refused) == ({}, None)
    assert "broken export" in outcome.not_removed
    assert con.execute("select count(*) from booking").fetchall() == [(4,)]


def test_complete_can_be_several_files(mapped: LoadFiles, con: duckdb.DuckDBPyConnection) -> None:
    mapped(monday=MONDAY)
    one, two = HEADER + TUESDAY.splitlines()[1] + "\n", HEADER + TUESDAY.splitlines()[2] + "\n"
    first, last = mapped(a=one, b=two, complete=pipeline.Dates())
    assert (first.gone, last.gone) == ({}, {"booking": 1, "service": 1})
    # A run that was killed is repeated: files loaded before are read again.
    first, last = mapped(a=one, b=two, complete=pipeline.Dates())
    assert (first.already_loaded, last.already_loaded, last.gone) == (False, False, {})


@pytest.mark.parametrize("bad", ["a", "b"])
def test_nothing_is_removed_if_a_file_is_refused(mapped: LoadFiles, con: duckdb.DuckDBPyConnection, bad: str) -> None:
    mapped(monday=MONDAY)
    files = {"a": TUESDAY, "b": TUESDAY + "\n"} | {bad: "Other,Columns\n1,2\n"}
    outcomes = mapped(**files, complete=pipeline.Dates())
    assert outcomes["ab".index(bad)].refused
    assert f"{bad}.csv" in outcomes[-1].not_removed
    assert con.execute("select count(*) from booking").fetchall() == [(4,)]


def test_what_is_set_aside_is_not_gone(mapped: LoadFiles, con: duckdb.DuckDBPyConnection) -> None:
    mapped(monday=MONDAY)
    (outcome,) = mapped(tuesday=TUESDAY + "3,TEST,in the evening,\n", complete=pipeline.Dates())
    assert (outcome.quarantined, outcome.gone) == (1, {})
    assert con.execute("select count(*) from booking").fetchall() == [(4,)]
    (outcome,) = mapped(wednesday=TUESDAY + "3,TEST,in,the,evening,\n", complete=pipeline.Dates())
    assert (outcome.quarantined, outcome.gone) == (1, {})
    assert "no id that can be read" in outcome.not_removed


def test_complete_leaves_what_others_brought(
    mapped: LoadFiles, store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    load(make.booking(7), make.attendance(7))
    mapped(MAPPING.replace('"studio"', '"other"'), name="other.toml", other=MONDAY)
    mapped(monday=MONDAY)
    (outcome,) = mapped(tuesday=TUESDAY, complete=pipeline.Dates())
    assert outcome.gone == {"booking": 1, "service": 1}
    assert con.execute("select count(*) from booking").fetchall() == [(1 + 4 + 3,)]


def test_a_wrong_mapping_is_taken_back(mapped: LoadFiles, store: Store, con: duckdb.DuckDBPyConnection) -> None:
    wrong = MAPPING.replace('"Booking"', "\"Booking || '-' || Result\"")
    mapped(wrong, name="wrong.toml", visits=TUESDAY)
    (outcome,) = mapped(visits=TUESDAY)
    assert [load.load_id for load in outcome.earlier] == [1]
    assert con.execute("select count(*) from booking").fetchall() == [(4,)]
    (outcome,) = mapped(visits=TUESDAY, replace=True)
    assert ([one.load_id for one in outcome.unloaded], outcome.earlier) == ([1], ())
    assert con.execute("select count(*) from service").fetchall() == [(1,)]
    rates = queries.no_show_rates(con, by=[], as_of="2026-04-01T00:00:00Z")
    assert rates.select("bookings", "no_shows").rows() == [(2, 1)]
    (outcome,) = mapped(visits=TUESDAY, replace=True)
    assert outcome.already_loaded
    sound(con)


def test_a_refused_load_takes_nothing_back(mapped: LoadFiles, con: duckdb.DuckDBPyConnection) -> None:
    mapped(visits=TUESDAY)
    before = contents(con)
    (outcome,) = mapped(MAPPING.replace('"Start"', "\"'soon'\""), name="wrong.toml", visits=TUESDAY, replace=True)
    assert outcome.refused.code == "file.nothing_valid"
    assert contents(con) == before
    assert con.execute("select count(*) from load_ledger where unloaded_at is not null").fetchall() == [(0,)]


@pytest.mark.long
@pytest.mark.parametrize("act", few(["complete", "unload", "replace"], 1))
@pytest.mark.parametrize("step", [61, pytest.param(5, marks=pytest.mark.long)])
def test_whichever_statement_fails_nothing_is_half(
    mapped: LoadFiles, store: Store, con: duckdb.DuckDBPyConnection, act: str, step: int
) -> None:
    mapped(monday=MONDAY)
    mapped(tuesday=TUESDAY.replace("came", "noshow"))

    def take_back() -> Any:
        if act == "unload":
            return pipeline.unload(store, [1])
        if act == "complete":
            return mapped(wednesday=TUESDAY, complete=pipeline.Dates())
        return mapped(MAPPING.replace('"studio"', '"other"'), name="other.toml", monday=MONDAY, replace=True)

    tables = ("load_ledger", "quarantine", "internal.replaced_row", "load_finding", "site")

    def everything() -> tuple[Any, ...]:
        return contents(con), *(con.execute(f"from {table}").fetchall() for table in tables)

    before, number = everything(), 1
    # A failure in the checkpoint after the commit leaves all of it done.
    while everything() == before:
        store.connection = Connection(con, Fuse(IO_ERROR, number))  # type: ignore[assignment]
        with suppress(duckdb.IOException):
            take_back()
        assert differing_tables(con) == []
        number += step
    store.connection = con
    assert number > 30
    assert len(contents(con)["booking"]) == {"unload": 0, "complete": 3, "replace": 4}[act]
    sound(con)


@pytest.mark.long
def test_the_commands(run: Run, tmp_path: Path) -> None:
    for name, text in (("m.toml", MAPPING), ("monday.csv", MONDAY), ("tuesday.csv", TUESDAY)):
        (tmp_path / name).write_text(text)
    assert run("ingest", "monday.csv", "--mapping", "m.toml", "--db", "d.duckdb").returncode == 0
    done = run("ingest", "tuesday.csv", "--mapping", "m.toml", "--db", "d.duckdb", "--complete")
    assert done.returncode == 0
    assert "gone at the source, and removed: 1 booking, 1 service" in done.stdout
    back = run("unload", "2", "--db", "d.duckdb")
    assert (back.returncode, back.stderr) == (0, "")
    assert "load 2 (tuesday.csv): nothing of it was left to remove, 1 booking, 1 service as before" in back.stdout
    (tmp_path / "m.toml").write_text(MAPPING.replace("when = ", "# "))
    replaced = run("ingest", "monday.csv", "--mapping", "m.toml", "--db", "d.duckdb", "--replace")
    assert "took back load 1 (monday.csv)" in replaced.stderr
    for words, code in ((("2",), 65), (("9",), 66), (("x",), 2)):
        assert run("unload", *words, "--db", "d.duckdb").returncode == code
    for words in (("--from", "2026-03-01"), ("--to", "2026-03-01"), ("--complete", "--to", "1 March")):
        assert run("ingest", "monday.csv", "--mapping", "m.toml", "--db", "d.duckdb", *words).returncode == 2
    gone = run(
        "ingest", "tuesday.csv", "--mapping", "m.toml", "--complete", "--from", "2026-03-31", "--to", "2026-03-01"
    )
    assert gone.returncode == 2
    assert examine(tmp_path / "d.duckdb").findings == []


def test_an_export_that_says_again_what_an_older_one_said_is_told(
    store: Store, con: duckdb.DuckDBPyConnection, mapped: LoadFiles
) -> None:
    """A mark is set in the second export and taken back in the third, which then has the bytes of the first."""
    first, second = HEADER + "1,Yoga,2026-03-02 18:00,noshow\n", HEADER + "1,Yoga,2026-03-02 18:00,came\n"
    exports = {"export-9": first, "export-10": second, "export-11": first}
    nine, ten, eleven = mapped(**exports)
    assert (nine.same_as, ten.same_as) == (None, None)
    assert eleven.same_as is not None
    number, file, newer = eleven.same_as
    assert (number, Path(file).name, Path(newer).name) == (nine.load_id, "export-9.csv", "export-10.csv")
    assert [outcome.same_as for outcome in mapped(**{"export-9": first, "export-10": second})] == [None, None]
    pipeline.unload(store, [number])
    (again,) = mapped(**{"export-11": first})
    assert (again.replaced, again.same_as) == (1, None)
    assert [status for status, _ in statuses(con)] == ["NOT_ATTENDED"]
