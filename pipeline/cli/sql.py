"""Open the published database in the DuckDB shell, read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import typer

import queries
from queries.errors import UsageError
from queries.installed import how_to_install

# How the shell is asked for each format.
FLAGS = {"table": (), "csv": ("-csv",), "json": ("-json",)}


def run(query: str | None, table_format: str, db: Path | None) -> None:
    """Start the shell, or run one query in it, and exit with the shell's exit code."""
    path = queries.database_path(db)
    # Opened once by noshow itself: the shell would create a missing file, and explain a damaged or foreign one poorly.
    queries.connect(path).close()
    query = sys.stdin.read() if query == "-" else query
    command = [_shell(), "-readonly", *FLAGS[table_format], str(path), *(["-c", query] if query else [])]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def _shell() -> str:
    """The path of the shell, beside this Python or on the PATH. Raises `UsageError` saying what to install."""
    beside = Path(sys.executable).parent
    found = shutil.which("duckdb", path=os.pathsep.join([str(beside), os.environ.get("PATH", "")]))
    if not found:
        raise UsageError(
            "shell.missing",
            "the DuckDB shell is not installed",
            f"{how_to_install('shell')}, or put duckdb on the PATH",
        )
    return found
