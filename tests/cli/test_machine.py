"""Another writer or too little memory: waited for or reported in one line, with nothing damaged."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest
from support.fixtures import Run, Write
from support.records import Make

import pipeline
from pipeline.store.doctor import diagnose


@pytest.mark.long
@pytest.mark.parametrize(("wait", "code"), [("0", 75), ("0.3", 75), ("60", 0)])
def test_a_second_writer_waits_as_long_as_it_is_told_to(
    run: Run, db: Path, write: Write, make: type[Make], wait: str, code: int
) -> None:
    path = write(make.booking(1))
    with db.with_name("attendance.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        if code == 0:
            threading.Timer(2, fcntl.flock, (lock, fcntl.LOCK_UN)).start()
        result = run("ingest", "--db", db, path, "--wait", wait)
    assert result.returncode == code
    assert (f"process {os.getpid()}" in result.stderr) is (code == 75)


@pytest.mark.long
def test_too_little_memory_is_one_line_and_a_retry_works(run: Run, db: Path, write: Write, make: type[Make]) -> None:
    first, second = write(make.booking(0)), write(*(make.booking(n) for n in range(1, 3_000)))
    run("ingest", "--db", db, first)
    before = db.read_bytes()
    result = run("ingest", "--db", db, second, NOSHOW_MEMORY_LIMIT="5MB")
    assert (result.returncode, result.stderr.count("\n")) == (74, 1)
    assert "not enough memory" in result.stderr
    assert db.read_bytes() == before
    assert diagnose(db).findings == ()
    assert run("ingest", "--db", db, second).returncode == 0


@pytest.mark.parametrize("limit", ["lots", "500", "-1GB", "80 %"])
def test_a_limit_that_is_no_size_is_refused(limit: str) -> None:
    with pytest.raises(ValueError, match="is not a size such as 500MB"):
        pipeline.Settings.model_validate({"memory_limit": limit})
