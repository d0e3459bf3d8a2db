"""A database that is served, pulled: the copy answers as the original does, through faults and kills too."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import end
from support.serves import faulty_serve, pull, pull_through_kills, require_same, sampled


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sampled(tmp_path_factory.mktemp("original"), 1000)


@pytest.mark.long
def test_a_pull_of_what_is_served_gives_the_same_figures(original: Path, db: Path) -> None:
    with faulty_serve(original, lambda number: None) as (address, app):
        assert end(pull(db, address), 120) == 0
        assert app.asked > 15
    require_same(db, original)


@pytest.mark.long
@pytest.mark.parametrize("kills", [2, pytest.param(4, marks=pytest.mark.long)])
def test_kills_and_faults_lose_and_double_nothing(original: Path, db: Path, kills: int) -> None:
    pull_through_kills(original, db, kills, within=(0.1, 2.5), seed=7)
