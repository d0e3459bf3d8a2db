"""`noshow serve` in a thread of this process, with faults put before its answers, as on a bad day."""

from __future__ import annotations

import datetime as dt
import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import uvicorn
from polars.testing import assert_frame_equal
from support import commands

import pipeline
import queries
from pipeline.serving.app import attendance_api
from pipeline.serving.server import server_config
from pipeline.store.doctor import diagnose

AS_OF = "2026-06-15T00:00:00Z"
ATTENDANCE = "select id, booking_id, event_id, status, number_of_attendees from attendance order by all"
GROUPINGS = [(), ("service",), ("series",), ("session",), ("week",), ("location", "local_hour"), ("party_size",)]

TOKEN = "the-key"
FAULTS = ("429", "500", "503", "truncated", "no json")


class Faulty:
    """An ASGI app that answers in place of another if `fault` names one of `FAULTS` for the number of a request."""

    def __init__(self, app: Any, fault: Callable[[int], str | None]) -> None:
        self._app = app
        self._fault = fault
        self._lock = threading.Lock()
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with self._lock:
            number, self.asked = self.asked, self.asked + 1
        fault = self._fault(number)
        if fault is None:
            await self._app(scope, receive, send)
            return
        status = int(fault) if fault.isdigit() else 200
        body = b"<html>later</html>"
        length = len(body) * (2 if fault == "truncated" else 1)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
        if fault == "429":
            headers.append((b"retry-after", b"0"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def faulty_serve(db: Path, fault: Callable[[int], str | None]) -> Iterator[tuple[str, Faulty]]:
    """Serve a database while the block runs: the address, and the app that counts requests."""
    app = Faulty(attendance_api(db, pipeline.Settings.model_validate({}), TOKEN, lambda _: None), fault)
    with serving_app(app) as port:
        yield f"http://127.0.0.1:{port}", app


@contextmanager
def serving_app(app: Any) -> Iterator[int]:
    """Serve an app in a thread of this process while the block runs, as `noshow serve` would: its port."""
    server = uvicorn.Server(server_config(app))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def sampled(folder: Path, bookings: int) -> Path:
    """A database with a year of the sample."""
    pipeline.write_sample(folder / "source", until=dt.date(2026, 6, 28), bookings=bookings)
    db = folder / "attendance.duckdb"
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({"site_zone": "Europe/Dublin"})) as store:
        pipeline.ingest(store, [folder / "source"], now=dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
    return db


def pull(db: Path, address: str) -> ForkServerProcess:
    """Start `noshow pull --full`."""
    env = {"NOSHOW_API_ADDRESS": address, "NOSHOW_API_KEY": TOKEN, "NOSHOW_SITE_ID": "site"}
    return commands.start("pull", "--full", "--db", db, env=os.environ | env | {"NOSHOW_SITE_ZONE": "Europe/Dublin"})


def require_same(copy: Path, original: Path) -> None:
    assert diagnose(copy).findings == ()
    with closing(queries.connect(copy)) as ours, closing(queries.connect(original)) as theirs:
        assert ours.execute("select count(*) from quarantine").fetchall() == [(0,)]
        assert_frame_equal(ours.sql(ATTENDANCE).pl(), theirs.sql(ATTENDANCE).pl())
        for by in GROUPINGS:
            found, expected = (queries.no_show_rates(con, by, as_of=AS_OF) for con in (ours, theirs))
            assert found.height
            counts = [*found.columns[: found.columns.index("cancelled_bookings") + 1], "sessions", "no_show_rate"]
            assert_frame_equal(found.select(counts), expected.select(counts), check_row_order=False)


def pull_through_kills(original: Path, copy: Path, kills: int, within: tuple[float, float], seed: int) -> None:
    """Pull from the server, killed a number of times `within` some seconds, with a fault in 5 % of the answers."""
    chance = random.Random(seed)
    with faulty_serve(original, lambda _: chance.choice(FAULTS) if chance.random() < 0.05 else None) as (address, _):
        while kills:
            killed = pull(copy, address)
            killed.join(chance.uniform(*within))
            if killed.exitcode is None:
                killed.kill()
                killed.join(60)
                kills -= 1
        assert commands.end(pull(copy, address), 1800) == 0
    require_same(copy, original)
