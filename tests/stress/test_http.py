"""The promises of `noshow serve`, tested at length: run on request, as `pytest tests/stress/test_http.py -s`.

RESULTS-http.md keeps their output.
"""

from __future__ import annotations

import itertools
import json
import random
import resource
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from support.commands import Running
from support.disks import may_mount
from support.http_attacks import (
    QUERY,
    Outcome,
    asking_by,
    database_in,
    forged_cursors,
    handles_of,
    memory_of,
    odd_bytes,
    odd_request,
    send_all,
    send_bytes,
)
from support.serve_kills import fill_the_disk, kill_while_answering, port_of, replace_while_answering
from support.serving import Server, serving

from pipeline.serving import limits

WARM_UP = 2_000


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return database_in(tmp_path_factory.mktemp("attacked"), bookings=1_000, marks=500)


@pytest.fixture
def server(loaded: Path) -> Iterator[Server]:
    with serving(loaded / "attendance.duckdb") as running:
        yield running


def pid_of(server: Server) -> int:
    assert isinstance(server.process, Running)
    assert server.process.process.pid
    return server.process.process.pid


def attack(
    server: Server, requests: Iterable[Callable[[HTTPConnection], HTTPResponse]]
) -> tuple[Outcome, dict[str, Any]]:
    """Send some requests, then the rest: memory and handles at the end are held to those between."""
    port, pid, waiting = port_of(server), pid_of(server), iter(requests)
    send_all(port, itertools.islice(waiting, WARM_UP))
    memory, handles, began = memory_of(pid), handles_of(pid), time.monotonic()
    outcome = send_all(port, waiting)
    after = memory_of(pid)
    figures: dict[str, Any] = {
        "answers": dict(sorted(outcome.statuses.items())),
        "without an answer": outcome.silent,
        "memory": f"{memory // 1024} to {after // 1024} MB",
        "handles": f"{handles} to {handles_of(pid)}",
        "seconds": round(time.monotonic() - began),
    }
    print(figures)
    assert 500 not in outcome.statuses
    assert (outcome.odd, outcome.silent) == ([], 0)
    assert after <= 1.2 * memory
    assert handles_of(pid) <= handles + 8
    assert server.client.post(QUERY, json={}).status_code == 200
    return outcome


def test_10000_forged_cursors(server: Server) -> None:
    page = server.client.post(QUERY, json={"query": {"cursorPaging": {"limit": 5}}}).json()
    tokens = forged_cursors(page["pagingMetadata"]["cursors"]["next"], random.Random(1))
    outcome = attack(server, map(asking_by, itertools.islice(tokens, WARM_UP + 10_000)))
    assert set(outcome.statuses) == {400}


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_random_requests(server: Server, count: int) -> None:
    chance = random.Random(2)
    attack(server, (odd_request(chance) for _ in range(WARM_UP + count)))


def test_10000_texts_that_are_hardly_http(server: Server) -> None:
    chance, pid = random.Random(3), pid_of(server)
    send_bytes(port_of(server), (odd_bytes(chance) for _ in range(WARM_UP)))
    memory, handles = memory_of(pid), handles_of(pid)
    outcome = send_bytes(port_of(server), (odd_bytes(chance) for _ in range(10_000)))
    print(dict(sorted(outcome.statuses.items())), outcome.silent, memory, memory_of(pid))
    assert 500 not in outcome.statuses
    assert outcome.odd == []
    assert memory_of(pid) <= 1.2 * memory
    assert handles_of(pid) <= handles + 8


HEAD = f"POST {QUERY} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n".encode()
HALVES = {"silent": b"", "head": HEAD, "body": HEAD + b"Content-Length: 90\r\n\r\n{"}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_3000_connections_that_send_half(server: Server, half: bytes) -> None:
    """One that was open before is answered throughout, and once the time is up everybody is."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4_096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    most, slowest = 0, 0.0
    with ExitStack() as stack:
        lasting = stack.enter_context(closing(HTTPConnection("127.0.0.1", port_of(server), timeout=30)))
        lasting.connect()
        for number in range(3_000):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port_of(server)), 30))
            try:
                client.sendall(half)
            except OSError:
                continue
            if number % 100 == 0:
                began = time.monotonic()
                lasting.request("POST", QUERY)
                answer = lasting.getresponse()
                assert json.loads(answer.read())["attendances"]
                slowest, most = max(slowest, time.monotonic() - began), max(most, handles_of(pid_of(server)))
        time.sleep(limits.HEAD_SECONDS + limits.LINGER_SECONDS)
        began = time.monotonic()
        assert server.client.post(QUERY, json={}).status_code == 200
        print({"handles": most, "slowest": round(slowest, 2), "after": round(time.monotonic() - began, 2)})
    assert most < 2 * limits.MAX_CONNECTIONS + limits.BACKLOG + 64


@pytest.mark.parametrize("kills", [200])
def test_kills_while_it_answers(loaded: Path, tmp_path: Path, kills: int) -> None:
    print(kill_while_answering(loaded, tmp_path / "killed", kills, seed=4))


def test_the_database_is_replaced_and_removed_100_times(loaded: Path, tmp_path: Path) -> None:
    statuses = replace_while_answering(loaded, tmp_path / "replaced", 100)
    print(dict(statuses))
    assert set(statuses) <= {200, 500}


def test_the_disk_is_full_for_a_while(loaded: Path, tmp_path: Path) -> None:
    if not may_mount(tmp_path):
        pytest.skip("no right to mount a disk")
    answered, refused = fill_the_disk(loaded, tmp_path / "disk")
    print({"answered": answered, "refused": refused})
    assert answered > 20
    assert refused
