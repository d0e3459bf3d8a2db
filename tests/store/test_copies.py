"""Snapshots made of an old one by copying the blocks that changed: they are the work file, byte for byte."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from support.fixtures import Write
from support.records import Make
from support.samples import few

import pipeline
from pipeline.store import changed_content
from pipeline.store.changed_content import differing_since
from pipeline.store.content_state import NO_ROWS, State, differing_tables, tracked
from pipeline.store.copies import identity, take_copies
from pipeline.store.doctor import diagnose
from pipeline.store.files import StoreFiles
from pipeline.store.opening import Store, make_all
from pipeline.store.removed_rows import note_removed, removed_elsewhere
from pipeline.store.tables import TRACKED
from pipeline.store.work_file import BLOCK_BYTES, HEADER_BYTES, connect_work
from queries.database import open_snapshot

SETTINGS = pipeline.Settings.model_validate({})


@pytest.fixture
def whole_copies(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with each copy of the whole work file."""
    made: list[int] = []
    copy = shutil.copyfileobj

    def counted(*args: object) -> None:
        made.append(1)
        copy(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(shutil, "copyfileobj", counted)
    return made


def mark(store: Store, number: int, status: str) -> None:
    record = Make.attendance(number, status)
    del record["id"]
    pipeline.set_attendance(store, {"attendance": record}, allow_unknown=True)


def marked(db: Path, *numbers: int, status: str = "ATTENDED") -> None:
    with pipeline.open_store(db, settings=SETTINGS) as store:
        for number in numbers:
            mark(store, number, status)


@pytest.fixture
def published(db: Path) -> Path:
    """A database with a published snapshot and two before it, all of them copies of the work file."""
    for number in range(3):
        marked(db, number)
    return db


def is_copy(db: Path) -> bool:
    files = StoreFiles(db)
    with closing(open_snapshot(db)) as con:
        assert differing_tables(con) == []
    return files.snapshot.read_bytes() == files.work.read_bytes()


def test_changes_of_every_table_are_followed(published: Path) -> None:
    with pipeline.open_store(published, settings=SETTINGS) as store:
        gone = {table: removed_elsewhere(store.connection, table, "false") for table in TRACKED}
    assert gone == dict.fromkeys(TRACKED, State(0, 0, 0))


def test_large_tables_of_all_kinds_are_copied_by_blocks(
    published: Path, whole_copies: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed_content, "_WHOLE_BELOW", 0)
    whole_copies.clear()
    marked(published, 1, 2, status="NOT_ATTENDED")  # the history of rows, the ledger and the attendance change
    assert is_copy(published)
    assert whole_copies == []


def test_beside_a_published_snapshot_that_is_not_a_copy_a_whole_one_is_made_at_once(
    published: Path, whole_copies: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """As when the published one has a stored roster: the two could not be compared by blocks."""
    whole_copies.clear()
    caplog.set_level("INFO", logger="noshow")
    with pipeline.open_store(published, settings=SETTINGS) as store:
        store.copies.known.pop(identity(published))
        mark(store, 1, "NOT_ATTENDED")
    assert is_copy(published)
    assert len(whole_copies) == 1
    events = [record.message for record in caplog.records]
    assert "store.published" in events
    assert "store.copied_whole" not in events


@pytest.mark.long
def test_whatever_changes_the_snapshot_is_the_work_file(
    published: Path,
    write: Write,
    make: type[Make],
    whole_copies: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Several changes in one session reuse blocks that the first of them freed."""
    chance = random.Random(4)

    def load(store: Store) -> None:
        numbers = chance.sample(range(400), 150)
        pipeline.ingest(store, [write(*(make.booking(n) for n in numbers), *(make.attendance(n) for n in numbers))])

    def mark_some(store: Store) -> None:
        for number in chance.sample(range(400), 2):
            mark(store, number, chance.choice(("ATTENDED", "NOT_ATTENDED")))

    def take_back(store: Store) -> None:
        last = store.connection.execute("select max(load_id) from load_ledger where unloaded_at is null").fetchall()
        pipeline.unload(store, [number for (number,) in last])

    actions: tuple[Callable[[Store], None], ...] = (load, mark_some, mark_some, take_back)
    # The log has the work file's path as DuckDB writes it, and the database may be named by a relative one.
    monkeypatch.chdir(published.parent)
    for _ in range(8):
        with pipeline.open_store(published.name, settings=SETTINGS) as store:
            for action in chance.choices(actions, k=chance.randrange(1, 4)):
                action(store)
        assert is_copy(published)
    assert whole_copies == []
    assert diagnose(published).findings == ()


def test_a_snapshot_that_somebody_reads_is_not_written_to(published: Path, whole_copies: list[int]) -> None:
    oldest = StoreFiles(published).previous()[-1]
    before = oldest.read_bytes()
    with oldest.open("rb") as reader:
        marked(published, 7)
        assert reader.read() == before
    assert (len(whole_copies), is_copy(published)) == (1, True)


def test_a_snapshot_with_another_name_is_not_written_to(
    published: Path, whole_copies: list[int], tmp_path: Path
) -> None:
    oldest = StoreFiles(published).previous()[-1]
    kept = tmp_path / "backup.duckdb"
    kept.hardlink_to(oldest)
    before = kept.read_bytes()
    marked(published, 7)
    assert kept.read_bytes() == before
    assert (len(whole_copies), is_copy(published)) == (1, True)


def _changed_by_duckdb(files: StoreFiles) -> None:
    with duckdb.connect(str(files.work)) as con:
        con.execute("create table other as select 1 as n")
        con.execute("drop table other")


def _old_one_replaced(files: StoreFiles) -> None:
    oldest = files.previous()[-1]
    Path(shutil.copy(oldest, f"{oldest}.kept")).replace(oldest)


@pytest.mark.parametrize(
    "spoil",
    [
        _changed_by_duckdb,
        _old_one_replaced,
        lambda files: files.copies.write_bytes(files.copies.read_bytes()[:-9]),
        lambda files: files.copies.unlink(),
    ],
    ids=["work file written by another", "old snapshot replaced", "record cut", "no record"],
)
def test_what_is_not_known_is_copied_whole(
    published: Path, whole_copies: list[int], spoil: Callable[[StoreFiles], None]
) -> None:
    spoil(StoreFiles(published))
    marked(published, 7)
    assert (len(whole_copies), is_copy(published)) == (1, True)


def test_an_old_snapshot_that_was_damaged_since_is_not_published(published: Path, whole_copies: list[int]) -> None:
    """As if a disk had changed it: with its time, which a program's writing would change."""
    oldest = StoreFiles(published).previous()[-1]
    times = oldest.stat()
    with closing(open_snapshot(oldest)) as con:
        ((block, start),) = con.execute(
            "select block_id, block_offset from pragma_storage_info('load_ledger') where column_name = 'sha256' "
            "and block_id >= 0 limit 1"
        ).fetchall()
    with oldest.open("r+b") as file:
        for here in range(12_288 + block * 262_144 + start, 12_288 + block * 262_144 + start + 64):
            file.seek(here)
            file.write(b"\x55")
    os.utime(oldest, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert take_copies_again(published).generation(oldest)
    marked(published, 7)
    assert is_copy(published)


def take_copies_again(db: Path):  # type: ignore[no-untyped-def]
    """The known state of the copies, without taking it away."""
    files = StoreFiles(db)
    kept = files.copies.read_bytes()
    copies = take_copies(files)
    files.copies.write_bytes(kept)
    return copies


def test_a_killed_writer_leaves_nothing_known(published: Path, whole_copies: list[int]) -> None:
    """The record is taken away while the work file is open for writing."""
    with pipeline.open_store(published, settings=SETTINGS):
        assert not StoreFiles(published).copies.exists()
    assert take_copies_again(published).generation(published) is not None


@pytest.mark.parametrize(
    "place",
    few(
        [
            "pipeline.store.copies.Copies._copy_blocks",
            "pipeline.store.publication.sync",
            "pipeline.store.publication._put_in_place",
        ],
        1,
    ),
)
def test_a_copy_that_ends_half_way_is_made_again(published: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old snapshot is gone then. Readers keep the published one, and the next writer publishes the commit."""
    before = published.read_bytes()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, dies)
        with pytest.raises(KeyboardInterrupt):
            marked(published, 7)
    assert published.read_bytes() == before
    with pipeline.open_store(published, settings=SETTINGS):
        pass
    assert is_copy(published)
    with closing(open_snapshot(published)) as con:
        assert con.execute("select count(*) from attendance").fetchall() == [(4,)]
    assert diagnose(published).findings == ()


_ROWS = """
insert into attendance by name
select
    md5('a' || i)::uuid as id, md5('b' || i)::uuid as booking_id, 'event-' || i as event_id, event_id as session_key,
    'ATTENDED' as status, 1 as number_of_attendees, timestamp '2026-03-01' as updated_at, $load_id as load_id
from range($first::bigint, $last::bigint) as t(i)
"""


def add(con: duckdb.DuckDBPyConnection, load_id: int, first: int, last: int) -> None:
    ours = ("load_id = $load_id", {"load_id": load_id})
    with tracked(con, "attendance", NO_ROWS, ours):
        con.execute(_ROWS, {"load_id": load_id, "first": first, "last": last})


@pytest.fixture(scope="module")
def two_states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A database of 130,000 marks, which are two row groups, and the same after one of the first group was replaced."""
    earlier = tmp_path_factory.mktemp("states") / "earlier.duckdb"
    with closing(connect_work(earlier, SETTINGS)) as con:
        make_all(con, SETTINGS)
        add(con, 1, 0, 130_000)
    new = Path(shutil.copy(earlier, earlier.with_name("new.duckdb")))
    with closing(connect_work(new, SETTINGS)) as con:
        replaced = ("booking_id = md5('b7')::uuid", {})
        with tracked(con, "attendance", replaced, NO_ROWS):
            con.execute(f"delete from attendance where {replaced[0]}")
        add(con, 2, 7, 8)
    return earlier, new


def changed_blocks(old: Path, new: Path) -> list[int]:
    before, after = (path.read_bytes()[HEADER_BYTES:] for path in (old, new))
    places = range(0, max(len(before), len(after)), BLOCK_BYTES)
    return [
        place // BLOCK_BYTES
        for place in places
        if before[place : place + BLOCK_BYTES] != after[place : place + BLOCK_BYTES]
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        "",
        "delete from attendance where event_id = 'event-9'",
        "update attendance set status = 'NOT_SET' where event_id = 'event-9'",
        "update attendance set status = 'NOT_SET' where event_id = 'event-129000'",
        "update attendance set status = 'NOT_SET' where load_id = 2",
        "insert into attendance from attendance where load_id = 2",
        "delete from attendance where load_id = 2",
        "delete from attendance where event_id = 'event-9'; insert into attendance from attendance where load_id = 2",
    ],
)
def test_the_rows_that_changed_show_what_else_did(
    two_states: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    earlier, new = two_states
    whole: set[str] = set()

    def hashed(con: duckdb.DuckDBPyConnection, among: set[str]) -> list[str]:
        whole.update(among)
        return differing_tables(con, among)

    monkeypatch.setattr(changed_content, "differing_tables", hashed)
    spoilt = Path(shutil.copy(new, tmp_path / "spoilt.duckdb"))
    with duckdb.connect(str(spoilt)) as con:
        con.execute(spoil or "select 1")
        con.execute("checkpoint")
        con.execute(f"attach '{earlier}' as earlier (read_only)")
        replaced = "earlier.attendance as whole_row where booking_id = md5('b7')::uuid"
        note_removed(con, "attendance", f"select rowid, hash(whole_row) from {replaced}")
        assert differing_since(con, changed_blocks(earlier, spoilt)) == (["attendance"] if spoil else [])
    assert ("attendance" in whole) == bool(spoil)
