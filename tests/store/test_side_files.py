"""Side files with any bit flipped, cut or gone: the doctor names the damage and mends it, and nothing is raised."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec
import pytest
from support.records import Make
from support.samples import few

import pipeline
import queries
from pipeline.people.personal_text import a_name, without
from pipeline.store import journal
from pipeline.store.doctor import diagnose, diagnosis, recover
from pipeline.store.doctor.examination import examine
from pipeline.store.files import StoreFiles
from pipeline.store.journal import Entry, Line, append, change_file_names, read_journal, seal_lines
from pipeline.store.saved_pulls import Terms, begin, fault_of_saved, pages_of, saved_files
from queries.errors import DataRefused, NoshowError
from queries.lake.manifest import MANIFEST, Lake, Partition, read_manifest

SETTINGS = pipeline.Settings.model_validate({})
STARTED = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DEEP = b"[" * 100_000
# Of every so many bits one is mended.
MENDED = 601
# Lines that a disk may have damaged: not UTF-8, not JSON, nested without end, another type.
DAMAGES = {"not UTF-8": b'{"database": "\xff\xfe"}', "not JSON": b'{"datab', "too deep": DEEP, "a list": b"[1]"}


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flipped(data: bytes, every: int = 1) -> Iterator[bytes]:
    """The bytes with each of their bits turned over, one at a time, or one bit of every few."""
    for bit in range(0, len(data) * 8, every):
        yield flip(data, bit)


# With 5 every bit of a byte is tried in turn, since a byte has 8.
sampled = pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.long)])


@sampled
def test_a_flipped_bit_in_any_line_of_the_journal_is_noticed(tmp_path: Path, every: int) -> None:
    path = tmp_path / "attendance.journal.ndjson"
    for number in (1, 2, 3):
        append(path, Line("here", number, (Entry(number, f"Löwe-{number}.csv", "booking", f"{number:064x}"),)))
    for changed in flipped(path.read_bytes(), every):
        path.write_bytes(changed)
        journal = read_journal(path, "here")
        whole = {entry.load_id for entry in journal.loads}
        assert whole < {1, 2, 3}
        # Without its end the last line is as a crash leaves it, and then it is the work file that has more.
        assert journal.damaged or (whole == {1, 2} and not changed.endswith(b"\n"))


def test_lines_of_an_earlier_noshow_are_read_and_get_their_sums(tmp_path: Path) -> None:
    path = tmp_path / "attendance.journal.ndjson"
    old = b'{"database":"here","generation":2,"loads":[{"load_id":1,"file":"a","kind":"b","sha256":"c"}]}\n'
    path.write_bytes(old + b"damaged\n" + old)
    before = read_journal(path, "here")
    seal_lines(path)
    after = read_journal(path, "here")
    assert (before.is_sealed, after.is_sealed) == (False, True)
    assert (before.loads, before.damaged, before.generation) == (after.loads, after.damaged, after.generation)
    assert after.damaged == (2,)


@pytest.mark.parametrize("number", ["-1", "9007199254740993", "1e300", "99999999999999999999999"])
def test_a_number_that_no_database_reaches_is_damage(tmp_path: Path, number: str) -> None:
    path = tmp_path / "attendance.journal.ndjson"
    path.write_bytes(b'{"database":"here","generation":%s}\n' % number.encode())
    assert read_journal(path, "here").damaged == (1,)


def test_a_line_follows_the_last_whole_one_wherever_a_crash_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end is looked for in blocks, here of 16 bytes."""
    monkeypatch.setattr(journal, "_BLOCK", 16)
    path = tmp_path / "attendance.journal.ndjson"
    for number in (1, 2):
        append(path, Line("here", number))
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        append(path, Line("here", 9))
        kept = whole[: end if end == len(whole) else first if end >= first else 0]
        assert path.read_bytes().startswith(kept)
        assert read_journal(path, "here").damaged == ()
        assert len(path.read_bytes().splitlines()) == kept.count(b"\n") + 1


@pytest.fixture(scope="module")
def store_with_side_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a journal of three lines and a saved pull."""
    db = tmp_path_factory.mktemp("side") / "attendance.duckdb"
    with pipeline.open_store(db, settings=SETTINGS) as store:
        for number in (1, 2):
            (db.parent / "marks.ndjson").write_text(json.dumps(Make.attendance(number)))
            pipeline.ingest(store, [db.parent / "marks.ndjson"])
    saved = begin(db, Terms(STARTED, "site"))
    saved.add_page("bookings", '{"extendedBookings": [{"booking": {"id": "ä"}}]}'.encode())
    saved.planned("again", lambda: ["id-1"])
    return db


def side_files(db: Path) -> list[Path]:
    files = StoreFiles(db)
    return [files.journal, files.secret, *sorted(files.pulls.glob("*/*"))]


def try_all(db: Path, folder: Path, file: str, changed: bytes | None) -> list[str]:
    """Ingest, examine and repair a copy of the database with a changed side file; return the doctor's first findings.

    Anything but an error of ours ends the test.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(db.parent, folder)
    copy, spoilt = folder / db.name, folder / file
    if changed is None:
        spoilt.unlink()
    else:
        spoilt.write_bytes(changed)
    found = [finding.code for finding in diagnose(copy).findings]
    with suppress(NoshowError):
        pipeline.replay(copy, settings=SETTINGS)
    with suppress(NoshowError), pipeline.open_store(copy, settings=SETTINGS):
        pass
    recover(copy, SETTINGS, "now")
    assert [one.code for one in diagnose(copy).findings if one.code != "pull.packed"] == []
    with pipeline.open_store(copy, settings=SETTINGS) as store:
        assert store.connection.execute("select count(*) from load_ledger").fetchall() == [(2,)]
    return found


def test_damage_anywhere_is_named_and_mended(store_with_side_files: Path, tmp_path: Path) -> None:
    """A bit of two side files by default; `test_bits_of_every_byte_of_every_side_file` tries more."""
    chance = random.Random(3)
    for file in chance.sample(side_files(store_with_side_files), 2):
        data = file.read_bytes()
        bit = chance.randrange(len(data) * 8)
        name = relative(store_with_side_files, file)
        assert try_all(store_with_side_files, tmp_path / "d", name, flip(data, bit)), (file, bit)


@pytest.mark.long
@pytest.mark.parametrize("place", range(5))
def test_bits_of_every_byte_of_every_side_file(
    store_with_side_files: Path, tmp_path: Path, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor names each fifth bit of each side file, and of every few hundred bits one is mended as well."""
    # The database itself stays as it is: examined again for each bit, it would take half an hour.
    monkeypatch.setattr(diagnosis, "examine", cache(examine))
    file = side_files(store_with_side_files)[place]
    name, whole = relative(store_with_side_files, file), file.read_bytes()
    copy = shutil.copytree(store_with_side_files.parent, tmp_path / "copy") / store_with_side_files.name
    assert diagnose(copy).findings == ()
    for spoilt in flipped(whole, 5):
        (copy.parent / name).write_bytes(spoilt)
        assert diagnose(copy).findings, (file, spoilt)
    monkeypatch.undo()
    for spoilt in flipped(whole, MENDED):
        assert try_all(store_with_side_files, tmp_path / "d", name, spoilt), (file, spoilt)


@pytest.mark.parametrize(
    ("spoil", "code"),
    few(
        [
            (lambda text: None, "journal.missing"),
            (lambda text: b"", "journal.behind"),
            (lambda text: text[: text.rindex(b"{", 0, -100)], "journal.behind"),
            (lambda text: b"".join(text.splitlines(keepends=True)[:2]), "journal.behind"),
            (lambda text: b"".join(text.splitlines(keepends=True)[::2]), "journal.behind"),
            (lambda text: text[:-1], "journal.behind"),
        ],
        2,
    ),
    ids=["removed", "emptied", "cut within a line", "without the last", "without one between", "without its end"],
)
def test_a_journal_that_lacks_changes_is_found_and_completed(
    store_with_side_files: Path, tmp_path: Path, spoil: Callable[[bytes], bytes | None], code: str
) -> None:
    journal = StoreFiles(store_with_side_files).journal
    assert try_all(store_with_side_files, tmp_path / "d", journal.name, spoil(journal.read_bytes())) == [code]


def relative(db: Path, file: Path) -> str:
    return str(file.relative_to(db.parent))


@pytest.mark.parametrize("damage", few(DAMAGES, 1))
def test_a_damaged_line_of_the_journal_is_found_and_mended(tmp_path: Path, damage: str) -> None:
    db = tmp_path / "attendance.duckdb"
    with pipeline.open_store(db, settings=SETTINGS):
        pass
    journal = StoreFiles(db).journal
    whole = journal.read_bytes()
    journal.write_bytes(DAMAGES[damage] + b"\n" + whole)
    assert [finding.code for finding in diagnose(db).findings] == ["journal.damaged"]
    with pipeline.open_store(db, settings=SETTINGS):
        pass
    recover(db, SETTINGS, "now")
    assert diagnose(db).findings == ()
    assert journal.read_bytes() == whole


@pytest.mark.parametrize("damage", few(DAMAGES, 1))
def test_a_person_is_erased_from_a_damaged_line_of_the_journal(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "a.journal.ndjson"
    file.write_bytes(DAMAGES[damage] + b" Pat Doe\xff\n")
    change_file_names(file, str, in_damaged=lambda text: without(text, (a_name("Pat Doe"),)))
    erased = file.read_bytes()
    assert b"Pat" not in erased
    assert erased.endswith(b"\xff\n")
    assert erased.startswith(DAMAGES[damage])


@sampled
def test_a_flipped_bit_in_any_file_of_a_pull_is_noticed(tmp_path: Path, every: int) -> None:
    db = tmp_path / "attendance.duckdb"
    saved = begin(db, Terms(STARTED, "site"))
    saved.add_page("bookings", '{"extendedBookings": [{"booking": {"id": "ä"}}]}'.encode())
    saved.planned("again", lambda: ["id-1", "id-2"])
    (part,) = saved.parts("bookings")
    whole = list(pages_of(part))
    for file in saved_files(db):
        assert fault_of_saved(file) == ""
        for changed in flipped(file.read_bytes(), every):
            file.write_bytes(changed)
            fault = fault_of_saved(file)
            assert fault == "damaged" or (fault == "packed" and list(pages_of(part)) == whole)


def test_what_an_earlier_noshow_saved_is_read(tmp_path: Path) -> None:
    saved = begin(tmp_path / "attendance.duckdb", Terms(STARTED, "site"))
    (saved.folder / "pull.json").write_bytes(msgspec.json.encode(saved.terms))
    (saved.folder / "again.json").write_text('["id-1"]')
    (saved.folder / "gone.0001.ndjson.gz").write_bytes(gzip.compress(b"{}\n", 9, mtime=0))
    assert [fault_of_saved(file) for file in saved_files(tmp_path / "attendance.duckdb")] == ["", "packed", ""]
    assert saved.planned("again", list) == ["id-1"]


@sampled
def test_a_flipped_bit_anywhere_in_the_manifest_of_a_lake_is_refused(tmp_path: Path, every: int) -> None:
    site = queries.Site("UTC", 24, 24, None, 7, "1.0")
    lake = Lake(tmp_path, "d", site, {"local_year=2026/local_month=3": Partition(1, "c", 5)}, attributes=("reminder",))
    text = lake.to_json().encode()
    (tmp_path / MANIFEST).write_bytes(text)
    assert read_manifest(tmp_path)
    for changed in flipped(text, every):
        (tmp_path / MANIFEST).write_bytes(changed)
        with pytest.raises(DataRefused, match="not the manifest of a lake"):
            read_manifest(tmp_path)


@pytest.mark.parametrize("damage", few(DAMAGES, 1))
def test_a_damaged_manifest_of_a_lake_is_refused(tmp_path: Path, damage: str) -> None:
    (tmp_path / MANIFEST).write_bytes(DAMAGES[damage])
    with pytest.raises(DataRefused, match="manifest"):
        read_manifest(tmp_path)


def test_a_journal_keeps_its_own_words_when_names_of_files_change(tmp_path: Path) -> None:
    journal = tmp_path / "a.journal.ndjson"
    entries = (Entry(1, "mark.csv", "mark", "9mark4"), Entry(2, "other.csv", "attendance", "0f"))
    append(journal, Line("b6419c6a", 3, entries, ("mark",)))
    append(journal, Line("b6419c6a", 4, entries[1:]))
    first, second = journal.read_bytes().splitlines()
    change_file_names(journal, lambda name: name.replace("mark", "erased"), in_damaged=str.upper)
    changed = read_journal(journal, "b6419c6a")
    assert changed.loads[:2] == (Entry(1, "erased.csv", "mark", "9mark4"), entries[1])
    assert (changed.reported_lost, changed.damaged) == ({"mark"}, ())
    assert journal.read_bytes().splitlines()[1] == second
    journal.write_bytes(first[:-9] + b"\n" + second + b"\n")
    change_file_names(journal, lambda name: name, in_damaged=str.upper)
    assert journal.read_bytes() == first[:-9].upper() + b"\n" + second + b"\n"
