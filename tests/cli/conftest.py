"""What tests of the command line share: noshow, run as a person or a scheduler runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
NOSHOW = Path(sys.executable).with_name("noshow")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run noshow in an empty folder; warnings are errors there too."""

    def run_noshow(*args: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("NOSHOW_")}
        return subprocess.run(
            [NOSHOW, *map(str, args)],
            cwd=tmp_path,
            env=surroundings | {"PYTHONWARNINGS": "error"} | env,
            capture_output=True,
            text=True,
            check=False,
        )

    return run_noshow
