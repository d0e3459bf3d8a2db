"""A snapshot with the roster stored as a table answers like one without, and can be written on from like one."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from support.fixtures import Write
from support.records import Make

import pipeline
import queries
import reports
from pipeline.store import stored_roster
from pipeline.store.doctor.diagnosis import diagnose
from pipeline.store.files import StoreFiles

SETTINGS = pipeline.Settings.model_validate({})
AS_OF = "2026-06-15T00:00:00Z"
_TABLE = "select count(*) from duckdb_tables() where not internal and table_name = 'known_roster'"


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_roster, "WORTH_STORING", 0)


@pytest.fixture
def sampled(always: None, tmp_path: Path, db: Path) -> Path:
    pipeline.write_sample(tmp_path / "source", until=dt.date(2026, 6, 28), bookings=600)
    with pipeline.open_store(db, settings=SETTINGS) as store:
        pipeline.ingest(store, [tmp_path / "source"], now=dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
    return db


def has_table(con: duckdb.DuckDBPyConnection) -> bool:
    return con.execute(_TABLE).fetchall() == [(1,)]


def rows_of(con: duckdb.DuckDBPyConnection, view: str) -> pl.DataFrame:
    return con.sql(f"from {view} order by all").pl()


@pytest.mark.long
def test_every_view_gives_the_same_rows_and_columns(sampled: Path) -> None:
    with pipeline.open_store(sampled, settings=SETTINGS) as store, closing(queries.connect(sampled)) as stored:
        assert (has_table(store.connection), has_table(stored)) == (False, True)
        for view in ("known_roster", "session_roster", "booking_session"):
            found = rows_of(stored, view)
            assert found.height > 600
            assert_frame_equal(found, rows_of(store.connection, view))
        for grouping in queries.GROUPINGS:
            frames = [queries.no_show_rates(con, grouping, as_of=AS_OF) for con in (stored, store.connection)]
            assert_frame_equal(*frames)


def test_its_columns_say_what_they_mean(sampled: Path) -> None:
    with closing(queries.connect(sampled)) as con:
        comments = con.execute("select comment from duckdb_columns() where table_name = 'known_roster'").fetchall()
    assert len(comments) > 30
    assert all(comment for (comment,) in comments)


@pytest.mark.long
def test_a_report_is_the_same(sampled: Path, tmp_path: Path) -> None:
    pages = []
    with pipeline.open_store(sampled, settings=SETTINGS) as store, closing(queries.connect(sampled)) as stored:
        for con in (store.connection, stored):
            reports.build_report(con, tmp_path / "report.json", as_of=AS_OF, format="json")
            pages.append((tmp_path / "report.json").read_text().replace("attendance.work.duckdb", "attendance.duckdb"))
    assert pages[0] == pages[1]


@pytest.mark.long
def test_a_mark_leaves_the_view_and_the_next_load_stores_again(sampled: Path, write: Write, make: type[Make]) -> None:
    with pipeline.open_store(sampled, settings=SETTINGS) as store:
        (booking, event) = store.connection.execute(
            "select id::varchar, event_id from booking where status = 'CONFIRMED' and event_id is not null limit 1"
        ).fetchall()[0]
        pipeline.set_attendance(store, {"attendance": {"bookingId": booking, "eventId": event, "status": "ATTENDED"}})
    with closing(queries.connect(sampled)) as con:
        assert not has_table(con)
        outcome = f"select outcome from booking_session where booking_id = '{booking}'"
        assert con.execute(outcome).fetchall() == [("attended",)]
    with pipeline.open_store(sampled, settings=SETTINGS) as store:
        pipeline.ingest(store, [write(make.booking(1))])
    with closing(queries.connect(sampled)) as con:
        assert has_table(con)
        assert con.execute(outcome).fetchall() == [("attended",)]


@pytest.mark.long
def test_a_work_file_made_of_it_has_the_view(sampled: Path, write: Write, make: type[Make]) -> None:
    StoreFiles(sampled).work.unlink()
    with pipeline.open_store(sampled, settings=SETTINGS) as store:
        assert not has_table(store.connection)
        assert pipeline.ingest(store, [write(make.booking(1))])[0].loaded == 1
        assert store.connection.execute("select count(*) from known_roster where service = 'Yoga'").fetchall() != [(0,)]
    assert diagnose(sampled).findings == ()


@pytest.mark.long
def test_a_changed_roster_is_found(sampled: Path) -> None:
    assert diagnose(sampled).findings == ()
    with duckdb.connect(str(sampled)) as con:
        con.execute("update known_roster set outcome = 'attended' where outcome = 'not_attended'")
    assert [finding.message for finding in diagnose(sampled).findings] == [
        "known_roster does not hold the rows that were written to it"
    ]


def test_few_bookings_are_not_worth_it(db: Path, write: Write, make: type[Make]) -> None:
    with pipeline.open_store(db, settings=SETTINGS) as store:
        pipeline.ingest(store, [write(make.booking(1))])
    with closing(queries.connect(db)) as con:
        assert not has_table(con)


def test_the_views_of_an_older_database_wait_for_its_migration(sampled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_yet(_: object) -> None:
        raise AssertionError("today's views need columns that this database does not have yet")

    monkeypatch.setattr(stored_roster, "install_views", not_yet)
    with duckdb.connect(str(sampled)) as restored:
        restored.execute("update site set schema_version = schema_version - 1")
        assert has_table(restored)
        stored_roster.forget_roster(restored)
        assert not has_table(restored)
