"""Reading over HTTP: get by id and a page of 50 over one open connection, beside Datasette with the same rows.

Both are processes of their own. Requests go to them in turns, and the CPU seconds are the servers', of all threads.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import fmean, median
from typing import Any

from filled import fill
from measuring import Row, Run, cpu_seconds
from pages import write_sqlite

import queries

NOSHOW = str(Path(sys.executable).with_name("noshow"))
_QUERY = "/bookings/v2/attendance/query"
_JSON = {"Content-Type": "application/json"}
# A server closes a connection without a request for 5 seconds, so that turns are short.
_TURNS = 101
_REQUESTS = 5
_FIELDS = ("id", "bookingId", "eventId", "sessionId", "status", "numberOfAttendees")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request, and the function that finds the rows in its answer."""

    method: str
    path: str
    body: str
    rows: Callable[[Any], list[Any]]


@dataclass(frozen=True, slots=True)
class _Server:
    pid: int
    connection: HTTPConnection

    def run(self, asked: Sequence[_Asked]) -> Run:
        """The seconds of one request, of some in turn."""
        used, began = cpu_seconds(self.pid), time.perf_counter()
        for one in asked:
            self.answer(one)
        seconds, used = time.perf_counter() - began, cpu_seconds(self.pid) - used
        return Run(seconds / len(asked), 0, used / len(asked))

    def answer(self, asked: _Asked) -> bytes:
        self.connection.request(asked.method, asked.path, asked.body or None, _JSON if asked.body else {})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{asked.path}: {answer.status}: {body.decode()}")
        return body


def rows(folder: Path, size: int) -> list[Row]:
    """Gets and pages among `size` attendances."""
    db, sqlite = folder / "a.duckdb", folder / "a.sqlite"
    fill(db, size * 10 // 9, booked=False)
    with closing(queries.connect(db)) as con:
        write_sqlite(con, sqlite)
        step = f"select id::varchar from attendance using sample {_REQUESTS} rows (reservoir, 1)"
        ids = [found for (found,) in con.execute(step).fetchall()]
    asked = {f"get by id among {size:,}": _gets(ids), f"page of 50 of {size:,}, by status": _pages()}
    ours, theirs = [NOSHOW, "serve", "--port", "0", "--db", str(db)], [sys.executable, "-m", "datasette", str(sqlite)]
    with _running(ours, r":(\d+);") as noshow, _running([*theirs, "--port", "0"], r"127\.0\.0\.1:(\d+)") as datasette:
        return [_beside(work, noshow, datasette, pairs) for work, pairs in asked.items()]


def _beside(work: str, noshow: _Server, datasette: _Server, pairs: Sequence[tuple[_Asked, _Asked]]) -> Row:
    ours, theirs = zip(*pairs, strict=True)
    _require_the_same(noshow, datasette, pairs[0])
    runs = [(noshow.run(ours), datasette.run(theirs)) for _ in range(_TURNS)]
    own, others = (_each(side) for side in zip(*runs[1:], strict=True))
    return Row(f"{work}, over HTTP", own, "Datasette over HTTP", others, "at most 1x")


def _each(runs: Sequence[Run]) -> Run:
    """The median seconds of a request, and its mean CPU seconds: one turn takes few steps of their clock."""
    return Run(median(run.seconds for run in runs), 0, fmean(run.cpu_seconds for run in runs))


def _gets(ids: Sequence[str]) -> list[tuple[_Asked, _Asked]]:
    return [
        (
            _Asked("GET", f"/bookings/v2/attendance/{one}", "", lambda answer: [answer["attendance"]]),
            _Asked("GET", f"/a/attendance/{one}.json?_shape=objects", "", lambda answer: answer["rows"]),
        )
        for one in ids
    ]


def _pages() -> list[tuple[_Asked, _Asked]]:
    body = json.dumps({"query": {"filter": {"status": "NOT_ATTENDED"}, "cursorPaging": {"limit": 50}}})
    theirs = "/a/attendance.json?status=NOT_ATTENDED&_size=50&_nocount=1&_nofacet=1&_nosuggest=1&_shape=objects"
    pair = (
        _Asked("POST", _QUERY, body, lambda answer: answer["attendances"]),
        _Asked("GET", theirs, "", lambda answer: answer["rows"]),
    )
    return [pair] * _REQUESTS


def _require_the_same(noshow: _Server, datasette: _Server, pair: tuple[_Asked, _Asked]) -> None:
    ours, theirs = (
        asked.rows(json.loads(server.answer(asked))) for server, asked in zip((noshow, datasette), pair, strict=True)
    )
    own = [[row.get(name) for name in _FIELDS] for row in ours]
    if own != [list(row.values()) for row in theirs]:
        raise RuntimeError(f"{pair[0].path}: other rows than {pair[1].path}")


@contextmanager
def _running(command: list[str], port: str) -> Iterator[_Server]:
    """A server, and an open connection to it; `port` finds its port in its output."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        said = next(found for line in process.stderr if (found := re.search(port, line)))
        with closing(HTTPConnection("127.0.0.1", int(said[1]), timeout=60)) as connection:
            yield _Server(process.pid, connection)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
