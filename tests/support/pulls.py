"""Kill a pull in a process of its own at some moment, again and again, while the API answers wrongly now and then.

Shared by the tests of `noshow pull` and the stress tests.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from support import commands
from support.api import Api, Fault
from support.records import Make

import queries
from pipeline.store.doctor import diagnose

_ROWS = "select count(*), count(distinct id), sum(hash(t)::hugeint) from (select * exclude (load_id) from {}) as t"
CONTENT = {
    "booking": _ROWS.format("booking"),
    "attendance": _ROWS.format("attendance"),
    "set aside": "select count(*) from quarantine",
}


def site(make: type[Make], bookings: int) -> Api:
    """A site with a number of bookings, each of them marked."""
    updated = {"updatedDate": "2026-03-03T09:00:00Z"}
    marks = [make.attendance(n, ("ATTENDED", "NOT_ATTENDED")[n % 7 == 0], **updated) for n in range(bookings)]
    beside = [{name: mark[name] for name in ("id", "status", "numberOfAttendees")} for mark in marks]
    booked = [{"booking": make.booking(n, **updated), "attendance": beside[n]} for n in range(bookings)]
    return Api(
        {
            "services": {make.guid(1, 3): {"id": make.guid(1, 3), "name": "Yoga", "type": "CLASS"}},
            "events": {},
            "extendedBookings": {entry["booking"]["id"]: entry for entry in booked},
            "attendances": {mark["id"]: mark for mark in marks},
        }
    )


def start(db: Path, api: Api) -> ForkServerProcess:
    """Start `noshow pull --full` in a process of its own."""
    return commands.start("pull", "--full", "--db", db, env=os.environ | api.env())


def whole(db: Path, api: Api) -> float:
    """The seconds that an undisturbed pull takes."""
    began = time.monotonic()
    process = start(db, api)
    process.join(1800)
    assert process.exitcode == 0
    return time.monotonic() - began


def content(db: Path) -> dict[str, tuple[Any, ...]]:
    with queries.connect(db) as con:
        return {name: con.execute(sql).fetchall()[0] for name, sql in CONTENT.items()}


def faults(share: float, seed: int) -> Any:
    """A fault of one kind or another in this share of the answers."""
    chance = random.Random(seed)
    kinds = (Fault(429, {"Retry-After": "0"}), Fault(500), Fault(503), *map(_spoilt, ("truncated", "reset", "no json")))
    return lambda number, key: chance.choice(kinds) if chance.random() < share else None


def _spoilt(how: str) -> Fault:
    return Fault(spoilt=how)


def kill_at_random(folder: Path, api: Api, kills: int, share: float, seed: int) -> int:
    """Kill pulls into an empty database until enough were killed, let the last finish, and return how many finished.

    Asserts after each end that nothing is lost, doubled or set aside, and that only the pages on their way when a pull
    was killed are fetched twice.
    """
    chance = random.Random(seed)
    seconds = whole(folder / "undisturbed" / "attendance.duckdb", api)
    expected = content(folder / "undisturbed" / "attendance.duckdb")
    api.fault = faults(share, seed)
    db, ended, since_begun = folder / "attendance.duckdb", 0, 0
    api.served.clear()
    while True:
        process = start(db, api)
        process.join(chance.uniform(0, min(seconds / 3, 20)) if kills else 1800)
        if process.exitcode is None:
            process.kill()
            process.join(60)
            # It may have ended by itself before the kill.
            if process.exitcode == -signal.SIGKILL:
                kills, since_begun = kills - 1, since_begun + 1
                continue
        assert process.exitcode == 0
        ended += 1
        assert content(db) == expected
        assert diagnose(db).findings == ()
        assert sum(api.served.values()) - len(api.served) <= 4 * 100 * since_begun
        if not kills:
            return ended
        shutil.rmtree(folder / "attendance.pulls")
        for file in folder.glob("attendance.*"):
            file.unlink()
        api.served.clear()
        since_begun = 0
