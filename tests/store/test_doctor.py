"""Damage to a database's files is found, named with its remedy, and repaired; losses are reported."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.crashes import Replay, content_of, die_with_all_in_the_log, replay, require_finished, start
from support.damage import damage_each, recover
from support.samples import few

import pipeline
import queries
from pipeline.store.doctor import diagnose
from pipeline.store.files import StoreFiles

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
CodesOf = Callable[[], list[str]]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return replay(tmp_path_factory.mktemp("replay"), sorted(SAMPLE.glob("*json"))[:3])


@pytest.fixture
def db(replayed: Replay, tmp_path: Path) -> Path:
    shutil.copytree(replayed.base.parent / "replay", tmp_path / "d")
    return tmp_path / "d" / "attendance.duckdb"


@pytest.fixture
def in_the_log(replayed: Replay, tmp_path: Path) -> Path:
    """A database of which two loads are in the write-ahead log alone."""
    shutil.copytree(replayed.base, tmp_path / "log")
    db = tmp_path / "log" / "attendance.duckdb"
    process = start(db, replayed.files, die_with_all_in_the_log)
    process.join(60)
    assert process.exitcode == -9
    return db


def codes(db: Path) -> list[str]:
    return [finding.code for finding in diagnose(db).findings if finding.is_problem]


def ingest(db: Path, replayed: Replay) -> None:
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, replayed.files)


def log_of(db: Path) -> Path:
    return db.with_name("attendance.work.duckdb.wal")


def test_nothing_is_wrong(db: Path) -> None:
    assert diagnose(db).findings == ()
    before = content_of(db)
    assert recover(db) == 0
    assert content_of(db) == before
    assert not list(db.parent.glob("*damaged*"))


@pytest.mark.long
def test_a_log_that_is_whole_is_no_problem_but_for_publishing(in_the_log: Path, replayed: Replay) -> None:
    assert codes(in_the_log) == ["published.behind"]
    require_finished(replayed, in_the_log)


@pytest.mark.long
@pytest.mark.parametrize("left", few([100, 0], 1))
def test_a_lost_log_is_found_and_stops_the_next_ingest(
    in_the_log: Path, replayed: Replay, left: int, capsys: pytest.CaptureFixture[str]
) -> None:
    log = log_of(in_the_log)
    log.write_bytes(log.read_bytes()[:left])
    if not left:
        log.unlink()
    assert codes(in_the_log) == ["load.missing", "load.missing"]
    with pytest.raises(queries.DataRefused, match=r"load 2 \(.*bookings.ndjson\), load 3 \(.*doctor --recover"):
        ingest(in_the_log, replayed)
    assert recover(in_the_log) == 0
    lost = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Lost:")]
    assert [line.split("noshow ingest ")[1] for line in lost] == [str(file) for file in replayed.files[1:]]
    require_finished(replayed, in_the_log)


@pytest.mark.long
def test_a_torn_log_is_cut_where_it_is_torn(in_the_log: Path, replayed: Replay) -> None:
    log = log_of(in_the_log)
    data = bytearray(log.read_bytes())
    data[len(data) * 3 // 4] ^= 4
    log.write_bytes(data)
    assert codes(in_the_log) == ["file.unreadable"]
    with pytest.raises(queries.DataRefused, match="doctor --recover"):
        ingest(in_the_log, replayed)
    assert recover(in_the_log) == 0
    assert content_of(StoreFiles(in_the_log).work) in replayed.states[1:3], "the loads before the torn one are kept"
    assert list(in_the_log.parent.glob("attendance.damaged-*-log.wal"))
    require_finished(replayed, in_the_log)


@pytest.mark.long
def test_damage_is_found_and_wrong_data_never_passed(db: Path, replayed: Replay, tmp_path: Path) -> None:
    found = damage_each(replayed, db.parent, tmp_path / "damaged", 12, seed=1)
    assert found["cut"] == 3
    assert found["flipped_bit"] > 0


@pytest.mark.long
def test_changed_data_is_not_published(db: Path, replayed: Replay) -> None:
    with duckdb.connect(str(StoreFiles(db).work)) as meddled:
        meddled.execute("update attendance set status = 'ATTENDED'")
    assert codes(db) == ["content.differs"]
    before = content_of(db)
    changed = pipeline.Settings.model_validate({"late_hours": 3})
    with pytest.raises(queries.DataRefused, match="not published"), pipeline.open_store(db, settings=changed):
        pass
    assert content_of(db) == before
    assert recover(db) == 0
    assert content_of(db) == content_of(StoreFiles(db).work) == before


@pytest.mark.long
def test_a_view_of_somebody_else_is_found_and_made_anew(db: Path) -> None:
    with duckdb.connect(str(db)) as meddled:
        meddled.execute("create or replace view missing_registers as select 0 as sessions")
    assert codes(db) == ["views.differ"]
    assert recover(db) == 0
    assert codes(db) == []


@pytest.mark.long
@pytest.mark.parametrize("everywhere", few([True, False], 1))
def test_views_of_another_noshow_are_installed_again_and_no_row_is_lost(
    db: Path, replayed: Replay, everywhere: bool
) -> None:
    files = StoreFiles(db)
    copies = [db, *(file for file in files.previous() if file.exists())] if everywhere else []
    before = content_of(db)
    for file in (files.work, *copies):
        with duckdb.connect(str(file)) as older:
            older.execute("create or replace view missing_registers as select 0 as sessions")
    assert set(codes(db)) == {"views.differ"}
    assert recover(db) == 0
    assert codes(db) == []
    assert content_of(db) == content_of(files.work) == before
    assert not list(db.parent.glob("*.damaged-*"))
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        assert all(outcome.already_loaded for outcome in pipeline.ingest(store, replayed.files))


def test_a_half_written_side_file_is_noted_and_removed_by_the_next_writer(db: Path) -> None:
    left = db.with_name(f".{StoreFiles(db).journal.name}.4711.new")
    left.write_text("half")
    assert [finding.code for finding in diagnose(db).findings] == ["file.orphan"]
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})):
        pass
    assert not left.exists()


def test_both_files_gone_is_not_taken_for_a_new_beginning(db: Path, replayed: Replay) -> None:
    for file in db.parent.glob("*.duckdb"):
        file.unlink()
    with pytest.raises(queries.DataRefused, match="the database is gone"):
        ingest(db, replayed)
    assert recover(db) == 0
    assert {finding.code for finding in diagnose(db).findings} == {"load.missing"}
    require_finished(replayed, db)


@pytest.mark.long
def test_an_older_file_put_back_is_found(db: Path, replayed: Replay) -> None:
    for file in (db, StoreFiles(db).work):
        shutil.copy(replayed.base / file.name, file)
    assert codes(db) == ["load.missing", "load.missing"]
    assert recover(db) == 0
    require_finished(replayed, db)


@pytest.mark.long
def test_a_number_that_readers_saw_is_not_used_again(db: Path, replayed: Replay) -> None:
    with queries.connect(db) as con:
        page = queries.query_attendance(con, {"query": {"cursorPaging": {"limit": 1}}})
    for file in (db, StoreFiles(db).work):
        shutil.copy(replayed.base / file.name, file)
    recover(db)
    again = {"query": {"cursorPaging": {"cursor": page["pagingMetadata"]["cursors"]["next"]}}}
    with queries.connect(db) as con, pytest.raises(queries.QueryError) as refused:
        queries.query_attendance(con, again)
    assert refused.value.code == "CURSOR_EXPIRED"


def test_what_a_crash_leaves_over_is_noted_and_removed(db: Path, replayed: Replay) -> None:
    orphan = db.with_name(".attendance.new-4711.duckdb")
    orphan.write_bytes(b"half")
    (finding,) = diagnose(db).findings
    assert (finding.code, finding.file, finding.is_problem) == ("file.orphan", orphan, False)
    ingest(db, replayed)
    assert not orphan.exists()


def test_an_unfinished_erasure_is_found(db: Path, replayed: Replay) -> None:
    StoreFiles(db).erasing_mark.touch()
    assert codes(db) == ["erasure.unfinished"]
    ingest(db, replayed)
    assert codes(db) == []


@pytest.mark.long
def test_an_unreadable_line_of_the_journal_is_found_and_kept(db: Path) -> None:
    journal = db.with_name("attendance.journal.ndjson")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"{rubbish\n" + b"".join(lines[1:]))
    assert codes(db) == ["journal.damaged"]
    assert recover(db) == 0
    assert journal.read_bytes() == b"".join(lines)
    (kept,) = db.parent.glob("*damaged*journal.ndjson")
    assert b"rubbish" in kept.read_bytes()


def test_a_line_cut_short_by_a_crash_is_written_again(db: Path, replayed: Replay) -> None:
    journal = db.with_name("attendance.journal.ndjson")
    before = [json.loads(line) for line in journal.read_text().splitlines()]
    journal.write_bytes(journal.read_bytes()[:-40])
    ingest(db, replayed)
    assert [json.loads(line) for line in journal.read_text().splitlines()] == before
    assert diagnose(db).findings == ()
