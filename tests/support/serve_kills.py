"""Kill `noshow serve` while it answers, take its files away, fill its disk; and see what is left.

Shared by the tests of the server and the stress tests.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from support.disks import disk_of, grow
from support.http_attacks import QUERY
from support.kills import repair_if_torn
from support.records import Make
from support.serving import Server, serving

import pipeline
import queries
from pipeline.store.doctor import diagnose

SET = "/bookings/v2/attendance/set"
_JSON = {"Content-Type": "application/json"}
_CLIENTS = 3


@dataclass
class Kept:
    """Marks that were answered before a kill, all of which are there after it, and kills that tore the work file."""

    acknowledged: int = 0
    torn: int = 0


def mark(number: int, status: str) -> dict[str, Any]:
    return {"attendance": {"bookingId": Make.guid(number, 1), "eventId": Make.event(number), "status": status}}


def port_of(server: Server) -> int:
    port = server.client.base_url.port
    assert port
    return port


def kill_while_answering(loaded: Path, folder: Path, kills: int, seed: int) -> Kept:
    """Start, mark by several clients, kill at a random moment, again and again with one database.

    Asserts after each kill that every answered mark is there for the next writer, that no other value is, and that
    nothing is damaged.
    """
    shutil.copytree(loaded, folder)
    db, chance, kept = folder / "attendance.duckdb", random.Random(seed), Kept()
    before, last = _statuses(db), dict[int, set[str]]()
    for _ in range(kills):
        with serving(db) as server:
            answered: dict[int, str] = {}
            asked: dict[int, str] = {}
            port, seeds = port_of(server), [chance.getrandbits(32) for _ in range(_CLIENTS)]
            clients = [_marking(port, turn, own, asked, answered) for turn, own in enumerate(seeds)]
            while not answered:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.3))
            server.end(signal.SIGKILL)
            for client in clients:
                client.join()
        kept.acknowledged += len(answered)
        for number, status in asked.items():
            # The last one asked for may have been set without being answered.
            sure = {answered[number]} if number in answered else last.get(number, {before.get(number, "")})
            last[number] = sure | {status}
        kept.torn += repair_if_torn(db)
        _require(db, last)
    return kept


def _marking(port: int, turn: int, seed: int, asked: dict[int, str], answered: dict[int, str]) -> threading.Thread:
    """A client that marks bookings of its own one after another, until the server is gone."""

    def run() -> None:
        chance = random.Random(seed)
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            for step in range(10_000):
                number = 1 + turn + _CLIENTS * (step % 10)
                status = asked[number] = chance.choice(("ATTENDED", "NOT_ATTENDED"))
                try:
                    connection.request("POST", SET, json.dumps(mark(number, status)), _JSON)
                    answer = connection.getresponse()
                    answer.read()
                except (HTTPException, OSError):
                    return
                assert answer.status == 200
                answered[number] = status

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _require(db: Path, last: dict[int, set[str]]) -> None:
    """The marks are there once a writer has published the commits that a kill left; nothing is damaged."""
    # Whatever the kill cut short, such as a publication or a line of the journal, the next writer completes.
    assert not [one for one in diagnose(db).findings if one.code.startswith(("content.", "load.", "changes."))]
    with pipeline.open_store(db):
        pass
    _require_marks(db, last)
    assert diagnose(db).findings == ()


def _require_marks(db: Path, last: dict[int, set[str]]) -> None:
    statuses = _statuses(db)
    for number, allowed in last.items():
        assert statuses.get(number, "") in allowed


def _statuses(db: Path) -> dict[int, str]:
    """Number of a booking -> the status of its one mark."""
    with queries.connect(db) as con:
        found = queries.attendance_frame(con).select("booking_id", "status").rows()
    assert len(dict(found)) == len(found)
    return {int(booking[-12:], 16): status for booking, status in found}


def replace_while_answering(loaded: Path, folder: Path, times: int) -> Counter[int]:
    """Replace the published file, remove it, and put it back, while a client reads: the statuses of its answers."""
    shutil.copytree(loaded, folder)
    db, ended = folder / "attendance.duckdb", threading.Event()
    statuses: Counter[int] = Counter()
    kept = folder / "kept"
    shutil.copy(db, kept)

    def read(port: int) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            while not ended.is_set():
                try:
                    connection.request("POST", QUERY, "{}", _JSON)
                    answer = connection.getresponse()
                    json.loads(answer.read())
                except (HTTPException, OSError):
                    connection.close()
                    continue
                statuses[answer.status] += 1
                # Each is a line on stderr, which nobody reads until the end: its pipe must not be full.
                time.sleep(0.02 if answer.status == 500 else 0)

    with serving(db) as server:
        reader = threading.Thread(target=read, args=(port_of(server),))
        reader.start()
        for _ in range(times):
            for is_there in (True, False, True):
                if is_there:
                    shutil.copy(kept, folder / "new").replace(db)
                else:
                    db.unlink()
                time.sleep(0.1)
        ended.set()
        reader.join()
        answer = server.client.post(QUERY, json={})
        assert answer.status_code == 200
        code, printed = server.end()
    assert code == 0
    assert all(line.startswith(f"noshow: {db}: ") for line in printed.splitlines()[:-1])
    return statuses


def fill_the_disk(loaded: Path, folder: Path) -> tuple[int, int]:
    """Mark on a disk that becomes full, and go on once there is room: the marks before, and those refused."""
    size = sum(file.stat().st_size for file in loaded.glob("attendance*")) / 2**20
    with disk_of(2.5 * size + 2, folder) as disk:
        for file in loaded.glob("attendance*"):
            shutil.copy(file, disk / file.name)
        db, before, refused = disk / "attendance.duckdb", {}, 0
        with serving(db) as server:
            filler = disk / "filler"
            for step in range(40):
                number, status = 1 + step, ("ATTENDED", "NOT_ATTENDED")[step % 2]
                answer = server.client.post(SET, json=mark(number, status))
                if answer.status_code == 200:
                    before[number] = status
                else:
                    assert answer.json()["details"]["applicationError"]["code"] == "INTERNAL"
                    refused += 1
                assert server.client.post(QUERY, json={}).status_code == 200
                if 5 <= step < 15:
                    _fill(filler)  # again: a publication frees the log, and the next mark has its room
                if step == 15:
                    filler.unlink()
                    grow(disk)
            assert server.client.post(SET, json=mark(1, "ATTENDED")).status_code == 200
            before[1] = "ATTENDED"
            code, printed = server.end()
        assert (code, "Traceback" in printed) == (0, False)
        statuses = _statuses(db)
        assert {number: statuses[number] for number in before} == before
        assert diagnose(db).findings == ()
    return len(before), refused


def _fill(filler: Path) -> None:
    """Fill the disk to its last byte: a mark takes a few hundred of them in the log."""
    with filler.open("ab", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
