"""Commands over a database of the sample, which the tests of one file share."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import Finished, forked, surroundings
from support.fixtures import Run

import pipeline

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of the sample."""
    made = tmp_path_factory.mktemp("sample")
    with pipeline.open_store(made / "attendance.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [SAMPLE])
    return made


@pytest.fixture
def noshow(sample_folder: Path) -> Run:
    """Run a command in that folder."""
    db = {"NOSHOW_DB": str(sample_folder / "attendance.duckdb")}

    def run_noshow(*args: str | Path, **env: str) -> Finished:
        return forked(*args, cwd=sample_folder, env=surroundings(**db | env))

    return run_noshow
