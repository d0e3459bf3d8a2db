"""Kills of every command that changes files, 200 each: run on request, as `pytest tests/stress/test_kills.py -s`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.acknowledged import marks_under_kill
from support.api import serving
from support.killed import ERASE, PUBLISH, UNLOAD, nothing_left, to_erase_from, to_publish, to_unload_from
from support.kills import kill_at_random
from support.pulls import kill_at_random as kill_pulls
from support.pulls import site
from support.records import Make

# `KILLS=20 pytest …` tries fewer.
KILLS = int(os.environ.get("KILLS", "200"))


def test_200_kills_of_an_erasure(tmp_path: Path) -> None:
    print(kill_at_random(to_erase_from(tmp_path / "base"), tmp_path, ERASE, KILLS, seed=2, also=nothing_left))


def test_200_kills_of_a_publication(tmp_path: Path) -> None:
    print(kill_at_random(to_publish(tmp_path / "base"), tmp_path, PUBLISH, KILLS, seed=2))


def test_200_kills_of_an_unload(tmp_path: Path) -> None:
    print(kill_at_random(to_unload_from(tmp_path / "base"), tmp_path, UNLOAD, KILLS, seed=2))


def test_200_kills_of_a_pull(tmp_path: Path, make: type[Make]) -> None:
    with serving(site(make, 2_000)) as api:
        print({"pulls that ended": kill_pulls(tmp_path, api, KILLS, share=0.05, seed=2)})


@pytest.mark.parametrize("marks", [500])
def test_500_acknowledged_marks_outlive_kills(tmp_path: Path, marks: int) -> None:
    made = marks_under_kill(tmp_path, marks, seed=2)
    print(made)
    assert made.lost == 0
