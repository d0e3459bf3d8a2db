"""Without the modules that only POSIX systems have, databases are read, and writers say in one line what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import Finished, surroundings
from support.fixtures import Run
from support.records import Make
from support.samples import few

# A start without them, as on Windows. `posix` itself stays: the interpreter has used it by then.
ELSEWHERE = """
import os, sys
sys.modules.update(dict.fromkeys(["fcntl", "grp", "pwd", "resource", "termios"]))
for name in ("fchmod", "fork", "geteuid", "getuid", "pread", "pwrite"):
    delattr(os, name)
from pipeline.cli import main
main()
"""
READERS = [
    ("rates", "--by", "service"),
    ("check", "--min-coverage", "0"),
    ("report", "--out", "report.html"),
    ("query", "{}"),
    ("count", "{}"),
    ("quarantine", "list"),
    ("settings",),
    ("sample", "--out", "made"),
]
# Whatever takes a lock. A lake is written beside the database, and the doctor keeps writers away while it looks.
WRITERS = [
    ("ingest", "records.ndjson"),
    ("demo",),
    ("quarantine", "retry"),
    ("doctor",),
    ("erase", "--contact", "00000000-0000-4000-8000-000000000001"),
    ("export-lake", "lake"),
]


def elsewhere(tmp_path: Path, *args: str) -> Finished:
    command = [sys.executable, "-c", ELSEWHERE, *args]
    return subprocess.run(command, cwd=tmp_path, env=surroundings(), capture_output=True, text=True, check=False)


@pytest.fixture
def records(tmp_path: Path, make: type[Make]) -> Path:
    path = tmp_path / "records.ndjson"
    path.write_text("".join(json.dumps(make.attendance(n, "ATTENDED")) + "\n" for n in range(1, 9)))
    return path


@pytest.mark.parametrize("command", few(map(pytest.param, READERS), 1), ids=lambda command: command[0])
def test_readers_work(tmp_path: Path, run: Run, records: Path, command: tuple[str, ...]) -> None:
    assert run("ingest", records.name).returncode == 0
    done, here = elsewhere(tmp_path, *command), run(*command)
    assert here.returncode in (0, 1)
    assert (done.returncode, done.stdout, done.stderr) == (here.returncode, here.stdout, here.stderr)


@pytest.mark.parametrize("command", few(map(pytest.param, WRITERS), 1), ids=lambda command: command[0])
def test_writers_say_where_they_work(tmp_path: Path, run: Run, records: Path, command: tuple[str, ...]) -> None:
    if command not in (("ingest", records.name), ("demo",)):
        assert run("ingest", records.name).returncode == 0
    before = {path.name for path in tmp_path.iterdir()}
    done = elsewhere(tmp_path, *command)
    assert done.returncode == 2, done.stderr
    (said,) = [line for line in done.stderr.splitlines() if "writing a sample" not in line]
    assert "not write databases" in said
    assert {path.name for path in tmp_path.iterdir()} == before | ({"data"} if command == ("demo",) else set())
