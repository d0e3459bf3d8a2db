"""Requests that mean harm, sent to `noshow serve` by several clients, and their outcomes.

Shared by the tests of the server and the stress tests.
"""

from __future__ import annotations

import base64
import hmac
import json
import random
import socket
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from support.records import Make

import pipeline
from pipeline.serving.calls import CALLS

QUERY = "/bookings/v2/attendance/query"
SERVED = [call for call in CALLS if call.reads or call.writes or call.marks]
_NAMES = ("id", "_id", "bookingId", "eventId", "status", "numberOfAttendees", "nope", "", "a/b~", "$status", "\ud800")
_OPERATORS = (
    "$eq",
    "$ne",
    "$gt",
    "$lte",
    "$in",
    "$nin",
    "$exists",
    "$hasSome",
    "$and",
    "$or",
    "$not",
    "$where",
    "eq",
    "",
)
_VALUES = (
    *(None, True, 0, 1, -1, 10**40, 1.5, 1e308, "", "ATTENDED", "' or 1=1 --", "a\0b", "\ud800", "%_", "x" * 2_000),
    *([], {}, [[]], [None], {"$eq": 1}, "00000001-0000-4000-8000-000000000001"),
)
_KEYS = (
    *("query", "filter", "sort", "cursorPaging", "paging", "fields", "limit", "cursor", "fieldName", "order", "offset"),
    *("attendance", "attendanceDetails", "attendanceIds", "returnFullEntity", "participantNotification"),
    *("withEcomOrder", "fromLocalDate", "toLocalDate", "sql", ""),
)
_HEADERS = ("Content-Type", "Content-Length", "Transfer-Encoding", "Expect", "Connection", "Upgrade", "Range", "Host")
_WORDS = (
    "",
    "1",
    "-1",
    "\xb2",
    "gzip",
    "chunked",
    "100-continue",
    "close",
    "h2c",
    "bytes=0-",
    "evil.example",
    "a" * 9_000,
)
_ID = "00000001-0000-4000-8000-000000000001"
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


def database_in(folder: Path, bookings: int, marks: int) -> Path:
    """The folder, with a database of so many bookings and of marks for the first of them."""
    records = [Make.booking(number) for number in range(1, bookings + 1)]
    records += [Make.attendance(number) for number in range(1, marks + 1)]
    (folder / "records.ndjson").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pipeline.open_store(folder / "attendance.duckdb") as store:
        pipeline.ingest(store, [folder / "records.ndjson"])
    return folder


@dataclass
class Outcome:
    """The answers by status, the bodies that are not JSON, and the connections that ended without an answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    odd: list[bytes] = field(default_factory=list)
    silent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: int, body: bytes) -> None:
        with self.lock:
            self.statuses[status] += 1
            try:
                json.loads(body)
            except ValueError:
                self.odd.append(body[:200])

    def add_silent(self) -> None:
        with self.lock:
            self.silent += 1


def odd_value(chance: random.Random, depth: int = 0) -> Any:
    """A value as a request might have it, or not."""
    kind = chance.random()
    if depth > 5 or kind < 0.35:
        return chance.choice(_VALUES)
    if kind < 0.5:
        return [odd_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    names = chance.choice((_NAMES, _OPERATORS, _KEYS, _KEYS))
    return {chance.choice(names): odd_value(chance, depth + 1) for _ in range(chance.randrange(1, 4))}


def odd_body(chance: random.Random) -> bytes:
    """A body, which in one of seven cases is damaged."""
    value = {chance.choice(_KEYS): odd_value(chance) for _ in range(chance.randrange(1, 3))}
    if chance.random() < 0.5:
        query = {"filter": {chance.choice(_NAMES[:6]): {chance.choice(_OPERATORS[:8]): odd_value(chance, 5)}}}
        value = {"query": chance.choice(({}, query, query)) | {"cursorPaging": {"limit": chance.choice((1, 50, 0))}}}
    body = json.dumps(value).encode()
    if chance.random() < 0.15:
        at = chance.randrange(len(body))
        return chance.choice((body[:at], body[:at] + b"\xff" + body[at:], body * 2, b"[" * 5_000, body[at:], b""))
    return body


def odd_request(chance: random.Random) -> Callable[[HTTPConnection], HTTPResponse]:
    """A call of a served path, or of one beside it, with an odd body; sent over a connection."""
    call = chance.choice(SERVED if chance.random() < 0.9 else CALLS)
    path = chance.choice(call.paths).replace(
        "{id}", chance.choice(("00000001-0000-4000-8000-000000000001", "x", "%00"))
    )
    if chance.random() < 0.1:
        path = chance.choice((f"{path}/", f"{path}?a=%ff", "/", "/%2e%2e/etc/passwd", "*", path.upper(), f"//{path}"))
    method = call.method if chance.random() < 0.9 else chance.choice(("GET", "PUT", "OPTIONS", "TRACE", "BREW"))
    headers = {"Content-Type": "application/json" if chance.random() < 0.95 else chance.choice(_WORDS[:6])}
    body = odd_body(chance) if method not in ("GET", "TRACE") else None

    def send(connection: HTTPConnection) -> HTTPResponse:
        connection.request(method, path, body, headers)
        return connection.getresponse()

    return send


def odd_bytes(chance: random.Random) -> bytes:
    """Bytes that are hardly HTTP: heads with odd headers, damaged and cut."""
    head = f"{chance.choice(('POST', 'GET', 'get', ''))} {QUERY} HTTP/{chance.choice(('1.1', '1.0', '2.0', '9'))}\r\n"
    lines = [f"{chance.choice(_HEADERS)}: {chance.choice(_WORDS)}\r\n" for _ in range(chance.randrange(4))]
    text = (head + "Host: localhost\r\n" * (chance.random() < 0.8) + "".join(lines) + "\r\n").encode("latin-1") + b"{}"
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(text))
        text = text[:at] + bytes([chance.randrange(256)]) + text[at + chance.randrange(3) :]
    return text


def forged_cursors(token: str, chance: random.Random) -> Iterator[str]:
    """Endless tokens that were not given out: changed, cut, joined, random, packed bombs, signed by a guess."""
    data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))

    def changed() -> bytes:
        at = chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]

    def guessed() -> bytes:
        body = [1, "attendance", *(odd_value(chance) for _ in range(5))]
        payload = zlib.compress(json.dumps(body).encode())
        return hmac.digest(chance.randbytes(8), payload, "sha256")[:16] + payload

    kinds: tuple[Callable[[], bytes], ...] = (
        changed,
        guessed,
        lambda: data[: chance.randrange(len(data))],
        lambda: data + chance.randbytes(chance.randrange(1, 50)),
        lambda: data[:16] + zlib.compress(json.dumps(odd_value(chance)).encode()),
        lambda: data[:16] + zlib.compress(b" " * 300_000),
        lambda: chance.randbytes(chance.randrange(200)),
    )
    while True:
        made = base64.urlsafe_b64encode(chance.choice(kinds)()).decode().rstrip("=")
        forged = chance.choice((made, made, made, made + "=", made + "é", f" {made}", made.swapcase()))
        if forged != token:
            yield forged


def asking_by(cursor: str) -> Callable[[HTTPConnection], HTTPResponse]:
    """A request for the page at a cursor; sent over a connection."""

    def send(connection: HTTPConnection) -> HTTPResponse:
        body = json.dumps({"query": {"cursorPaging": {"cursor": cursor}}})
        connection.request("POST", QUERY, body, {"Content-Type": "application/json"})
        return connection.getresponse()

    return send


def send_all(port: int, requests: Iterable[Callable[[HTTPConnection], HTTPResponse]], clients: int = 4) -> Outcome:
    """Send requests by several clients, each over a connection that it keeps."""
    outcome, waiting, lock = Outcome(), iter(requests), threading.Lock()

    def following() -> Callable[[HTTPConnection], HTTPResponse] | None:
        with lock:
            return next(waiting, None)

    def client() -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            while send := following():
                try:
                    answer = send(connection)
                    outcome.add(answer.status, answer.read())
                except (HTTPException, OSError):
                    outcome.add_silent()
                    connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def send_bytes(port: int, texts: Iterable[bytes]) -> Outcome:
    """Send bytes, each over a connection of its own that the client then half closes."""
    outcome = Outcome()
    for text in texts:
        answer = b""
        try:
            with socket.create_connection(("127.0.0.1", port), 30) as client:
                client.sendall(text)
                client.shutdown(socket.SHUT_WR)
                while piece := client.recv(65_536):
                    answer += piece
        except OSError:
            pass
        head, _, body = answer.removeprefix(_GO_ON).partition(b"\r\n\r\n")
        if head:
            outcome.add(int(head.split()[1]), body.partition(b"HTTP/1.1 ")[0])
        else:
            outcome.add_silent()
    return outcome


def memory_of(pid: int) -> int:
    """The memory of a process in kB, as it is now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def handles_of(pid: int) -> int:
    """The number of files and sockets that a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
