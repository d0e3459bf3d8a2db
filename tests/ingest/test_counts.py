"""Every record read is loaded, unchanged, duplicate, stale or quarantined, and says which."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fixtures import Load, Write
from support.records import Make

import pipeline
import queries
from pipeline.load.outcomes import FileOutcome
from pipeline.store.opening import Store

COUNTS = ("loaded", "unchanged", "duplicate", "stale", "quarantined")


def counts(outcome: FileOutcome) -> tuple[int, ...]:
    assert outcome.read == sum(getattr(outcome, name) for name in COUNTS)
    return tuple(getattr(outcome, name) for name in COUNTS)


def statuses(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("select status, number_of_attendees from attendance order by id").fetchall()


def test_new_records_are_loaded(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    assert counts(load(make.attendance(1), make.attendance(2, "NOT_ATTENDED"))) == (2, 0, 0, 0, 0)
    assert statuses(con) == [("ATTENDED", 1), ("NOT_ATTENDED", 1)]


def test_the_same_file_again_is_a_no_op(
    store: Store, write: Write, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    path = write(make.attendance(1), make.attendance(1), make.attendance(2, "NEVER"))
    (first,) = pipeline.ingest(store, [path])
    before = con.execute("select * from site").fetchall(), con.execute("select count(*) from load_ledger").fetchall()
    (again,) = pipeline.ingest(store, [path])
    assert counts(first) == (1, 0, 1, 0, 1)
    assert counts(again) == (0, 1, 1, 0, 1)
    assert again.already_loaded
    assert before == (
        con.execute("select * from site").fetchall(),
        con.execute("select count(*) from load_ledger").fetchall(),
    )


def test_the_same_bytes_under_another_name_are_a_no_op(store: Store, write: Write, make: type[Make]) -> None:
    pipeline.ingest(store, [write(make.attendance(1))])
    (again,) = pipeline.ingest(store, [write(make.attendance(1), name="copy")])
    assert again.already_loaded


def test_the_same_records_in_another_file_are_unchanged(load: Load, make: type[Make]) -> None:
    load(make.attendance(1), make.attendance(2))
    assert counts(load(make.attendance(2), make.attendance(1))) == (0, 2, 0, 0, 0)


def test_newer_wins_and_older_is_stale(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(make.attendance(1, "NOT_SET", updatedDate="2026-03-03T10:00:00Z"))
    newer = make.attendance(1, "ATTENDED", updatedDate="2026-03-03T11:00:00.500Z")
    assert counts(load(newer)) == (1, 0, 0, 0, 0)
    older = make.attendance(1, "NOT_ATTENDED", updatedDate="2026-03-03T10:59:59Z")
    assert counts(load(older)) == (0, 0, 0, 1, 0)
    assert statuses(con) == [("ATTENDED", 1)]


def test_revision_decides_before_the_date(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(make.booking(1, revision="10", updatedDate="2026-03-01T00:00:00Z"))
    assert counts(load(make.booking(1, 2, revision="9", updatedDate="2026-03-02T00:00:00Z"))) == (0, 0, 0, 1, 0)
    assert counts(load(make.booking(1, 3, revision="11", updatedDate="2026-02-02T00:00:00Z"))) == (1, 0, 0, 0, 0)
    assert con.execute("select participants from booking").fetchall() == [(3,)]


def test_an_undated_correction_is_applied(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(make.attendance(1, "NOT_SET"))
    assert counts(load(make.attendance(1, "ATTENDED"))) == (1, 0, 0, 0, 0)
    assert statuses(con) == [("ATTENDED", 1)]


def test_exact_repeats_in_one_file_are_duplicates(load: Load, make: type[Make]) -> None:
    assert counts(load(*[make.attendance(1)] * 3, make.attendance(2))) == (2, 0, 2, 0, 0)


def test_of_two_versions_in_one_file_the_later_wins(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    late = make.attendance(1, "ATTENDED", updatedDate="2026-03-03T11:00:00Z")
    early = make.attendance(1, "NOT_SET", updatedDate="2026-03-03T10:00:00Z")
    assert counts(load(late, early)) == (1, 0, 0, 0, 1)
    assert statuses(con) == [("ATTENDED", 1)]
    assert con.execute("select rule, reason_code, line, raw from quarantine").fetchall()[0][:3] == (
        "superseded",
        "row.superseded",
        2,
    )


@pytest.mark.parametrize("dates", [(None, None), ("2026-03-03T10:00:00Z",) * 2, ("2026-03-03T10:00:00Z", None)])
def test_where_nothing_tells_which_is_later_both_are_quarantined(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, dates: tuple[str | None, str | None]
) -> None:
    one, two = (
        make.attendance(1, status, updatedDate=date)
        for status, date in zip(("ATTENDED", "NOT_SET"), dates, strict=True)
    )
    assert counts(load(one, two, make.attendance(2))) == (1, 0, 0, 0, 2)
    assert con.execute("select distinct rule from quarantine").fetchall() == [("duplicate_conflict",)]


def test_one_id_under_two_keys_is_a_conflict_in_a_file(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    moved = make.attendance(1, eventId=make.event(9))
    assert counts(load(make.attendance(1), moved)) == (0, 0, 0, 0, 2)


def test_an_id_that_moves_to_another_session_leaves_the_old_one(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.attendance(1))
    assert counts(load(make.attendance(1, eventId=make.event(9)))) == (1, 0, 0, 0, 0)
    assert con.execute("select event_id from attendance").fetchall() == [(make.event(9),)]


def test_an_id_that_has_moved_on_does_not_come_back(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.attendance(1, eventId=make.event(9), updatedDate="2026-03-05T10:00:00Z"))
    assert counts(load(make.attendance(1, updatedDate="2026-03-01T10:00:00Z"))) == (0, 0, 0, 1, 0)
    assert con.execute("select event_id from attendance").fetchall() == [(make.event(9),)]


def test_upper_case_guids_are_the_same_key(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    upper = make.attendance(1, id=make.guid(0xABC, 2).upper(), bookingId=make.guid(0xDEF, 1).upper())
    lower = make.attendance(1, id=make.guid(0xABC, 2), bookingId=make.guid(0xDEF, 1))
    assert counts(load(upper, lower)) == (1, 0, 1, 0, 0)
    assert con.execute("select booking_id::varchar from attendance").fetchall() == [(make.guid(0xDEF, 1),)]


def test_a_missing_id_is_made_from_the_key_and_stays_the_same(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.attendance(1, id=None))
    made = con.execute("select id from attendance").fetchall()
    assert counts(load({**make.attendance(1, "NOT_ATTENDED", id=None), "id": None})) == (1, 0, 0, 0, 0)
    assert con.execute("select id, status from attendance").fetchall() == [(*made[0], "NOT_ATTENDED")]


def test_a_file_is_told_apart_by_how_it_is_read(store: Store, write: Write, make: type[Make]) -> None:
    path = write(make.attendance(1))
    pipeline.ingest(store, [path])
    (again,) = pipeline.ingest(store, [path], kind="attendance")
    assert not again.already_loaded
    assert again.unchanged == 1


def test_the_ledger_has_the_counts_and_the_ignored_fields(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.attendance(1, serviceName="Yoga"), make.attendance(2, serviceName="Spin", note="x"))
    row = con.execute("select kind, read, loaded, quarantined, ignored_fields from load_ledger").fetchall()[0]
    assert row == ("attendance", 2, 2, 0, {"note": 1, "serviceName": 2})


RECORDS = st.tuples(st.integers(1, 4), st.sampled_from(["ATTENDED", "NOT_SET"]), st.integers(0, 3))


@pytest.mark.parametrize("examples", [12, pytest.param(40, marks=pytest.mark.long)])
def test_any_file_adds_up_and_keys_stay_unique(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, examples: int
) -> None:
    dates = {0: None} | {day: f"2026-03-0{day}T10:00:00Z" for day in (1, 2, 3)}

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(RECORDS, max_size=12))
    def law(rows: list[tuple[int, str, int]]) -> None:
        outcome = load(*(make.attendance(n, status, updatedDate=dates[day]) for n, status, day in rows), "")
        if not outcome.already_loaded:
            counts(outcome)
        doubled = "select 1 from attendance group by booking_id, session_key having count(*) > 1"
        assert con.execute(doubled).fetchall() == []

    law()


@pytest.mark.long
@pytest.mark.parametrize("orders", [2, pytest.param(5, marks=pytest.mark.long)])
def test_order_of_files_does_not_matter_where_dates_decide(
    tmp_path: Path, write: Write, make: type[Make], orders: int
) -> None:
    paths = [
        write(make.attendance(n % 5, "ATTENDED" if n % 2 else "NOT_ATTENDED", updatedDate=f"2026-03-{n:02d}T10:00:00Z"))
        for n in range(1, 16)
    ]
    contents = set()
    for seed in range(orders):
        shuffled = random.Random(seed).sample(paths, len(paths))
        with pipeline.open_store(tmp_path / f"{seed}.duckdb") as store:
            pipeline.ingest(store, shuffled)
            pipeline.ingest(store, reversed(paths))
            rows = store.connection.execute("select * exclude load_id from attendance order by id").fetchall()
            contents.add(tuple(rows))
    assert len(contents) == 1


def test_a_row_that_feeds_nothing_is_left_out_and_not_a_duplicate(store: Store, tmp_path: Path) -> None:
    """A line of totals, which the conditions leave out, beside a repeated row, a bad one and a good one."""
    lines = [
        "visit,start",
        "1,2026-03-02T18:00:00Z",
        "1,2026-03-02T18:00:00Z",
        "2,soon",
        "Total,",
        "3,2026-03-02T18:00Z",
    ]
    (tmp_path / "m.toml").write_text(
        "[booking]\nwhen = \"visit <> 'Total'\"\nid = 'visit'\nstatus = \"'CONFIRMED'\"\neventId = 'visit'\n"
        "startDate = 'start'\n"
    )
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n")
    (outcome,) = pipeline.ingest(store, [tmp_path / "visits.csv"], mapping=tmp_path / "m.toml")
    found = (outcome.read, outcome.loaded, outcome.duplicate, outcome.left_out, outcome.quarantined)
    assert found == (5, 2, 1, 1, 1)
    (loaded,) = queries.loads(store.connection).iter_rows(named=True)
    assert (loaded["read"], loaded["duplicate"], loaded["left_out"]) == (5, 1, 1)
