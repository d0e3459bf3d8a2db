"""Killed at any moment, an ingest leaves the old or the new, and running it again finishes the job."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.crashes import (
    Replay,
    die_in_place_of_publishing,
    die_in_place_of_the_journal,
    die_when_published,
    kill_at_random,
    replay,
    require_finished,
    start,
)

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return replay(tmp_path_factory.mktemp("replay"), sorted(SAMPLE.glob("*json")))


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.long)])
def test_kills_lose_and_halve_nothing(replayed: Replay, tmp_path: Path, kills: int) -> None:
    kill_at_random(replayed, tmp_path / "d", kills, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("moment", [die_in_place_of_the_journal, die_in_place_of_publishing, die_when_published])
def test_a_load_that_was_committed_and_not_acknowledged_is_a_no_op(
    replayed: Replay, tmp_path: Path, moment: Callable[[], None]
) -> None:
    db = tmp_path / "d" / "attendance.duckdb"
    shutil.copytree(replayed.base, db.parent)
    process = start(db, replayed.files[:2], moment)
    process.join(60)
    assert process.exitcode == -9
    outcomes = require_finished(replayed, db)
    assert [outcome.already_loaded for outcome in outcomes[:2]] == [True, True]
