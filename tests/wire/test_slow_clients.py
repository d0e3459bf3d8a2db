"""Clients that are slow, silent, many or not HTTP at all: each is answered in JSON, and none keeps others out."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h11
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from support.serves import serving_app
from uvicorn.protocols.http.flow_control import FlowControl

import pipeline
from pipeline.serving import limits
from pipeline.serving.app import attendance_api
from queries.language.limits import MAX_TEXT_BYTES

HOST = b"Host: localhost\r\n"
COUNT = b"POST /bookings/v2/attendance/count HTTP/1.1\r\n" + HOST
JSON = b"Content-Type: application/json\r\n"
WHOLE = COUNT + JSON + b"Content-Length: 2\r\n\r\n{}"
HALF_BODY = COUNT + JSON + b"Content-Length: 50\r\n\r\n{"
HALF_HEAD = COUNT[:-4]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, empty: Path) -> Iterator[int]:
    """A server whose limits are small enough to be reached in a moment."""
    folder = tmp_path_factory.mktemp("served")
    for file in (*empty.glob("*.duckdb"), *empty.glob("*.secret")):
        shutil.copy(file, folder / file.name)
    small = {
        "MAX_CONNECTIONS": 20,
        "HEAD_SECONDS": 0.4,
        "BODY_SECONDS": 0.4,
        "LINGER_SECONDS": 0.2,
        "IDLE_SECONDS": 0.3,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in small.items():
            patch.setattr(limits, name, value)
        app = attendance_api(folder / "attendance.duckdb", pipeline.Settings.model_validate({}), None, lambda _: None)
        with serving_app(app) as served:
            yield served


@pytest.fixture
def opened(port: int) -> Iterator[Any]:
    """Opens a connection, over which something is sent."""
    with ExitStack() as stack:

        def opened(sent: bytes = b"") -> socket.socket:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            client.sendall(sent)
            return client

        yield opened
    until_served(port)


def until_served(port: int) -> None:
    """Wait until the server has got rid of everything a test left behind."""
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.sendall(WHOLE)
            if answered(client)[0] == 200:
                return
        time.sleep(0.02)
    raise AssertionError("nobody is served any more")


def answered(client: socket.socket, method: str = "POST") -> tuple[int, Any]:
    """Status and body of the next answer."""
    reader = h11.Connection(h11.CLIENT)
    reader.send(h11.Request(method=method, target="/", headers=[("Host", "localhost")]))
    reader.send(h11.EndOfMessage())
    status, body = 0, b""
    while True:
        event = reader.next_event()
        if event is h11.NEED_DATA:
            reader.receive_data(client.recv(65_536))
        elif isinstance(event, h11.Response):
            headers = {name.decode(): value.decode() for name, value in event.headers}
            assert headers["content-type"] == "application/json"
            assert re.fullmatch(r"[\w.:-]+", headers["x-wix-request-id"], re.ASCII)
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
        else:
            return status, json.loads(body) if body else None


def is_closed(client: socket.socket) -> bool:
    """Whether the server closes the connection within five seconds."""
    try:
        return client.recv(65_536) == b""
    except ConnectionResetError:
        return True


def is_cut_off(client: socket.socket) -> bool:
    """Whether the server closes a connection over which a byte comes now and then, and of which nothing is read."""
    for _ in range(100):
        try:
            client.sendall(b"x")
        except ConnectionError:
            return True
        time.sleep(0.05)
    return False


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    status, body = answer
    return status, body["details"]["applicationError"]["code"]


@pytest.mark.parametrize("half", [HALF_HEAD, HALF_BODY, COUNT + JSON + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{"])
def test_what_never_comes_to_an_end_is_answered_and_closed(opened: Any, half: bytes) -> None:
    client = opened(half)
    assert code(answered(client)) == (408, "REQUEST_TIMEOUT")
    assert is_closed(client)


def test_a_drip_gains_no_time(opened: Any) -> None:
    """A limit that began again with every byte would never end."""
    client, began = opened(COUNT + b"X-Slow: "), time.monotonic()
    assert is_cut_off(client)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("before", [b"", WHOLE])
def test_an_idle_connection_is_closed_without_a_word(opened: Any, before: bytes) -> None:
    client = opened(before)
    if before:
        assert answered(client)[0] == 200
    assert is_closed(client)


def test_half_a_second_request_is_closed_as_the_first_would_be(opened: Any) -> None:
    client = opened(WHOLE)
    assert answered(client)[0] == 200
    client.sendall(HALF_HEAD)
    assert code(answered(client)) == (408, "REQUEST_TIMEOUT")


def test_a_body_that_goes_on_after_a_refusal_is_not_read_for_ever(opened: Any) -> None:
    client = opened(COUNT.replace(b"bookings", b"none") + JSON + b"Content-Length: 999\r\n\r\n")
    assert code(answered(client)) == (404, "NOT_FOUND")
    assert is_closed(client)


@pytest.mark.parametrize("half", [b"", HALF_HEAD, HALF_BODY])
def test_over_the_cap_new_ones_are_refused_and_old_ones_live_on(opened: Any, half: bytes) -> None:
    lasting = opened(WHOLE)
    assert answered(lasting)[0] == 200
    for _ in range(limits.MAX_CONNECTIONS - 1):
        opened(half)
    refused = opened(WHOLE)
    assert code(answered(refused)) == (503, "TOO_MANY_CONNECTIONS")
    assert is_closed(refused)
    lasting.sendall(WHOLE)
    assert answered(lasting)[0] == 200


def test_answers_are_not_held_back(monkeypatch: pytest.MonkeyPatch, opened: Any) -> None:
    options = []

    class Seen(FlowControl):
        def __init__(self, transport: Any) -> None:
            super().__init__(transport)
            self.socket = transport.get_extra_info("socket")

        def resume_reading(self) -> None:
            options.append(self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            super().resume_reading()

    monkeypatch.setattr("uvicorn.protocols.http.h11_impl.FlowControl", Seen)
    assert answered(opened(WHOLE))[0] == 200
    assert set(options) == {1}


def test_half_bodies_keep_nobody_out(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.serving.app.MAX_UNDER_WAY", 2)
    for _ in range(5):
        opened(HALF_BODY)
    assert answered(opened(WHOLE))[0] == 200


def test_an_answer_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.3)
    large = Starlette(routes=[Route("/", lambda _: Response(b"x" * 30_000_000))])
    with serving_app(large) as port, socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        assert is_cut_off(client)


def test_a_server_ends_while_it_closes_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """One was answered before its body was there, another is not HTTP: their states at the end are not errors."""
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.1)
    monkeypatch.setattr(limits, "LINGER_SECONDS", 20)
    with ExitStack() as stack:
        with serving_app(Starlette()) as port:
            half = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n"
            for sent, status in ((half, b"404"), (b"no HTTP\r\n\r\n", b"400")):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
                client.sendall(sent)
                assert client.recv(65_536).startswith(b"HTTP/1.1 " + status)
            time.sleep(0.3)
            began = time.monotonic()
        assert time.monotonic() - began < 5


NOT_HTTP: list[tuple[bytes, int, str]] = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS greeting \r\n\r\n", 400, "BAD_REQUEST"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "BAD_REQUEST"),
    (b"GET / HTTP/1.1\r\n\r\n", 400, "BAD_REQUEST"),
    (b"GET / HTTP/1.1\r\n" + HOST + b"Bad Header: 1\r\n\r\n", 400, "BAD_REQUEST"),
    (b"GET  HTTP/1.1\r\n\r\n", 400, "BAD_REQUEST"),
    (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 600_000, 431, "HEADERS_TOO_LARGE"),
    (b"GET /" + b"x" * 600_000, 414, "URI_TOO_LONG"),
    (COUNT + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "BAD_REQUEST"),
    (COUNT + b"Content-Length: -1\r\n\r\n", 400, "BAD_REQUEST"),
    (COUNT + b"Content-Length: \xb2\r\n\r\n", 400, "BAD_REQUEST"),
    (COUNT + b"Transfer-Encoding: gzip\r\n\r\n", 501, "NOT_IMPLEMENTED"),
    (COUNT + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "BAD_REQUEST"),
    (COUNT + JSON + b"Content-Length: 1000001\r\n\r\n", 413, "PAYLOAD_TOO_LARGE"),
    (COUNT + b"Content-Length: 2\r\n\r\n{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
    (COUNT.replace(b"count", b"count/") + JSON + b"Content-Length: 2\r\n\r\n{}", 404, "NOT_FOUND"),
    (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 404, "NOT_FOUND"),
    (b"CONNECT localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n", 404, "NOT_FOUND"),
    (b"BREW /bookings/v2/attendance/count HTTP/1.1\r\n" + HOST + b"\r\n", 405, "METHOD_NOT_ALLOWED"),
    (b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", 404, "NOT_FOUND"),
    (b"GET /%ff%00 HTTP/1.1\r\n" + HOST + b"\r\n", 404, "NOT_FOUND"),
    (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403, "PERMISSION_DENIED"),
    (COUNT + b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n", 200, ""),
]


@pytest.mark.parametrize(("sent", "status", "expected"), NOT_HTTP, ids=lambda value: str(value)[:40])
def test_what_the_server_itself_refuses_is_json_too(
    opened: Any, capfd: pytest.CaptureFixture[str], sent: bytes, status: int, expected: str
) -> None:
    answer = answered(opened(sent))
    assert (code(answer) if expected else (answer[0], "")) == (status, expected)
    assert capfd.readouterr().err == ""


def test_the_limits_are_in_the_documentation() -> None:
    """Read again, since the fixture makes them small."""
    true = runpy.run_path(limits.__file__)
    documented = (Path(pipeline.__file__).parent / "serve.md").read_text(encoding="utf-8")
    values = {
        row.split("|")[2].strip().split()[0].replace(",", "")
        for row in documented.splitlines()
        if row.startswith("| ") and len(row.split("|")) == 5
    }
    named = ("MAX_CONNECTIONS", "MAX_UNDER_WAY", "MAX_HEAD_BYTES")
    seconds = ("HEAD_SECONDS", "BODY_SECONDS", "ANSWER_SECONDS", "IDLE_SECONDS")
    assert {f"{true[name]:g}" for name in (*named, *seconds)} | {f"{MAX_TEXT_BYTES}"} <= values
