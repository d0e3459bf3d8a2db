"""Commits that wait for their publication outlive a checkpoint that a kill tore."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from support.records import Make
from support.samples import few

import pipeline
import queries
from pipeline.marks.asked import Mark
from pipeline.marks.marking import set_each
from pipeline.store.doctor import diagnose, recover
from pipeline.store.files import StoreFiles
from pipeline.store.opening import Store
from pipeline.store.work_file import BLOCK_BYTES, HEADER_BYTES
from queries.errors import DataRefused

SETTINGS = pipeline.Settings.model_validate({})


def mark(store: Store, numbers: range) -> None:
    for number in numbers:
        list(set_each(store, [Mark({"bookingId": Make.booking(number)["id"], "eventId": Make.event(number), **DONE})]))


DONE = {"status": "ATTENDED"}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path, source = tmp_path / "studio" / "d.duckdb", tmp_path / "bookings.ndjson"
    path.parent.mkdir()
    source.write_text("".join(f"{json.dumps(Make.booking(number))}\n" for number in range(40)))
    with pipeline.open_store(path, settings=SETTINGS) as store:
        pipeline.ingest(store, [source])
    return path


def killed(db: Path, folder: Path, *, torn: bool) -> Path:
    """The files of a database as a kill leaves them, with every other block of the work file half-written."""
    shutil.copytree(db.parent, folder)
    work = StoreFiles(folder / db.name).work
    if torn:
        data = bytearray(work.read_bytes())
        for start in range(HEADER_BYTES, len(data), 2 * BLOCK_BYTES):
            half = start + BLOCK_BYTES // 2
            data[half : half + 4096] = bytes(4096)
        work.write_bytes(data)
    return folder / db.name


def marks(db: Path) -> int:
    with queries.connect(db) as con:
        return queries.attendance_frame(con).height


@pytest.mark.parametrize("at", few(["none", "before_header", "before_truncate", "after_free_list_write"], 1))
def test_a_torn_checkpoint_loses_no_commit_that_is_in_the_log(db: Path, tmp_path: Path, at: str) -> None:
    with suppress(DataRefused), pipeline.open_store(db, settings=SETTINGS) as store:
        assert store.keep_log()
        mark(store, range(3))
        store.publish()
        assert store.keep_log()
        mark(store, range(3, 9))
        if at == "none":
            places = [killed(db, tmp_path / "killed", torn=True)]
        else:
            store.connection.execute(f"set debug_checkpoint_abort = '{at}'")
            with pytest.raises(duckdb.Error):
                store.connection.execute("checkpoint")
            places = [killed(db, tmp_path / f"killed-{torn}", torn=torn) for torn in (False, True)]
        raise DataRefused("test", "leave the store as a kill does")
    for place in places:
        files = StoreFiles(place)
        if place is places[-1]:
            assert "file.unreadable" in [one.code for one in diagnose(place).findings]
            recovery = recover(place, SETTINGS, "now")
            assert recovery.lost == []
            assert f"made a new work file from {files.snapshot.name} and the log of the damaged one" in recovery.done
        with pipeline.open_store(place, settings=SETTINGS) as store:
            mark(store, range(9, 10))
        assert marks(place) == 10
        assert diagnose(place).findings == ()


def test_a_log_is_not_replayed_on_another_snapshot(db: Path, tmp_path: Path) -> None:
    with pipeline.open_store(db, settings=SETTINGS) as store:
        assert store.keep_log()
        mark(store, range(3))
        store.publish()
        older = shutil.copyfile(db, tmp_path / "older.duckdb")
        mark(store, range(3, 5))
        store.publish()
        mark(store, range(5, 9))
        place = killed(db, tmp_path / "killed", torn=True)
    files = StoreFiles(place)
    for snapshot in (files.snapshot, *files.previous()):
        snapshot.unlink(missing_ok=True)
    shutil.copyfile(older, files.snapshot)
    recovery = recover(place, SETTINGS, "now")
    assert len(recovery.lost) == 6
    assert f"made a new work file from {files.snapshot.name}" in recovery.done
    assert marks(place) == 3


def test_commits_stay_in_the_log_only_behind_a_snapshot_of_the_same_bytes(db: Path) -> None:
    copies = StoreFiles(db).copies
    with pipeline.open_store(db, settings=SETTINGS) as store:
        assert store.keep_log()
    copies.unlink()
    with pipeline.open_store(db, settings=SETTINGS) as store:
        assert not store.keep_log()
        mark(store, range(1))
        assert not Path(f"{store.work}.wal").exists()
        store.publish()
        assert store.keep_log()
        mark(store, range(1, 2))
        assert Path(f"{store.work}.wal").exists()
    assert marks(db) == 2
