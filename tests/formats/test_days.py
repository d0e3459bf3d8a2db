"""Day and month: decided by the values of the whole file, or refused with both readings; never taken on trust."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

import pipeline
import queries
from pipeline.load.outcomes import FileOutcome
from pipeline.mapping.day_texts import parse_day, parse_time
from pipeline.sources import chunks
from pipeline.store.opening import Store

MAPPING = """
marks = "both"
zone = "UTC"
[dates]
columns = ["Day", "Booked"]
times = ["Clock"]
weekdays = ["Weekday"]
[booking]
id = "No"
status = "'CONFIRMED'"
starts_at = "Day || ' ' || Clock"
created_at = "column(\\"Booked\\")"
"""
NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


@pytest.fixture
def load(store: Store, tmp_path: Path) -> object:
    """Load rows of a day, and more columns if `names` says so, all at 18:00."""

    def load_days(days: list[str], more: str = "", top: str = "", **options: object) -> FileOutcome:
        (tmp_path / "days.toml").write_text(MAPPING.replace("[dates]", top + "[dates]"))
        lines = [f'{at},"{day}",18:00' for at, day in enumerate(days)]
        if more:
            lines = [f"{line},{value}" for line, value in zip(lines, more.split("|")[1:], strict=True)]
        header = "No,Day,Clock" + (f",{more.split('|')[0]}" if more else "")
        (tmp_path / "days.csv").write_text("\n".join([header, *lines]) + "\n", "utf-8")
        (outcome,) = pipeline.ingest(
            store,
            [tmp_path / "days.csv"],
            mapping=tmp_path / "days.toml",
            now=NOW,
            **options,  # type: ignore[arg-type]
        )
        return outcome

    return load_days


def starts(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute("select strftime(starts_at, '%Y-%m-%d') from booking order by created_at, starts_at").fetchall()
    return [day for (day,) in rows]


DECIDED = [
    (["05/10/2026", "13/10/2026"], ["2026-10-05", "2026-10-13"]),
    (["10/05/2026", "10/13/2026"], ["2026-10-05", "2026-10-13"]),
    (["5.10.26", "13.10.26"], ["2026-10-05", "2026-10-13"]),
    (["5-10-2026", "13-10-2026"], ["2026-10-05", "2026-10-13"]),
    (["2026-10-05", "2026/10/13"], ["2026-10-05", "2026-10-13"]),
    (["5 Oct 2026", "October 13, 2026"], ["2026-10-05", "2026-10-13"]),
    (["Mon 5th Oct 2026", "Tuesday, 13 October 2026"], ["2026-10-05", "2026-10-13"]),
    (["Mon 05/10/2026", "Tue 06/10/2026"], ["2026-10-05", "2026-10-06"]),
    (["Sun 05/10/2026", "Wed 06/10/2026"], ["2026-05-10", "2026-06-10"]),
    # The same day and month: whatever the order, it is one day.
    (["05/05/2026", "13/05/2026"], ["2026-05-05", "2026-05-13"]),
]


@pytest.mark.parametrize(("given", "days"), DECIDED)
def test_values_decide(load: object, con: duckdb.DuckDBPyConnection, given: list[str], days: list[str]) -> None:
    assert load(given).refused is None  # type: ignore[operator]
    assert starts(con) == days


def test_a_column_of_weekdays_decides(load: object, con: duckdb.DuckDBPyConnection) -> None:
    load(["05/10/2026", "06/10/2026", "07/10/2026"], "Weekday|Monday|Tuesday|Wed")  # type: ignore[operator]
    assert starts(con) == ["2026-10-05", "2026-10-06", "2026-10-07"]


def test_two_weekdays_in_a_column_of_their_own_may_be_chance(load: object) -> None:
    assert load(["05/10/2026", "06/10/2026"], "Weekday|Monday|Tuesday").refused.code == "file.dates_undecided"  # type: ignore[operator]


def test_one_column_decides_for_the_others(load: object, con: duckdb.DuckDBPyConnection) -> None:
    load(["05/10/2026", "06/10/2026"], "Booked|29/09/2026 10:00|01/10/2026 10:00")  # type: ignore[operator]
    assert starts(con) == ["2026-10-05", "2026-10-06"]
    assert con.execute("select max(created_at) from booking").fetchall() == [(dt.datetime(2026, 10, 1, 10),)]  # noqa: DTZ001


# The first Tuesday of each month, from one year to the next: never above 12.
TUESDAYS = [
    *[(2025, month, day) for month, day in ((9, 2), (10, 7), (11, 4), (12, 2))],
    *[(2026, month, day) for month, day in ((1, 6), (2, 3), (3, 3), (4, 7), (5, 5), (6, 2), (7, 7), (8, 4))],
]
IN_ORDER = {
    "day-first": [f"{day}/{month}/{year}" for year, month, day in TUESDAYS],
    "month-first": [f"{month}/{day}/{year}" for year, month, day in TUESDAYS],
}


@pytest.mark.parametrize("order", IN_ORDER)
@pytest.mark.parametrize("down", [False, True])
def test_the_order_of_the_rows_decides(load: object, con: duckdb.DuckDBPyConnection, order: str, down: bool) -> None:
    load(IN_ORDER[order][:: -1 if down else 1])  # type: ignore[operator]
    assert starts(con) == [f"{year}-{month:02d}-{day:02d}" for year, month, day in TUESDAYS]


UNDECIDED = [
    ["05/10/2026"],
    ["05/10/2026", "06/10/2026", "07/10/2026"],
    # In order with the day first, but too few to say so.
    ["05/10/2026", "06/10/2026", "01/11/2026"],
    # In order with the day first, but it may be one course after the other.
    [f"{month}/{day}/2026" for day in (5, 10) for month in range(1, 13)],
    # Sorted as texts: that would be in order with the month first, whatever the texts mean.
    sorted(f"{day:02d}/{month:02d}/2026" for month in (3, 4, 5) for day in (1, 4, 6, 9, 12)),
    # The same, sorted by numbers.
    [f"{day}/{month}/2026" for day in (1, 4, 6, 9, 12) for month in (3, 4, 5)],
    # In no order.
    ["01/02/2026", "05/10/2026", "03/04/2026", "12/01/2026", "02/02/2026", "11/10/2026", "07/03/2026", "04/09/2026"],
    # The year may be first.
    [f"01/02/{year}" for year in (10, 11, 12, 13, 14, 15)] + ["01/12/16"],
]


@pytest.mark.parametrize("given", UNDECIDED)
def test_what_nothing_decides_is_refused(load: object, con: duckdb.DuckDBPyConnection, given: list[str]) -> None:
    outcome = load(given)  # type: ignore[operator]
    assert outcome.refused is not None
    assert outcome.refused.code == "file.dates_undecided"
    assert starts(con) == []


def test_the_refusal_shows_both_readings_and_the_option(load: object) -> None:
    refused = load(["05/10/2026"]).refused  # type: ignore[operator]
    assert refused.message == "'05/10/2026' may be 5 October 2026 or 10 May 2026, and nothing in the file decides it"
    assert "--dates day-first or --dates month-first" in refused.hint


SAID = [("day-first", "2026-10-05"), ("month-first", "2026-05-10")]


@pytest.mark.parametrize(("order", "day"), SAID)
def test_the_option_says_it(load: object, con: duckdb.DuckDBPyConnection, order: str, day: str) -> None:
    load(["05/10/2026"], dates=order)  # type: ignore[operator]
    assert starts(con) == [day]


@pytest.mark.parametrize(("order", "day"), SAID)
def test_the_mapping_says_it(load: object, con: duckdb.DuckDBPyConnection, order: str, day: str) -> None:
    load(["05/10/2026"], top=f'[file]\ndates = "{order}"\n')  # type: ignore[operator]
    assert starts(con) == [day]


MIXED = [
    (["13/10/2026", "10/13/2026"], {}),
    (["13/10/2026", "10/13/2026"], {"dates": "day-first"}),
    (["10/13/2026"], {"dates": "day-first"}),
    (["13/10/2026"], {"dates": "month-first"}),
    # A spreadsheet took the day for the month if it could, and left the others as texts.
    (["2026-05-10T00:00:00", "13/10/2026"], {}),
]


@pytest.mark.parametrize(("given", "options"), MIXED)
def test_days_in_both_orders_are_refused(
    load: object, con: duckdb.DuckDBPyConnection, given: list[str], options: dict[str, str]
) -> None:
    refused = load(given, **options).refused  # type: ignore[operator]
    assert refused.code == "file.dates_mixed"
    assert starts(con) == []


def test_both_orders_are_refused_however_far_apart(
    load: object, con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks.ChunkBuilder.__init__, "__defaults__", (2,))
    assert load(["13/10/2026", *["05/10/2026"] * 50, "10/13/2026"]).refused.code == "file.dates_mixed"  # type: ignore[operator]
    assert starts(con) == []


@pytest.mark.parametrize("before", [1, 9, 60])
def test_the_first_value_that_decides_may_come_late(
    load: object, con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """Also beyond the chunks that are held in memory, when the file is read again."""
    monkeypatch.setattr(chunks.ChunkBuilder.__init__, "__defaults__", (2,))
    assert chunks.ChunkBuilder()._size == 2
    outcome = load([*["05/10/2026"] * before, "13/10/2026"])  # type: ignore[operator]
    assert (outcome.read, outcome.loaded) == (before + 1, before + 1)
    assert {*starts(con)} == {"2026-10-05", "2026-10-13"}


def test_a_row_without_a_day_is_set_aside_and_the_others_loaded(load: object, con: duckdb.DuckDBPyConnection) -> None:
    outcome = load(["13/10/2026", "soon", "31/02/2026", "45/10/2026"])  # type: ignore[operator]
    assert (outcome.loaded, outcome.quarantined) == (1, 3)
    assert starts(con) == ["2026-10-13"]


TIMES = [
    ("18:05", "18:05:00"),
    ("6:05 PM", "18:05:00"),
    ("6:05pm", "18:05:00"),
    ("6.05 p.m.", "18:05:00"),
    ("12:00 AM", "00:00:00"),
    ("12:00 pm", "12:00:00"),
    ("18.05", "18:05:00"),
    ("18h05", "18:05:00"),
    ("18:05:07", "18:05:07"),
    ("6 pm", "18:00:00"),
    ("00.25", "00:25:00"),
    ("0.25", None),
    ("24:00", None),
    ("13:00 PM", None),
    ("0:30 am", None),
    ("18", None),
    ("18:60", None),
    ("evening", None),
]


@pytest.mark.parametrize(("text", "time"), TIMES)
def test_times_of_day(text: str, time: str | None) -> None:
    assert parse_time(text) == time


NO_DAYS = ["", "2026", "13/13/26/26", "5/10", "05/10/20261", "2026-02-30", "5 Foo 2026", "10:00", "05/10/2026 later"]


@pytest.mark.parametrize("text", NO_DAYS)
def test_a_text_that_holds_no_day(text: str) -> None:
    assert parse_day(text) is None


def test_no_other_order_can_be_said(store: Store) -> None:
    with pytest.raises(queries.UsageError, match="not an order of day and month"):
        pipeline.ingest(store, [], dates="year-first")
