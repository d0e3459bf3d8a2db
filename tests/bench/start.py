"""Starting up: the command beside an import of DuckDB alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from filled import fill
from measuring import Row, Run, seconds_of

# An installed package is compiled once, by the installer or by the first run, and not at each start.
_COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def command(*words: str) -> Run:
    """A whole process, the median of several; it must succeed."""

    def run() -> None:
        subprocess.run(words, check=True, capture_output=True, env=_COMPILED)

    run()
    return Run(seconds_of(run, 9), 0)


def rows(folder: Path) -> list[Row]:
    """`noshow --help` and `noshow get`."""
    import queries

    fill(folder / "a.duckdb", 1000, booked=False)
    (some_id,) = (
        queries.connect(folder / "a.duckdb").execute("select id::varchar from attendance limit 1").fetchall()[0]
    )
    noshow = str(Path(sys.executable).with_name("noshow"))
    duckdb = command(sys.executable, "-c", "import duckdb")
    get = command(noshow, "get", some_id, "--db", str(folder / "a.duckdb"))
    return [
        Row("noshow --help", command(noshow, "--help"), "import duckdb", duckdb, "at most 1.5x"),
        Row("noshow get", get, "import duckdb", duckdb, "at most 3x"),
    ]
