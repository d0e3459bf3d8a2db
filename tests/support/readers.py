"""Publish a number of loads while readers and shells open the database, and report their findings.

Shared by the tests of the store and the stress tests.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.commands import processes, start_server
from support.records import Make

import pipeline
import queries

SHELL = Path(sys.executable).with_name("duckdb")
# Rows that the ledger says were loaded, and rows that are there: the same in every whole snapshot.
BOTH = "select (select coalesce(sum(loaded), 0) from load_ledger) as loaded, (select count(*) from attendance) as there"
PER_LOAD = 50


@dataclass
class Seen:
    """How often readers and shells opened a snapshot, how many were not whole, and the first error."""

    opens: int = 0
    shell_opens: int = 0
    inconsistent: int = 0
    error: str = ""


def read_while_publishing(folder: Path, publishes: int, readers: int = 3, shells: int = 1) -> Seen:
    """Publish loads one after the other, while readers and shells open the snapshot in a loop."""
    start_server()
    db, stop, results = folder / "attendance.duckdb", processes.Event(), processes.Queue()
    _publish(folder, db, 0)
    loops = [processes.Process(target=_read, args=(str(db), stop, results)) for _ in range(readers)]
    loops += [processes.Process(target=_shell, args=(str(db), stop, results)) for _ in range(shells)]
    for loop in loops:
        loop.start()
    for number in range(1, publishes + 1):
        _publish(folder, db, number)
    stop.set()
    seen = Seen()
    for _ in loops:
        opens, shell_opens, inconsistent, error = results.get(timeout=120)
        seen.opens += opens
        seen.shell_opens += shell_opens
        seen.inconsistent += inconsistent
        seen.error = seen.error or error
    for loop in loops:
        loop.join(60)
    return seen


def _publish(folder: Path, db: Path, number: int) -> None:
    file = folder / f"{number}.ndjson"
    records = (Make.attendance(n) for n in range(number * PER_LOAD, (number + 1) * PER_LOAD))
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [file])


def _read(db: str, stop: Any, results: Any) -> None:
    opens, inconsistent, last = 0, 0, 0
    try:
        while not stop.is_set():
            with closing(queries.connect(db)) as connection:
                loaded, there = connection.execute(BOTH).fetchall()[0]
            opens += 1
            inconsistent += loaded != there or there < last
            last = there
    except Exception as error:
        results.put((opens, 0, inconsistent, repr(error)))
        return
    results.put((opens, 0, inconsistent, ""))


def _shell(db: str, stop: Any, results: Any) -> None:
    opens, inconsistent = 0, 0
    while not stop.is_set():
        shell = subprocess.run(
            [SHELL, "-readonly", "-csv", "-noheader", db, "-c", BOTH], capture_output=True, text=True, check=False
        )
        if shell.returncode or shell.stderr:
            results.put((0, opens, inconsistent, shell.stderr))
            return
        opens += 1
        one, other = shell.stdout.strip().split(",")
        inconsistent += one != other
    results.put((0, opens, inconsistent, ""))
