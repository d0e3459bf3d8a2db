"""Damage a database file or its log as disks and people do.

Shared by the tests of the store and the stress tests.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.crashes import Replay, content_of, require_finished

from pipeline.cli import main
from pipeline.store.doctor import diagnose
from pipeline.store.files import StoreFiles

Damage = Callable[[bytearray, random.Random], None]


def flipped_bit(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def swapped_words(data: bytearray, chance: random.Random) -> None:
    """Swap two words of one block, which DuckDB's checksum does not notice."""
    one = other = 0
    while data[one : one + 8] == data[other : other + 8]:
        block = chance.randrange(len(data) // 4096) * 4096
        one, other = (block + 8 * chance.randrange(4096 // 8) for _ in range(2))
    data[one : one + 8], data[other : other + 8] = data[other : other + 8], data[one : one + 8]


def zeroed_page(data: bytearray, chance: random.Random) -> None:
    page = chance.randrange(len(data) // 4096) * 4096
    data[page : page + 4096] = bytes(4096)


def cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


DAMAGES: tuple[Damage, ...] = (flipped_bit, swapped_words, zeroed_page, cut)


def damage_each(replayed: Replay, whole: Path, folder: Path, times: int, seed: int) -> dict[str, int]:
    """Damage work file or snapshot of a finished database, again and again; return how often the doctor found it.

    Asserts that a database the doctor passes has all that was loaded, that every problem names its file and a remedy,
    and that after `--recover` and another ingest everything is there again.
    """
    chance = random.Random(seed)
    found = dict.fromkeys((damage.__name__ for damage in DAMAGES), 0)
    for number in range(times):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder)
        db = folder / "attendance.duckdb"
        file, damage = chance.choice((db, StoreFiles(db).work)), DAMAGES[number % len(DAMAGES)]
        data = bytearray(file.read_bytes())
        damage(data, chance)
        file.write_bytes(data)
        problems = [finding for finding in diagnose(db).findings if finding.is_problem]
        found[damage.__name__] += bool(problems)
        assert all(problem.file == file and problem.message and problem.remedy for problem in problems)
        if problems:
            recover(db)
        assert content_of(db) == content_of(StoreFiles(db).work) == replayed.states[-1]
        require_finished(replayed, db)
    return found


def recover(db: Path) -> int:
    """Run `noshow doctor --recover` and return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["noshow", "doctor", "--recover", "--db", str(db)])
        with pytest.raises(SystemExit) as end:
            main()
    return int(end.value.code or 0)
