"""A server that is not the API, or means harm: each of its answers ends in one line, in bounded memory and time."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import random
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard
from support.api import KEY, SITE
from support.pulled import BEGAN, Clock

from pipeline.pulling import source, walking
from pipeline.pulling.source import Access, Source
from pipeline.pulling.walking import fetch
from pipeline.pulling.walks import first_walks
from pipeline.store.saved_pulls import SavedPull, Terms, begin
from queries.errors import DataRefused, NoshowError, OutputFailed
from queries.model import api_paths

PATH = api_paths.QUERY_ATTENDANCE
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ENDS = b"Connection: close\r\n\r\n"
MIB = 2**20


def packed(body: bytes, encoding: bytes = b"gzip") -> bytes:
    return OK + b"Content-Encoding: " + encoding + b"\r\nContent-Length: %d\r\n" % len(body) + ENDS + body


def endless(head: bytes, piece: bytes) -> Iterator[bytes]:
    yield head
    while True:
        yield piece


def dripped(text: bytes) -> Iterator[bytes]:
    for letter in itertools.chain(text, itertools.repeat(32)):
        yield bytes([letter])
        time.sleep(0.02)


def request_of(client: socket.socket) -> bytes:
    """All of a request. If some of it were left, closing would reset the connection."""
    with client.makefile("rb") as reader:
        lines = list(itertools.takewhile(bytes.strip, iter(reader.readline, b"")))
        length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
        return b"".join([*lines, reader.read(length)])


@contextmanager
def answering(answer: Callable[[], bytes | Iterable[bytes]]) -> Iterator[tuple[str, list[bytes]]]:
    """Answer every connection with these bytes: the address, and the requests so far."""
    asked: list[bytes] = []

    def serve(client: socket.socket) -> None:
        with client:
            try:
                asked.append(request_of(client))
                given = answer()
                for piece in [given] if isinstance(given, bytes) else given:
                    client.sendall(piece)
                client.shutdown(socket.SHUT_WR)
                client.recv(1)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked


def ask(address: str, times: int = 1) -> Any:
    async def asked() -> Any:
        async with Source(Access(address, KEY, SITE), 3_600, Clock().around()) as asking:
            for _ in range(times):
                found = await asking.ask("attendance", PATH, {}, lambda body: walking.read_page(first_walk(), body))
            return found

    return asyncio.run(asked())


def first_walk() -> walking.Walk:
    return first_walks(BEGAN, None)[-1]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Smaller bounds, of which the product's own are multiples."""
    monkeypatch.setattr(source, "ATTEMPTS", 2)
    assert source.MAX_BYTES == 64 * MIB
    monkeypatch.setattr(source, "MAX_BYTES", 4 * MIB)


LARGE = "an answer is larger than"
UNPACKED = "an answer that cannot be unpacked"
SLOW = "no answer in time"
BROKEN = "the connection broke off"
HOSTILE: dict[str, tuple[Callable[[], bytes | Iterable[bytes]], str]] = {
    "a bomb": (lambda: packed(gzip.compress(b" " * 32 * MIB)), LARGE),
    "a bomb within the bytes": (lambda: packed(gzip.compress(b" " * 2 * MIB)), LARGE),
    "noise that hardly packs": (lambda: packed(gzip.compress(random.Random(1).randbytes(5 * MIB))), LARGE),
    "a long body": (lambda: OK + b"Content-Length: %d\r\n\r\n" % (5 * MIB) + b" " * 5 * MIB, LARGE),
    "a body without end": (lambda: endless(OK + ENDS, b" " * 65_536), LARGE),
    "chunks without end": (
        lambda: endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65_536 + b"\r\n"),
        LARGE,
    ),
    "more values than a page has": (lambda: OK + ENDS + b'{"attendances":[' + b"[]," * 700_000 + b"1]}", LARGE),
    "zstandard": (lambda: packed(zstandard.compress(b" " * 64 * MIB), b"zstd"), UNPACKED),
    "deflate": (lambda: packed(zlib.compress(b"{}"), b"deflate"), UNPACKED),
    "packed twice": (lambda: packed(gzip.compress(gzip.compress(b"{}")), b"gzip, gzip"), UNPACKED),
    "not packed as it says": (lambda: packed(b'{"attendances": []}'), UNPACKED),
    "half of a packed body": (lambda: packed(gzip.compress(b"{}" * 500)[:-9]), UNPACKED),
    "an encoding that is not text": (lambda: packed(b"{}", b"\xff\x00"), "in a row"),
    "less than announced": (lambda: OK + b"Content-Length: 99\r\n\r\n{}", BROKEN),
    "two lengths": (lambda: OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", BROKEN),
    "a length below nothing": (lambda: OK + b"Content-Length: -5\r\n\r\n{}", BROKEN),
    "a length of other digits": (lambda: OK + b"Content-Length: \xb2\r\n\r\n{}", BROKEN),
    "a head without end": (lambda: endless(OK, b"X-Long: " + b"x" * 8_000 + b"\r\n"), BROKEN),
    "no HTTP": (lambda: b"220 mail.example ESMTP\r\n", BROKEN),
    "nothing": (lambda: b"", BROKEN),
    "news without end": (lambda: endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), SLOW),
    "a drip": (lambda: dripped(OK + ENDS + b"{"), SLOW),
    "a page of a hotel": (
        lambda: b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + ENDS + b"<html>Log in</html>",
        "JSON",
    ),
    "an empty body": (lambda: OK + b"Content-Length: 0\r\n" + ENDS, "not JSON"),
    "no content": (lambda: b"HTTP/1.1 204 No Content\r\n\r\n", r"refuses the query \(204\)"),
    "a long refusal": (lambda: endless(b"HTTP/1.1 400 Bad\r\n" + ENDS, b" " * 65_536), r"refuses the query \(400\)"),
    "a packed refusal": (
        lambda: packed(gzip.compress(b" " * 8 * MIB)).replace(b"200 OK", b"400 No"),
        r"refuses the query \(400\)",
    ),
    "a strange status": (lambda: b"HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\n{}", r"refuses the query \(299\)"),
    "no digits to wait": (
        lambda: b"HTTP/1.1 429 Wait\r\nRetry-After: \xb2\r\nContent-Length: 0\r\n" + ENDS,
        "the API answers 429, 2 times in a row",
    ),
    "to wait for ages": (
        lambda: b"HTTP/1.1 503 Wait\r\nRetry-After: 999999999\r\nContent-Length: 0\r\n" + ENDS,
        "the time that pull_minutes allows is up",
    ),
    "a list of lists": (lambda: OK + ENDS + b'{"attendances": [[1]]}', "no list attendances"),
    "nested without end": (lambda: OK + ENDS + b'{"attendances":' + b"[" * 400_000, "not JSON"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_every_hostile_answer_ends_in_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, words = HOSTILE[name]
    if words == SLOW:
        monkeypatch.setattr(source, "_SECONDS_AN_ANSWER", 0.4)
    began = time.monotonic()
    with answering(answer) as (address, _), pytest.raises(NoshowError, match=words) as caught:
        ask(address)
    assert time.monotonic() - began < 30
    assert not [text for text in ("\n", KEY, SITE) if text in str(caught.value)]


@pytest.mark.parametrize("encoding", [b"", b"gzip"])
def test_a_body_beyond_the_bound_never_stands_in_memory(encoding: bytes) -> None:
    """The bytes received are counted, not those announced: 64 MiB of spaces, packed to 64 KiB, or as they are."""
    if encoding:
        packer = zlib.compressobj(9, wbits=31)
        body = b"".join(packer.compress(b" " * MIB) for _ in range(64)) + packer.flush()
        pieces: Iterable[bytes] = [packed(body)]
    else:
        pieces = endless(OK + ENDS, b" " * 65_536)
    with answering(lambda: pieces) as (address, _):
        tracemalloc.start()
        try:
            with pytest.raises(DataRefused, match=LARGE):
                ask(address)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 16 * MIB


def test_key_and_site_go_to_no_other_address() -> None:
    with answering(lambda: OK + ENDS + b"{}") as (other, asked):
        for status in (301, 302, 303, 307, 308):
            moved = f"HTTP/1.1 {status} Moved\r\nLocation: {other}/take\r\nContent-Length: 0\r\n\r\n".encode()
            with (
                answering(lambda moved=moved: moved) as (address, _),
                pytest.raises(DataRefused, match=f"the API has moved \\({status}\\)"),
            ):
                ask(address)
    assert asked == []


def test_no_cookie_is_kept() -> None:
    page = OK + b"Set-Cookie: a=1\r\n" * 50 + ENDS + b'{"attendances": []}'
    with answering(lambda: page) as (address, asked):
        ask(address, times=2)
    assert len(asked) == 2
    assert not any(b"cookie" in request.lower() for request in asked)


class Paging:
    """In place of a source: gives the pages that a function makes from the number of the request."""

    def __init__(self, page: Callable[[int], Any]) -> None:
        self._page = page
        self.asked = 0

    async def ask(self, noun: str, path: str, body: Any, read: Callable[[bytes], Any]) -> Any:
        for _ in range(3):
            self.asked += 1
            try:
                return read(json.dumps(self._page(self.asked)).encode())
            except source.Transient as error:
                last = error
        raise OutputFailed("pull.unreachable", f"{noun}: {last}")


def page(ids: Iterable[int], following: str | None) -> Any:
    records = [{"id": f"{one:08d}"} for one in ids]
    paging = {"cursors": {"next": following} if following else {}, "hasNext": following is not None}
    return {"attendances": records, "pagingMetadata": paging}


@pytest.fixture
def saved(tmp_path: Path) -> SavedPull:
    return begin(tmp_path / "attendance.duckdb", Terms(BEGAN, "site", None))


def walk(saved: SavedPull, made: Callable[[int], Any]) -> Paging:
    paging: Any = Paging(made)
    asyncio.run(fetch(paging, saved, [first_walk()], lambda *_: None))
    return paging


PAGES: dict[str, Callable[[int], Any]] = {
    "the same page under ever new cursors": lambda n: page([1, 2], f"c{n}"),
    "empty pages under ever new cursors": lambda n: page([], f"c{n}"),
    "two pages in turn under ever new cursors": lambda n: page([n % 2], f"c{n}"),
    "a cursor that leads to itself": lambda n: page([n], "c"),
    "a circle of three": lambda n: page([n], f"c{n % 3}"),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_without_end_come_to_an_end(saved: SavedPull, name: str) -> None:
    with pytest.raises(NoshowError, match=r"10 pages in a row with nothing new|a page that leads back"):
        walk(saved, PAGES[name])
    assert sum(1 for _ in saved.pages("attendances")) <= 12
    # Once the API answers rightly, the walk goes on from the pages that are saved.
    walk(saved, lambda n: page([1_000 + n], f"d{n}" if n < 3 else None))
    assert [one["attendances"][0]["id"] for one in list(saved.pages("attendances"))[-3:]] == [
        f"{1_000 + n:08d}" for n in (1, 2, 3)
    ]


def test_records_that_move_while_pages_are_turned_are_no_end(saved: SavedPull) -> None:
    """Each page repeats most of the one before, as where records move to later pages while the walk goes on."""
    made = walk(saved, lambda n: page(range(n, n + 5), f"c{n}" if n < 40 else None))
    assert made.asked == 40


def test_the_time_of_a_pull_ends_a_walk_that_brings_ever_new_records(saved: SavedPull) -> None:
    """A server that makes up records for ever is stopped by pull_minutes alone."""
    clock = Clock()
    number = itertools.count()

    def answer() -> bytes:
        n = next(number)
        clock.waited += 60
        return OK + ENDS + json.dumps(page([n], f"c{n}")).encode()

    async def asked(address: str) -> None:
        async with Source(Access(address, KEY, SITE), 600, clock.around()) as asking:
            await fetch(asking, saved, [first_walk()], lambda *_: None)

    with (
        answering(answer) as (address, _),
        pytest.raises(OutputFailed, match="the time that pull_minutes allows is up"),
    ):
        asyncio.run(asked(address))
    assert 5 < next(number) < 15
