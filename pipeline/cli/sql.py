"""A query, or none, goes in; the DuckDB shell opens the published database read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import typer

import queries
from queries.errors import UsageError


def run(query: str | None, db: Path | None) -> None:
    """Start the shell, or run one query in it; the shell's exit code is ours."""
    path = queries.database_path(db)
    queries.connect(path).close()
    command = [_shell(), "-readonly", str(path), *(["-c", query] if query else [])]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def _shell() -> str:
    """The shell beside this Python, or on the path. Raises `UsageError` saying what to install."""
    beside = Path(sys.executable).parent
    found = shutil.which("duckdb", path=os.pathsep.join([str(beside), os.environ.get("PATH", "")]))
    if not found:
        raise UsageError(
            "shell.missing",
            "the DuckDB shell is not installed",
            "Run: pip install 'noshow[shell]', or put duckdb on the PATH",
        )
    return found
