"""The promises of the store, tested at length: run on request, as `pytest tests/stress`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.crashes import (
    Replay,
    content_of,
    die_in_place_of_publishing,
    die_in_place_of_the_journal,
    die_when_published,
    kill_at_random,
    replay,
    require_finished,
    start,
)
from support.damage import damage_each
from support.disks import disk_of, grow, ingest, may_mount
from support.failures import DISK_FULL, OF_STATEMENTS, fail_each, files, statements
from support.readers import SHELL, read_while_publishing

from pipeline.store.doctor import diagnose

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
# Findings about a load that was committed when the disk was full: the next one completes both files.
BEHIND = {"published.behind", "journal.behind"}
MOMENTS = (die_in_place_of_the_journal, die_in_place_of_publishing, die_when_published)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return replay(tmp_path_factory.mktemp("replay"), sorted(SAMPLE.glob("*json")))


def test_500_kills(replayed: Replay, tmp_path: Path) -> None:
    kill_at_random(replayed, tmp_path / "d", 500, seed=2)


def test_200_kills_between_commit_and_exit_code_are_no_ops(replayed: Replay, tmp_path: Path) -> None:
    for number in range(200):
        db = tmp_path / str(number) / "attendance.duckdb"
        shutil.copytree(replayed.base, db.parent)
        process = start(db, replayed.files[:2], MOMENTS[number % len(MOMENTS)])
        process.join(60)
        assert process.exitcode == -9
        assert [outcome.already_loaded for outcome in require_finished(replayed, db)[:2]] == [True, True]
        shutil.rmtree(db.parent)


@pytest.mark.parametrize("error", OF_STATEMENTS, ids=lambda error: type(error).__name__)
def test_every_statement_fails_in_every_way(
    replayed: Replay, tmp_path: Path, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    assert fail_each(replayed, tmp_path, statements, (error,), capsys) > 50


def test_every_call_on_a_file_fails(replayed: Replay, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fail_each(replayed, tmp_path, files, (DISK_FULL,), capsys) > 10


def test_500_damages(replayed: Replay, tmp_path: Path) -> None:
    found = damage_each(replayed, replayed.base.parent / "replay", tmp_path / "d", 500, seed=3)
    print(found)
    assert found["cut"] == 125


def test_100_publishes_and_1000_opens(tmp_path: Path) -> None:
    seen = read_while_publishing(tmp_path, publishes=100, shells=int(SHELL.exists()))
    print(seen)
    assert (seen.inconsistent, seen.error) == (0, "")
    assert seen.opens >= 1000


def test_a_disk_that_is_full_at_any_step(replayed: Replay, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    if not may_mount(place):
        pytest.skip("a disk of a given size takes the right to mount")
    base = sum(file.stat().st_size for file in replayed.base.iterdir()) / 2**20
    codes = [_on_a_disk(replayed, base + step / 4, place) for step in range(1, 100)]
    assert set(codes) == {0, 74}, "some disks were too small and some large enough"
    print({code: codes.count(code) for code in (0, 74)})


def _on_a_disk(replayed: Replay, mebibytes: float, place: Path) -> int:
    with disk_of(mebibytes, place) as disk:
        for file in replayed.base.iterdir():
            shutil.copy(file, disk)
        db = disk / "attendance.duckdb"
        before = content_of(db)
        run = ingest(db, *replayed.files)
        assert run.returncode in (0, 74), run.stderr
        assert run.stderr.count("\n") == (run.returncode != 0), run.stderr
        if run.returncode:
            assert content_of(db) in (before, replayed.states[-1])
            assert {finding.code for finding in diagnose(db).findings} <= BEHIND
        grow(disk)
        require_finished(replayed, db)
    return run.returncode
