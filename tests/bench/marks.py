"""Marks: as a command onto databases of different sizes, a small file as a command, and over HTTP by 16 clients.

All grow by nothing: `onto` the larger database is held beside the smaller one.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path

import duckdb
from filled import fill, write_attendances
from measuring import Row, Run, command, cpu_seconds, middle

NOSHOW = str(Path(sys.executable).with_name("noshow"))
_FILE = 500
_CLIENTS = 16
_MARKS_EACH = 40
_JSON = {"Content-Type": "application/json"}
# The first ones are published whole: until there are three snapshots, none is old enough to be used again.
_WARM_UP = 3
_ROUNDS = 3


def rows(folder: Path, size: int) -> list[Row]:
    """Onto a hundredth, the whole and eight times `size` attendances, without bookings; over HTTP onto a hundredth."""
    databases = {count: folder / str(count) / "a.duckdb" for count in (size // 100, size, 8 * size)}
    for count, db in databases.items():
        fill(db, count, booked=False)
    # Over HTTP only marks of bookings that are there are taken.
    booked = folder / "booked" / "a.duckdb"
    fill(booked, max(size // 100, _CLIENTS * _MARKS_EACH * 2))
    kinds: dict[str, Callable[[Path, int], list[str]]] = {"one mark": _mark, f"a file of {_FILE} marks": _small_file}
    measured = []
    for kind, words in kinds.items():
        runs = {count: _as_commands(db, words) for count, db in databases.items()}
        measured += [
            Row(f"{kind} onto {large:,}", runs[large], f"onto {small:,}", runs[small], "at most 1.3x")
            for small, large in pairwise(runs)
        ]
    return [*measured, over_http(booked)]


def _as_commands(db: Path, words: Callable[[Path, int], list[str]]) -> Run:
    runs = [command([NOSHOW, *words(db, turn), "--db", str(db)]) for turn in range(_WARM_UP + _ROUNDS)]
    return middle(runs[_WARM_UP:])


def _mark(db: Path, turn: int) -> list[str]:
    booking, event = pairs(db, turn + 1)[turn]
    return ["set", "--booking", booking, "--event", event, "--status", "NOT_SET", "--allow-unknown"]


def _small_file(db: Path, turn: int) -> list[str]:
    file = db.with_name(f"{turn}.ndjson")
    write_attendances(file, turn * _FILE, (turn + 1) * _FILE, later=30_000_000)
    return ["ingest", str(file)]


def pairs(db: Path, number: int) -> list[tuple[str, str]]:
    """Some bookings and events of marks."""
    with duckdb.connect(str(db), read_only=True) as con:
        return con.execute(
            "select booking_id::varchar, event_id from attendance order by id limit $n", {"n": number}
        ).fetchall()


def over_http(db: Path) -> Row:
    """Marks of all clients, each one after another over one connection: seconds of one mark, and the server's CPU."""
    server = subprocess.Popen([NOSHOW, "serve", "--port", "0", "--db", str(db)], stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        port = int(re.search(r":(\d+);", server.stderr.readline())[1])  # type: ignore[index]
        known = pairs(db, _CLIENTS * _MARKS_EACH)
        shares = [known[client::_CLIENTS] for client in range(_CLIENTS)]
        _all_at_once(port, [share[:3] for share in shares])
        used, began = cpu_seconds(server.pid), time.perf_counter()
        _all_at_once(port, shares)
        seconds, used = time.perf_counter() - began, cpu_seconds(server.pid) - used
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    each = Run(seconds / len(known), 0, used / len(known))
    return Row(
        f"a mark over HTTP, {_CLIENTS} clients: {len(known) / seconds:.0f} a second",
        each,
        "200 a second",
        Run(0.005, 0),
        "at most 1x",
    )


def _all_at_once(port: int, shares: Sequence[Sequence[tuple[str, str]]]) -> None:
    with ThreadPoolExecutor(len(shares)) as clients:
        # `list` raises the error of a client.
        list(clients.map(_set_all, [port] * len(shares), shares))


def _set_all(port: int, share: Sequence[tuple[str, str]]) -> None:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for number, (booking, event) in enumerate(share):
            mark = {"bookingId": booking, "eventId": event, "status": ("ATTENDED", "NOT_ATTENDED")[number % 2]}
            connection.request("POST", "/bookings/v2/attendance/set", json.dumps({"attendance": mark}), _JSON)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {body.decode()}")
