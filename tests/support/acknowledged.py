"""Make marks in a process that says when each is made, and kill it at some moment, again and again."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from support.commands import processes, start_server
from support.kills import repair_if_torn
from support.records import Make

import pipeline
import queries

SETTINGS = pipeline.Settings.model_validate({})


@dataclass(frozen=True)
class Marked:
    """The number of marks acknowledged, of kills, of work files that a kill tore, and of acknowledged marks lost."""

    acknowledged: int
    kills: int
    torn: int
    lost: int


def mark_on(db: Path, first: int, told: Connection) -> None:
    """Mark one booking after another, each in a store of its own, and send its number once the store is closed."""
    number = first
    while True:
        with pipeline.open_store(db, settings=SETTINGS, wait=10) as store:
            mark = {"bookingId": Make.booking(number)["id"], "eventId": Make.event(number), "status": "ATTENDED"}
            pipeline.set_attendance(store, {"attendance": mark})
        told.send(number)
        number += 1


def marks_under_kill(folder: Path, marks: int, seed: int) -> Marked:
    """Make at least so many marks through kills after up to two seconds each; look for all of them after each kill."""
    chance, db, source = random.Random(seed), folder / "d.duckdb", folder / "bookings.ndjson"
    source.write_text("".join(f"{json.dumps(Make.booking(number))}\n" for number in range(2 * marks + 50)))
    with pipeline.open_store(db, settings=SETTINGS) as store:
        pipeline.ingest(store, [source])
    start_server()
    acknowledged: list[int] = []
    kills = torn = lost = 0
    while len(acknowledged) < marks:
        reader, writer = processes.Pipe(duplex=False)
        process = processes.Process(target=mark_on, args=(db, max(acknowledged, default=-1) + 1, writer))
        process.start()
        writer.close()
        # The first mark is waited for, so that each process makes one however slow the machine is.
        acknowledged.append(reader.recv())
        time.sleep(chance.uniform(0, 2))
        process.kill()
        process.join(60)
        kills += 1
        torn += repair_if_torn(db)
        try:
            while True:
                acknowledged.append(reader.recv())
        except EOFError:
            reader.close()
        with queries.connect(db) as con:
            there = {booking for (booking,) in con.execute("select booking_id::varchar from attendance").fetchall()}
        lost += len({Make.booking(number)["id"] for number in acknowledged} - there)
    return Marked(len(acknowledged), kills, torn, lost)
