"""A clock that goes back, or jumps years ahead for a day, loses nothing and loads nothing twice."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Load, Write
from support.records import Make

import pipeline
from pipeline.pulling.choice import OVERLAP, chosen
from pipeline.store.opening import Store
from pipeline.store.saved_pulls import SavedPull, Terms, begin, keep_last, saved_pulls

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
FAR = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def request(make: type[Make], status: str) -> dict[str, Any]:
    record = make.attendance(1, status, 1 if status == "ATTENDED" else 0)
    del record["id"]
    return {"attendance": record}


BACK = ((NOW, NOW - DAY, NOW - 2 * DAY), (FAR, NOW, NOW - 7 * DAY), (NOW, NOW, NOW))


@pytest.mark.parametrize("moments", BACK, ids=str)
def test_a_mark_made_after_the_clock_went_back_counts(
    store: Store, load: Load, make: type[Make], moments: tuple[dt.datetime, ...]
) -> None:
    load(make.booking(1))
    first = pipeline.set_attendance(store, request(make, "ATTENDED"), now=moments[0])["attendance"]
    second = pipeline.set_attendance(store, request(make, "NOT_ATTENDED"), now=moments[1])["attendance"]
    assert (second["id"], second["status"]) == (first["id"], "NOT_ATTENDED")
    pipeline.delete_attendance(store, first["id"], now=moments[2])
    assert store.connection.execute("select count(*) from attendance").fetchall() == [(0,)]
    again = pipeline.set_attendance(store, request(make, "ATTENDED"), now=moments[2])["attendance"]
    assert again["status"] == "ATTENDED"


@pytest.mark.parametrize("wrong", [FAR, EPOCH, NOW - 7 * DAY], ids=str)
def test_a_file_is_loaded_once_whatever_the_clock_says(
    store: Store, con: duckdb.DuckDBPyConnection, write: Write, make: type[Make], wrong: dt.datetime
) -> None:
    file = write(make.booking(1), make.attendance(1))
    outcomes = [pipeline.ingest(store, [file], now=now)[0] for now in (NOW, wrong, NOW + DAY)]
    assert [outcome.already_loaded for outcome in outcomes] == [False, True, True]
    assert con.execute("select count(*), (select count(*) from attendance) from booking").fetchall() == [(1, 1)]


def test_a_clock_that_jumps_ahead_for_a_day_leaves_loads_that_can_be_taken_back(
    store: Store, con: duckdb.DuckDBPyConnection, write: Write, make: type[Make]
) -> None:
    for number, now in enumerate((NOW - DAY, NOW, FAR, FAR + DAY / 3, NOW + DAY)):
        pipeline.ingest(store, [write(make.booking(1, number + 1), make.attendance(number))], now=now)
    assert con.execute("select count(*) from load_ledger where is_final").fetchall() == [(0,)]
    pipeline.unload(store, [5, 4, 3, 2])
    assert con.execute("select participants from booking").fetchall() == [(1,)]


def pull(db: Path, started: dt.datetime) -> SavedPull:
    """A finished pull."""
    saved = begin(db, Terms(started, "site", since=started - DAY))
    saved.finish(started)
    return saved


def test_after_a_pull_with_a_clock_ahead_the_next_asks_for_all_that_changed_since_the_one_before(db: Path) -> None:
    pull(db, NOW - DAY)
    pull(db, FAR)
    choice = chosen(db, Terms(NOW, "site"), full=False)
    assert choice.saved.terms.since == NOW - DAY - OVERLAP


def test_after_a_first_pull_with_a_clock_ahead_everything_is_fetched_again(db: Path) -> None:
    pull(db, FAR)
    assert chosen(db, Terms(NOW, "site"), full=False).saved.terms.since is None


def test_a_pull_with_a_clock_ahead_does_not_push_out_the_others(db: Path) -> None:
    pull(db, FAR)
    three = [pull(db, NOW + number * DAY) for number in range(3)]
    keep_last(db, 2, three[-1])
    assert [saved.terms.started_at for saved in saved_pulls(db)] == [NOW + DAY, NOW + 2 * DAY, FAR]
