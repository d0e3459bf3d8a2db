"""Side files with any bit flipped: unreadable ones are reported as damaged, and nothing else is raised."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.samples import few

import pipeline
from pipeline.people.erasure import _scrubbed_line
from pipeline.people.personal_text import a_name
from pipeline.store.doctor import diagnose, recover
from pipeline.store.files import StoreFiles
from pipeline.store.journal import Entry, Line, append, read_journal
from pipeline.store.saved_pulls import DamagedPages, Terms, begin, pages_of, saved_pulls
from queries.errors import DataRefused
from queries.lake.manifest import MANIFEST, read_manifest

SETTINGS = pipeline.Settings.model_validate({})
STARTED = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DEEP = b"[" * 100_000
# Lines that a disk may have damaged: not UTF-8, not JSON, nested without end, another type.
DAMAGES = {"not UTF-8": b'{"database": "\xff\xfe"}', "not JSON": b'{"datab', "too deep": DEEP, "a list": b"[1]"}


def flipped(data: bytes) -> Iterator[bytes]:
    """The bytes with each of their bits turned over, one at a time."""
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def test_a_journal_with_any_bit_flipped_is_read(tmp_path: Path) -> None:
    path = tmp_path / "attendance.journal.ndjson"
    for number in (1, 2, 3):
        append(path, Line("here", number, (Entry(number, f"Löwe-{number}.csv", "booking", f"{number:064x}"),)))
    whole = path.read_bytes()
    for changed in flipped(whole):
        path.write_bytes(changed)
        journal = read_journal(path, "here")
        assert len(journal.loads) + len(journal.damaged) <= 4
        assert len(journal.loads) >= 1


@pytest.mark.parametrize("damage", few(DAMAGES, 2))
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


@pytest.mark.parametrize("damage", few(DAMAGES, 2))
def test_a_person_is_erased_from_a_damaged_line_of_the_journal(damage: str) -> None:
    line = DAMAGES[damage] + b" Pat Doe\xff\n"
    erased = _scrubbed_line(line, (a_name("Pat Doe"),))
    assert b"Pat" not in erased
    assert erased.endswith(b"\xff\n")
    assert erased.startswith(DAMAGES[damage])


def test_saved_pages_with_any_bit_flipped_are_read_or_damaged(tmp_path: Path) -> None:
    db = tmp_path / "attendance.duckdb"
    saved = begin(db, Terms(STARTED, "site"))
    saved.add_page("bookings", '{"extendedBookings": [{"booking": {"id": "ä"}}]}'.encode())
    (part,) = saved.parts("bookings")
    page = gzip.decompress(part.read_bytes())
    for changed in flipped(page):
        part.write_bytes(gzip.compress(changed, mtime=0))
        with suppress(DamagedPages):
            assert list(pages_of(part))
    terms = saved.folder / "pull.json"
    for changed in flipped(terms.read_bytes()):
        terms.write_bytes(changed)
        with suppress(DamagedPages):
            assert saved_pulls(db)


@pytest.mark.parametrize("damage", few(DAMAGES, 2))
def test_a_damaged_manifest_of_a_lake_is_refused(tmp_path: Path, damage: str) -> None:
    (tmp_path / MANIFEST).write_bytes(DAMAGES[damage])
    with pytest.raises(DataRefused, match="manifest"):
        read_manifest(tmp_path)
