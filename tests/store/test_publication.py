"""The store: readers see whole snapshots, one writer at a time, and nothing half-loaded after a failure."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pytest
from support.fixtures import Published, Write
from support.records import Make

import pipeline
import queries
from pipeline.load.file_load import FileLoad
from pipeline.store import publication
from pipeline.store.content_state import differing_tables, tracked
from pipeline.store.files import StoreFiles
from pipeline.store.opening import Store
from pipeline.store.tables import INTERNAL, TRACKED, located

AS_OF = "2026-06-01T00:00:00Z"
SHELL = Path(sys.executable).with_name("duckdb")


def load_into(db: Path, *paths: Path) -> None:
    with pipeline.open_store(db) as store:
        pipeline.ingest(store, paths)


def bookings(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("select count(*) from booking").fetchall()[0][0])


def test_readers_see_a_load_when_its_block_ends(db: Path, write: Write, make: type[Make], published: Published) -> None:
    load_into(db, write(make.booking(1)))
    early = published()
    with pipeline.open_store(db) as store:
        pipeline.ingest(store, [write(make.booking(2))])
        assert bookings(store.connection) == 2
        assert queries.no_show_rates(store.connection, as_of=AS_OF)["bookings"].sum() == 2
        assert (bookings(early), bookings(published())) == (1, 1)
    assert (bookings(early), bookings(published())) == (1, 2)


def test_a_failure_publishes_nothing_and_the_next_block_does(
    db: Path, write: Write, make: type[Make], published: Published
) -> None:
    load_into(db, write(make.booking(1)))
    with pytest.raises(ZeroDivisionError), pipeline.open_store(db) as store:  # noqa: PT012
        pipeline.ingest(store, [write(make.booking(2))])
        raise ZeroDivisionError
    assert bookings(published()) == 1
    with pipeline.open_store(db):
        pass
    assert bookings(published()) == 2


def test_a_load_that_breaks_half_way_leaves_no_trace(
    db: Path, write: Write, make: type[Make], published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("power cut")

    first, second = write(make.booking(1)), write(make.booking(2), make.booking(3, status="MAYBE"))
    load_into(db, first)
    with monkeypatch.context() as patch:
        patch.setattr(FileLoad, "merge", broken)
        with pytest.raises(RuntimeError, match="power cut"):
            load_into(db, second)
    with pipeline.open_store(db) as store:
        for table in ("booking", "load_ledger"):
            assert store.connection.execute(f"select count(*) from {table}").fetchall() == [(1,)]
        assert store.connection.execute("select count(*) from quarantine").fetchall() == [(0,)]
    load_into(db, second)
    assert bookings(published()) == 2


def test_nothing_new_is_not_published_anew(db: Path, write: Write, make: type[Make]) -> None:
    path = write(make.booking(1))
    load_into(db, path)
    before = db.stat().st_ino
    load_into(db, path)
    assert db.stat().st_ino == before


@pytest.mark.parametrize("wrong", ["older", "cut"])
def test_a_copy_that_is_not_what_was_committed_is_not_published(
    db: Path, write: Write, make: type[Make], published: Published, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    load_into(db, write(make.booking(1)))

    def copied(work: BinaryIO, new: BinaryIO, _: int) -> None:
        whole = db.read_bytes() if wrong == "older" else work.read()
        new.write(whole if wrong == "older" else whole[: len(whole) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", copied)
        with pytest.raises(queries.DataRefused, match=r"not published|not a database"):
            load_into(db, write(make.booking(2)))
    assert bookings(published()) == 1
    assert not StoreFiles(db).unfinished()
    with pipeline.open_store(db):
        pass
    assert bookings(published()) == 2


def test_the_last_snapshots_are_kept(db: Path, write: Write, make: type[Make]) -> None:
    for number in range(1, 5):
        load_into(db, write(make.booking(number)))
    for name, expected in (("previous-1", 3), ("previous-2", 2)):
        with duckdb.connect(str(db.with_name(f"attendance.{name}.duckdb")), read_only=True) as con:
            assert bookings(con) == expected
    assert sorted(path.name for path in db.parent.glob("*attendance*")) == [
        ".attendance.copies.json",
        "attendance.duckdb",
        "attendance.journal.ndjson",
        "attendance.lock",
        "attendance.previous-1.duckdb",
        "attendance.previous-2.duckdb",
        "attendance.secret",
        "attendance.work.duckdb",
    ]


def test_a_lost_work_file_is_made_again_from_the_snapshot(
    db: Path, write: Write, make: type[Make], published: Published
) -> None:
    load_into(db, write(make.booking(1)))
    db.with_name("attendance.work.duckdb").unlink()
    load_into(db, write(make.booking(2)))
    assert bookings(published()) == 2


def test_a_second_writer_is_told_who_has_it(db: Path) -> None:
    with pipeline.open_store(db):
        pass
    lock = db.with_name("attendance.lock")
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.truncate()
        held.write("4242\n")
        held.flush()
        with pytest.raises(queries.StoreBusy, match="process 4242"), pipeline.open_store(db):
            pass
    with pipeline.open_store(db):
        assert lock.read_text().startswith(f"{os.getpid()} ")


@pytest.mark.parametrize("made", ["text", "foreign", "empty"])
def test_a_file_of_somebody_else_is_refused_and_left_alone(db: Path, made: str) -> None:
    if made == "foreign":
        with duckdb.connect(str(db)) as con:
            con.execute("create table booking (n int)")
    else:
        db.write_text("shopping list" * 1000 if made == "text" else "")
    before = db.read_bytes()
    with pytest.raises(queries.DataRefused) as caught, pipeline.open_store(db):
        pass
    assert str(db) in str(caught.value)
    with pytest.raises(queries.DataRefused):
        queries.connect(db)
    assert db.read_bytes() == before


def test_a_connection_only_answers_queries(
    db: Path, write: Write, make: type[Make], published: Published, tmp_path: Path
) -> None:
    load_into(db, write(make.booking(1)))
    con = published()
    for statement in (
        "delete from booking",
        "drop view booked_session",
        f"copy booking to '{tmp_path}/x.csv'",
        "from read_csv('/etc/passwd')",
        "attach '/tmp/x.duckdb'",
        "install httpfs",
        "set enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            con.execute(statement)
    assert bookings(con) == 1


def test_no_database_yet_says_what_to_do(db: Path) -> None:
    with pytest.raises(queries.InputNotFound, match="noshow ingest FILE"):
        queries.connect(db)


def test_settings_are_in_the_database_and_only_those_set_change(db: Path, published: Published) -> None:
    with pipeline.open_store(db, settings=pipeline.Settings(site_zone="Europe/Dublin", grace_hours=2)):
        pass
    with pipeline.open_store(db, settings=pipeline.Settings(late_hours=48)):
        pass
    site = queries.site(published())
    assert (site.time_zone, site.grace_hours, site.late_hours) == ("Europe/Dublin", 2, 48)


def test_everything_carries_a_comment(db: Path, published: Published) -> None:
    with pipeline.open_store(db):
        pass
    con = published()
    for query in (
        "select table_name from duckdb_tables() where comment is null",
        "select view_name from duckdb_views() where not internal and comment is null",
        "select table_name, column_name from duckdb_columns() where not internal and comment is null",
        "select function_name from duckdb_functions() where not internal and comment is null",
    ):
        assert con.execute(query).fetchall() == [], query
    tables = {"service", "session", "booking", "attendance", "quarantine", "load_ledger"}
    assert tables <= {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}


def test_tables_that_serve_noshow_alone_are_not_among_those_to_query(db: Path, published: Published) -> None:
    with pipeline.open_store(db):
        pass
    con = published()
    by_schema = dict(
        con.execute("select schema_name, list(table_name) from duckdb_tables() group by schema_name").fetchall()
    )
    assert set(by_schema["internal"]) == INTERNAL
    assert set(by_schema["main"]) == {*TRACKED} - INTERNAL
    shown = {name for (name,) in con.execute("show tables").fetchall()}
    assert shown.isdisjoint(INTERNAL)
    assert {"booking", "booked_session"} <= shown


def test_the_big_tables_have_no_index(db: Path, published: Published) -> None:
    with pipeline.open_store(db):
        pass
    assert published().execute("select count(*) from duckdb_indexes()").fetchall() == [(0,)]


@pytest.mark.long
@pytest.mark.skipif(not SHELL.exists(), reason="the DuckDB shell (extra [shell]) is not installed")
def test_the_shell_gives_the_very_numbers(db: Path, write: Write, make: type[Make], published: Published) -> None:
    load_into(
        db,
        write(*({"booking": make.booking(n, start=f"2026-03-{n:02d}T18:00:00Z", slot={"eventId": make.event(n % 4)}),
                 "attendance": {"status": "NOT_ATTENDED" if n % 3 else "ATTENDED"}} for n in range(1, 20))),
    )  # fmt: skip
    for name in ("service", "session", "week"):
        text = f"set variable as_of = timestamp '2026-06-01'; from no_show_by_{name} order by all"
        shell = subprocess.run(
            [SHELL, "-readonly", "-csv", "-noheader", str(db), "-c", text], capture_output=True, text=True, check=True
        )
        con = published()
        con.execute("set variable as_of = timestamp '2026-06-01'")
        ours = con.sql(f"from no_show_by_{name} order by all").pl().with_columns(value_absent=None)
        lines = [line.split(",")[-30:] for line in shell.stdout.splitlines()]
        rows = [[None if cell == "NULL" else float(cell) for cell in line] for line in lines]
        assert len(rows) == ours.height > 0
        assert rows == [[None if v is None else float(v) for v in row[-30:]] for row in ours.rows()], name


@pytest.mark.long
@pytest.mark.skipif(not SHELL.exists(), reason="the DuckDB shell (extra [shell]) is not installed")
def test_the_shell_knows_every_function_that_a_view_uses(
    db: Path, write: Write, make: type[Make], published: Published
) -> None:
    """It is of an older DuckDB, which lacks `if(…)` for one."""
    load_into(db, write(make.booking(1), make.attendance(1)))
    names = [
        name for (name,) in published().execute("select view_name from duckdb_views() where not internal").fetchall()
    ]
    asked = [*names, "no_show_by_attribute('channel')", "counted_at(as_of_now())"]
    text = "; ".join(f"select count(*) from (from {name})" for name in asked)
    shell = subprocess.run(
        [SHELL, "-readonly", "-csv", "-noheader", str(db), "-c", text], capture_output=True, text=True, check=False
    )
    assert shell.stderr == ""
    assert len(shell.stdout.split()) == len(asked) > 20


def test_an_open_shell_neither_blocks_nor_is_blocked(db: Path, write: Write, make: type[Make]) -> None:
    if not SHELL.exists():
        pytest.skip("the DuckDB shell (extra [shell]) is not installed")
    load_into(db, write(make.booking(1)))
    shell = subprocess.Popen(
        [SHELL, "-readonly", "-csv", "-noheader", str(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert shell.stdin
        assert shell.stdout
        shell.stdin.write("select count(*) from booking;\n")
        shell.stdin.flush()
        assert shell.stdout.readline().strip() == "1"
        load_into(db, write(make.booking(2)))
        out, _ = shell.communicate("select count(*) from booking;\n", timeout=30)
        assert out.strip() == "1"
    finally:
        shell.kill()
    fresh = subprocess.run(
        [SHELL, "-readonly", "-csv", "-noheader", str(db), "-c", "select count(*) from booking"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert fresh.stdout.strip() == "2"


def test_the_order_of_the_views_is_written_down() -> None:
    from queries.views import VIEW_FILES

    folder = Path(queries.__file__).parent / "views"
    assert sorted(VIEW_FILES) == sorted(path.stem for path in folder.glob("*.sql"))


def test_a_copy_is_hashed_in_little_memory_and_in_more_if_it_needs_more(
    db: Path, write: Write, make: type[Make], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = []

    def noted(con: duckdb.DuckDBPyConnection) -> list[str]:
        limits.append(con.execute("select current_setting('memory_limit')").fetchall()[0][0])
        return differing_tables(con)

    monkeypatch.setattr(publication, "differing_tables", noted)
    aside = {**make.booking(1), "status": "LATE"}
    for number, (enough, most) in enumerate(((150_000_000, "1GB"), (150_000_000, "100MB"), (20_000, "1GB")), 2):
        monkeypatch.setattr(publication, "ENOUGH_TO_HASH", enough)
        folder = db.parent / str(number)
        folder.mkdir()
        with pipeline.open_store(folder / db.name, settings=pipeline.Settings(memory_limit=most)) as store:
            pipeline.ingest(store, [write(make.booking(number), *[aside] * 500)])
        with queries.connect(folder / db.name) as con:
            assert con.execute("select count(*) from quarantine").fetchall() == [(500,)]
    assert [limit.split(".")[0] for limit in limits] == ["143", "95", "953"]


def test_long_texts_in_two_tables_are_hashed_in_the_memory_of_one(store: Store) -> None:
    con = store.connection
    for table, text in (("quarantine", "raw"), ("replaced_row", "content")):
        values = {
            name: {"VARCHAR": "''", "TIMESTAMP": "now()::timestamp", "VARCHAR[]": "[]"}.get(kind, "0")
            for name, kind in con.execute(
                "select column_name, data_type from duckdb_columns() where table_name = $table", {"table": table}
            ).fetchall()
        } | {text: "repeat(md5(n::varchar), 1500)"}
        with store.transaction(), tracked(con, table):
            columns = ", ".join(f"{value} as {name}" for name, value in values.items())
            con.execute(f"insert into {located(table)} by name select {columns} from range(2000) as r(n)")
    con.execute("set threads = 2")
    con.execute("set memory_limit = '165MB'")
    assert differing_tables(con) == []
