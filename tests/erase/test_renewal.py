"""The files of a store after an erasure: whatever step fails, the next writer does the rest; nothing old is left."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.fixtures import Write
from support.records import Make

import pipeline
import queries
from pipeline.store.files import StoreFiles
from pipeline.store.renewal import files_that_hold, renew
from queries.sealed import unsealed

CONTACT = "b6419c6a-9e44-5d09-803d-8b0f45406dc7"
NAME = "Emma Adler"
TEXTS = (CONTACT, NAME)
SAID = {"contactDetails": {"contactId": CONTACT, "firstName": "Emma", "lastName": "Adler"}}
DEFAULT = pipeline.Settings.model_validate({})


class Killed(BaseException):
    """Stands for the end of the process: nothing handles it."""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store" / "attendance.duckdb"


@pytest.fixture
def filled(db: Path, write: Write, make: type[Make]) -> Path:
    """The contact in work file, snapshot and an older snapshot."""
    for number in range(1, 3):
        with pipeline.open_store(db, settings=DEFAULT) as store:
            pipeline.ingest(store, [write(make.booking(number, **SAID))])
    return db


def holding(db: Path) -> list[Path]:
    return files_that_hold((path for path in db.parent.rglob("*") if path.is_file()), TEXTS)


def failing_at(count: int, patch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Have the call of that number fail, of all by which files are synced, replaced or removed; how many there were."""
    calls = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == count:
                raise Killed
            return real(*args, **options)

        return call

    for name in ("fsync", "replace", "unlink", "link", "rmdir"):
        patch.setattr(os, name, counted(getattr(os, name)))
    return lambda: calls


@pytest.mark.parametrize("step", [20, pytest.param(1, marks=pytest.mark.long)])
def test_killed_at_any_step_the_next_writer_does_the_rest(filled: Path, tmp_path: Path, step: int) -> None:
    steps, before = 1 - step, tmp_path / "before"
    shutil.copytree(filled.parent, before)
    while True:
        steps += step
        shutil.rmtree(filled.parent)
        shutil.copytree(before, filled.parent)
        with pytest.MonkeyPatch.context() as patch:
            calls = failing_at(steps, patch)
            try:
                pipeline.erase(filled, CONTACT)
                break
            except Killed:
                reached = calls()
        assert reached >= steps
        with queries.connect(filled) as con:
            assert con.execute("select count(*) from booking").fetchall() == [(2,)]
        with pipeline.open_store(filled, settings=DEFAULT) as store:
            erased = store.connection.execute("select count(contact_id) from booking").fetchall() == [(0,)]
        assert not StoreFiles(filled).erasing_mark.exists()
        assert bool(holding(filled)) is not erased
        if not erased:
            assert pipeline.erase(filled, CONTACT).bookings == 2
            assert holding(filled) == []
    assert steps > 15


@pytest.mark.long
def test_what_killed_processes_left_is_removed(filled: Path) -> None:
    left = [".attendance.new-4242.duckdb", ".attendance.renewed.duckdb", "attendance.duckdb.wal"]
    for name in left:
        filled.with_name(name).write_text(NAME)
    spilled = filled.with_name("attendance.work.duckdb.tmp")
    spilled.mkdir()
    (spilled / "duckdb_temp_block-1.block").write_text(NAME)
    not_ours = filled.with_name("attendance.previous-year.duckdb")
    not_ours.write_text("kept")
    pipeline.erase(filled, CONTACT)
    assert sorted(path.name for path in filled.parent.iterdir()) == [
        ".attendance.copies.json",
        "attendance.duckdb",
        "attendance.journal.ndjson",
        "attendance.lock",
        "attendance.previous-year.duckdb",
        "attendance.secret",
        "attendance.work.duckdb",
    ]


def test_the_work_file_is_new_and_read_by_the_same_shells(filled: Path) -> None:
    work = filled.with_name("attendance.work.duckdb")
    before = work.stat().st_ino
    pipeline.erase(filled, CONTACT)
    assert work.stat().st_ino != before
    version = "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
    with queries.connect(filled) as published, pipeline.open_store(filled) as store:
        storage = store.connection.execute(version).fetchall()
        assert storage == published.execute(version).fetchall()
        assert "v1.5.0" in storage[0][0]


def test_a_store_without_a_mark_is_left_alone(filled: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in filled.parent.iterdir()}

    def never(*_: Any) -> Any:
        raise AssertionError

    renew(StoreFiles(filled), never)
    assert {path: path.stat().st_mtime_ns for path in filled.parent.iterdir()} == before


@pytest.mark.long
def test_a_file_that_still_holds_the_person_is_named(filled: Path) -> None:
    stubborn = filled.with_name(".attendance.note")
    stubborn.write_text(f"Call {NAME.upper()}")
    with pytest.raises(queries.OutputFailed, match=r"\.attendance\.note: still contains an erased text") as caught:
        pipeline.erase(filled, CONTACT)
    assert NAME not in str(caught.value)
    assert not StoreFiles(filled).erasing_mark.exists()


def test_the_journal_of_loads_is_scrubbed(filled: Path) -> None:
    journal = filled.with_name("attendance.journal.ndjson")
    lines = [{"load_id": 1, "file": "exports/2026.csv"}, {"load_id": 2, "file": f"exports/{NAME}.csv", "at": [NAME]}]
    kept = journal.read_text()
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines) + kept + f"half a li {CONTACT}")
    pipeline.erase(filled, CONTACT)
    first, second, *others = journal.read_text().splitlines()
    assert json.loads(first) == lines[0]
    assert json.loads(unsealed(second.encode())) == {"load_id": 2, "file": "exports/erased.csv", "at": ["erased"]}
    assert others[: kept.count("\n")] == kept.splitlines()
    assert CONTACT not in journal.read_text()


def test_bytes_are_found_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.renewal._AT_ONCE", 7)
    file, escaped, other = (tmp_path / name for name in ("a", "b", "c"))
    file.write_bytes(b"\0" * 5 + "emma ADLÉR".encode() + b"\0")
    escaped.write_text(json.dumps("Emma AdlÉr"))
    other.write_text("Emma and Adler")
    assert files_that_hold([file, escaped, other], ["Emma AdlÉr"]) == [file, escaped]
    assert files_that_hold([file], []) == []


def test_a_name_with_signs_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    db = tmp_path / "data[1]" / "a*b.duckdb"
    with pipeline.open_store(db, settings=DEFAULT):
        pass
    assert [path.name for path in StoreFiles(db).everything()] == [
        ".a*b.copies.json",
        "a*b.duckdb",
        "a*b.journal.ndjson",
        "a*b.lock",
        "a*b.work.duckdb",
    ]
