"""Killed at any moment, erasing and publishing are done or not begun, and a mark that was acknowledged is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.acknowledged import marks_under_kill
from support.killed import ERASE, PUBLISH, nothing_left, to_erase_from, to_publish
from support.kills import kill_at_random


@pytest.mark.long
def test_ten_kills_of_an_erasure(tmp_path: Path) -> None:
    kill_at_random(to_erase_from(tmp_path / "base", 100), tmp_path, ERASE, 10, seed=1, also=nothing_left)


@pytest.mark.long
def test_ten_kills_of_a_publication(tmp_path: Path) -> None:
    kill_at_random(to_publish(tmp_path / "base", 500), tmp_path, PUBLISH, 10, seed=1)


@pytest.mark.parametrize("marks", [2, pytest.param(50, marks=pytest.mark.long)])
def test_a_mark_that_was_acknowledged_outlives_a_kill(tmp_path: Path, marks: int) -> None:
    assert marks_under_kill(tmp_path, marks, seed=1).lost == 0
