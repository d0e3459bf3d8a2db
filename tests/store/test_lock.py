"""The writer's lock: a second writer is refused, and one that another machine overtook stops before it commits."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from support.fixtures import Write
from support.records import Make

import pipeline
import queries
from pipeline.store.doctor import diagnose
from pipeline.store.files import StoreFiles
from pipeline.store.lock import only_writer
from queries.errors import StoreBusy

SETTINGS = pipeline.Settings.model_validate({})
OTHER = b"17 elsewhere.example 0123456789abcdef\n"


@pytest.fixture
def bookings(db: Path, write: Write) -> Path:
    """A file with one booking, beside a database that was published before it."""
    with pipeline.open_store(db, settings=SETTINGS):
        pass
    return write([Make.booking(1)])


def stored(db: Path) -> int:
    with closing(queries.connect(db)) as connection:
        return len(connection.execute("select id from booking").fetchall())


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (OTHER, "process 17 on elsewhere.example"),
        (b"17\n", "process 17"),
        (b"1\x1b7", "process unknown"),
        (b"\xff", "process unknown"),
        (b"17 \xe2\x80\xaecod 0f\n", "process unknown"),
        (b"17 host 0f\n" * 1000, "process unknown"),
        (b"", "process unknown"),
    ],
)
def test_a_second_writer_is_told_of_the_first(tmp_path: Path, written: bytes, name: str) -> None:
    lock, db = tmp_path / "a.lock", tmp_path / "a.duckdb"
    with only_writer(lock, db) as held:
        lock.write_bytes(written)
        with pytest.raises(StoreBusy, match=rf"\({name}\)"), only_writer(lock, db):
            pass
        with pytest.raises(StoreBusy, match=rf"another writer has begun .*\({name}\)"):
            held.require_held()


def test_a_lock_file_that_was_removed_is_taken_by_nobody(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    with only_writer(lock, tmp_path / "a.duckdb") as held:
        lock.unlink()
        held.require_held()


def load(db: Path, file: Path, overtaken_before: bool) -> None:
    with pipeline.open_store(db, settings=SETTINGS) as store:
        if overtaken_before:
            StoreFiles(db).lock.write_bytes(OTHER)
        pipeline.ingest(store, [file])
        StoreFiles(db).lock.write_bytes(OTHER)


def test_a_writer_that_was_overtaken_commits_nothing(db: Path, bookings: Path) -> None:
    with pytest.raises(StoreBusy, match="elsewhere"):
        load(db, bookings, overtaken_before=True)
    assert stored(db) == 0
    assert diagnose(db).findings == ()


def test_a_writer_that_is_overtaken_after_its_commit_publishes_nothing(db: Path, bookings: Path) -> None:
    with pytest.raises(StoreBusy, match="elsewhere"):
        load(db, bookings, overtaken_before=False)
    assert stored(db) == 0
    with pipeline.open_store(db, settings=SETTINGS):
        pass
    assert stored(db) == 1


def test_an_export_that_was_overtaken_leaves_the_lake_as_it_was(db: Path, bookings: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"

    def overtake(step: str) -> None:
        if step.startswith("writing"):
            (lake / "_noshow.lock").write_bytes(OTHER)

    with pipeline.open_store(db, settings=SETTINGS) as store:
        pipeline.ingest(store, [bookings])
    with pytest.raises(StoreBusy, match="elsewhere"):
        pipeline.export_lake(db, lake, progress=overtake)
    assert not list(lake.glob("local_year=*"))
