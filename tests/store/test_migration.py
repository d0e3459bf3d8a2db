"""Databases of earlier versions: brought up to date by the next writer, refused to readers until then."""

from __future__ import annotations

import gzip
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from support.fixtures import Published, Write
from support.records import Make
from support.samples import few
from support.structure import structure

import pipeline
import queries
from pipeline.store import stored_roster
from pipeline.store.content_state import tracked
from pipeline.store.migrations import OLDEST, migration_sql
from queries.database import SCHEMA_VERSION
from queries.model.fact import stored_columns
from queries.secret import secret_file

AS_OF = "2026-06-01T00:00:00Z"
# Six bookings of two services without prices, five of them marked, one not attended; Europe/Dublin, EUR, 12 late hours.
FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("version_*.duckdb.gz"))
# From this version on a database has a secret; that of all fixtures is the same (`keep_version.py`).
FIRST_WITH_SECRET, SECRET = 8, "0" * 64


def name_of(fixture: Path) -> str:
    return fixture.name.split(".")[0]


# From every version there is a whole migration; the rest is tried from the first, and from every other one at length.
from_every_version = pytest.mark.parametrize("old", few(reversed(FIXTURES), 1), ids=name_of, indirect=True)
from_the_first = pytest.mark.parametrize(
    "old",
    [FIXTURES[0], *(pytest.param(later, marks=pytest.mark.long) for later in FIXTURES[2::2])],
    ids=name_of,
    indirect=True,
)


from_the_newest = pytest.mark.parametrize("old", FIXTURES[-1:], ids=name_of, indirect=True)


@pytest.fixture
def old(request: pytest.FixtureRequest, db: Path) -> Path:
    db.write_bytes(gzip.decompress(request.param.read_bytes()))
    if FIXTURES.index(request.param) >= FIRST_WITH_SECRET - 1:
        secret_file(db).write_text(SECRET, encoding="ascii")
    return db


@pytest.fixture
def version(request: pytest.FixtureRequest, old: Path) -> int:
    return FIXTURES.index(request.node.callspec.params["old"]) + 1


def open_once(db: Path, **changes: object) -> None:
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate(changes)):
        pass


@from_every_version
def test_a_reader_of_an_older_database_is_told_what_to_do(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(queries.DataRefused, match=r"older version of noshow \(schema \d.*Run `noshow ingest` once"):
        queries.connect(old)
    assert old.read_bytes() == before


@from_every_version
@pytest.mark.parametrize("work_file", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_writer_migrates_publishes_and_keeps_everything(
    old: Path, version: int, published: Published, work_file: bool
) -> None:
    if work_file:
        old.with_name("attendance.work.duckdb").write_bytes(old.read_bytes())
    open_once(old)
    con = published()
    row = queries.no_show_rates(con, by=(), as_of=AS_OF).row(0, named=True)
    assert (row["bookings"], row["marked_bookings"], row["no_shows"], row["absent"]) == (6, 5, 1, 4)
    site = queries.site(con)
    assert (site.schema_version, site.min_bookings) == (SCHEMA_VERSION, 10)
    assert (site.time_zone, site.currency, site.late_hours) == ("Europe/Dublin", "EUR", 12)
    assert con.execute("select prices from site").fetchall() == [({},)]
    with duckdb.connect(str(old.with_name("attendance.previous-1.duckdb")), read_only=True) as previous:
        assert previous.execute("select schema_version from site").fetchall() == [(version,)]


@pytest.mark.long
@from_the_newest
def test_a_stored_roster_of_before_is_stored_anew(
    old: Path, published: Published, monkeypatch: pytest.MonkeyPatch, write: Write, make: type[Make]
) -> None:
    with duckdb.connect(str(old)) as con:
        con.execute("create table stored as from known_roster")
        con.execute("drop view known_roster; alter table stored rename to known_roster")
    with pytest.raises(queries.DataRefused, match="older version of noshow"):
        queries.connect(old)
    monkeypatch.setattr(stored_roster, "WORTH_STORING", 0)
    with pipeline.open_store(old, settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [write(make.booking(1))])
    con = published()
    tables = con.execute("select table_name from duckdb_tables() where not internal").fetchall()
    assert ("known_roster",) in tables
    columns = [name for name, *_ in con.execute("describe known_roster").fetchall()]
    assert columns == list(stored_columns())
    counts = queries.no_show_rates(con, by="session", as_of=AS_OF)
    assert (counts["rated_bookings"].sum(), counts["missed_bookings"].sum()) == (5, 1)


@pytest.mark.long
@from_every_version
def test_a_migrated_database_is_built_like_a_new_one(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.duckdb"
    for path in (old, new):
        open_once(path)
    with queries.connect(old) as migrated, queries.connect(new) as made:
        assert structure(migrated) == structure(made)
        assert all(structure(made))


@pytest.mark.long
@from_the_first
def test_settings_go_in_with_the_migration(old: Path, published: Published) -> None:
    open_once(old, prices={"Yoga": "12.50"}, min_bookings=3)
    con = published()
    assert queries.site(con).min_bookings == 3
    assert queries.no_show_rates(con, by=(), as_of=AS_OF)["value_absent"].to_list() == [4 * Decimal("12.50")]


@pytest.mark.long
@from_the_first
def test_a_migration_that_breaks_leaves_the_database_as_it_was(
    old: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.store.migrations.migration_sql", lambda version: migration_sql(version) + "select 1/x")
        with pytest.raises(duckdb.Error):
            open_once(old)
    with duckdb.connect(str(old), read_only=True) as con:
        assert con.execute("select schema_version from site").fetchall() == [(version,)]
    open_once(old)
    with queries.connect(old) as con:
        assert queries.site(con).schema_version == SCHEMA_VERSION


@pytest.mark.long
@from_the_first
def test_opened_again_nothing_is_done(old: Path) -> None:
    open_once(old)
    before = old.stat().st_ino
    open_once(old)
    assert old.stat().st_ino == before


@pytest.mark.long
def test_views_are_made_anew_where_another_noshow_wrote_last(db: Path, published: Published) -> None:
    with pipeline.open_store(db) as store:
        store.connection.execute("create or replace view booking_session as select 1 as booking_id")
        with tracked(store.connection, "site"):
            store.connection.execute("update site set noshow_version = '0.0.1', generation = generation + 1")
    open_once(db)
    con = published()
    assert queries.site(con).noshow_version != "0.0.1"
    assert con.execute("select count(session_id) from booking_session").fetchall() == [(0,)]


def test_a_newer_database_is_refused_to_readers_and_writers(db: Path) -> None:
    with pipeline.open_store(db) as store, tracked(store.connection, "site"):
        store.connection.execute("update site set schema_version = schema_version + 1, generation = generation + 1")
    for opened in (open_once, queries.connect):
        with pytest.raises(queries.DataRefused, match="newer version of noshow"):
            opened(db)


@pytest.mark.long
def test_the_next_fixture_is_made_by_its_recipe(tmp_path: Path) -> None:
    recipe = FIXTURES[0].with_name("keep_version.py")
    made = subprocess.run([sys.executable, recipe, tmp_path], capture_output=True, text=True, check=True)
    kept = tmp_path / f"version_{SCHEMA_VERSION}.duckdb.gz"
    assert made.stdout == f"{kept}\n"
    (tmp_path / "kept.duckdb").write_bytes(gzip.decompress(kept.read_bytes()))
    with queries.connect(tmp_path / "kept.duckdb") as con:
        row = queries.no_show_rates(con, by=(), as_of=AS_OF).row(0, named=True)
    assert (row["bookings"], row["marked_bookings"], row["no_shows"], row["absent"]) == (6, 5, 1, 4)


def test_there_is_a_migration_to_every_version() -> None:
    for version in range(OLDEST + 1, SCHEMA_VERSION + 1):
        assert migration_sql(version)
    assert len(FIXTURES) == SCHEMA_VERSION - OLDEST, "a file of every earlier version is kept"
