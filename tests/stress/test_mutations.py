"""Ten thousand changed files of every format, in a process whose memory is measured, as `pytest tests/stress`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.mutations import FILES
from support.peaks import PEAK

PROGRAM = (
    PEAK
    + """
import sys
from pathlib import Path
import pipeline
from support.mutations import load_changed

folder, name, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with pipeline.open_store(folder / "attendance.duckdb") as store:
    print(name, dict(load_changed(store, folder / name, range(1000, 1000 + times))))
print(peak())
"""
)
TIMES = -(-10_000 // len(FILES))


@pytest.mark.parametrize("name", FILES)
def test_changed_files_within_512_mb(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-W", "error", "-c", PROGRAM, tmp_path, name, str(TIMES)]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    counts, peak = run.stdout.splitlines()
    print(f"\n{counts}, {peak} MB")
    assert int(peak) <= 512
