"""The n-th call to the machine fails, for every n: readers have old or new, and the next run finishes the job."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.crashes import Replay, replay
from support.failures import DISK_FULL, OF_STATEMENTS, fail_each, files, interrupt_each, statements

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return replay(tmp_path_factory.mktemp("replay"), [SAMPLE / "services.json", SAMPLE / "attendances.ndjson"])


@pytest.mark.parametrize("step", [37, pytest.param(3, marks=pytest.mark.long)])
def test_whichever_statement_fails(
    replayed: Replay, tmp_path: Path, capsys: pytest.CaptureFixture[str], step: int
) -> None:
    """Every 37th, or every third; each of them, with each error, in tests/stress."""
    assert fail_each(replayed, tmp_path, statements, OF_STATEMENTS, capsys, step) > 50


@pytest.mark.long
@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.long)])
def test_whichever_call_on_a_file_fails(
    replayed: Replay, tmp_path: Path, capsys: pytest.CaptureFixture[str], step: int
) -> None:
    assert fail_each(replayed, tmp_path, files, (DISK_FULL,), capsys, step) > 10


@pytest.mark.parametrize("step", [25, pytest.param(1, marks=pytest.mark.long)])
def test_whichever_statement_is_interrupted(tmp_path: Path, capsys: pytest.CaptureFixture[str], step: int) -> None:
    """None takes it for a fault of its own and goes on: the first ones of a new database did."""
    assert interrupt_each(SAMPLE / "services.json", tmp_path, capsys, step) > 50
