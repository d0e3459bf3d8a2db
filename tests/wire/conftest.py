"""Fixtures for tests of the wire: `noshow serve` in a process of its own, with clients, and a site to pull."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from support.api import Api
from support.api import serving as serving_site
from support.commands import Running, running, surroundings
from support.pulled import BEFORE
from support.records import Make


@dataclass
class Server:
    """A server that runs: its process, its database, a client that asks it, and the line that it began with."""

    process: subprocess.Popen[str] | Running
    db: Path
    client: httpx.Client
    said: str

    def end(self, number: int = signal.SIGTERM) -> tuple[int | None, str]:
        """End it, and return its exit code and its output after the address."""
        self.process.send_signal(number)
        _, printed = self.process.communicate(timeout=20)
        return self.process.returncode, printed


Serve = Callable[..., "contextmanager[Server]"]


@contextmanager
def serving(db: Path, *options: str, command: tuple[str, ...] = (), **env: str) -> Iterator[Server]:
    """Serve a database on a free port of this machine while the block runs."""
    words = ("serve", "--port", "0", "--db", str(db), *options)
    process = _started(command, words, db.parent, surroundings(**env))
    try:
        assert process.stderr
        said = process.stderr.readline()
        address = re.search(r"http://\S+(?=;)", said)
        assert address, said + process.stderr.read()
        with httpx.Client(base_url=address.group(), timeout=30, trust_env=False) as client:
            yield Server(process, db, client, said)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _started(
    command: tuple[str, ...], words: tuple[str, ...], cwd: Path, env: dict[str, str]
) -> subprocess.Popen[str] | Running:
    """A forked process, or one that a command starts."""
    if not command:
        return running(*words, cwd=cwd, env=env)
    return subprocess.Popen(
        [*command, *words], cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="session")
def serve() -> Serve:
    return serving


@pytest.fixture
def db(tmp_path: Path, empty: Path) -> Path:
    """A database in which nothing is yet."""
    for file in empty.glob("*.duckdb"):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / "attendance.duckdb"


@pytest.fixture
def api(make: type[Make]) -> Iterator[Api]:
    """A site with 250 bookings, each marked, and one service."""
    marks = {make.guid(n, 2): make.attendance(n, updatedDate=BEFORE) for n in range(250)}
    bookings = {
        make.guid(n, 1): {
            "booking": make.booking(n, updatedDate=BEFORE),
            "attendance": {k: marks[make.guid(n, 2)][k] for k in ("id", "status", "numberOfAttendees")},
        }
        for n in range(250)
    }
    service = {"id": make.guid(1, 3), "name": "Yoga", "type": "CLASS"}
    lists = {"services": {service["id"]: service}, "events": {}, "extendedBookings": bookings, "attendances": marks}
    with serving_site(Api(lists)) as served:
        yield served
