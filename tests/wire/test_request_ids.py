"""Every answer, whoever gives it, names its request, and the log names the same."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from support.serves import serving_app

import pipeline
from pipeline.serving import limits
from pipeline.serving.app import attendance_api
from pipeline.serving.request_ids import HEADER, Numbered

QUERY = "/bookings/v2/attendance/query"
TOKEN = "the-token"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, empty: Path) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("served")
    for file in (*empty.glob("*.duckdb"), *empty.glob("*.secret")):
        shutil.copy(file, folder / file.name)
    app = attendance_api(folder / "attendance.duckdb", pipeline.Settings.model_validate({}), TOKEN, lambda _: None)
    headers = {"Authorization": TOKEN}
    with serving_app(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as asking:
        yield asking


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", QUERY, {}, 200),
        ("POST", QUERY, {"Authorization": "wrong"}, 401),
        ("PUT", QUERY, {}, 405),
        ("GET", "/", {}, 404),
        ("GET", "/", {"X": "x" * 300_000}, 431),
    ],
)
def test_every_answer_has_an_id_which_is_in_the_log(
    client: httpx.Client,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    caplog.set_level(logging.INFO, "noshow")
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == status
    assert [fields["status"] for fields in logged(caplog, answer)] == [status]


def logged(caplog: pytest.LogCaptureFixture, answer: httpx.Response) -> list[dict[str, Any]]:
    """The log's fields of an answer, which may come a moment after it, and not those of other tests' answers."""
    for _ in range(100):
        fields = [getattr(record, "fields", {}) for record in caplog.records]
        of_answer = [field for field in fields if field.get("request") == answer.headers[HEADER]]
        if of_answer:
            break
        time.sleep(0.01)
    return of_answer


@pytest.mark.parametrize("name", ["X-Wix-Request-Id", "X-Request-Id"])
def test_a_clients_own_id_comes_back_if_it_is_sane(client: httpx.Client, name: str) -> None:
    for own in ("1", "1700000000.123_abc-DEF:9", "x" * 128):
        assert client.get("/", headers={name: own}).headers[HEADER] == own
    for odd in ("", "two words", "x" * 129, '{"a": 1}', "<script>", "\xe9", "a,b"):
        other = client.get("/", headers={name: odd.encode("latin-1")}).headers[HEADER]
        assert re.fullmatch(r"[0-9a-f-]{36}", other), odd


def test_the_log_names_the_call_and_never_its_id(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "noshow")
    for path, call in (
        ("/bookings/attendance/5ec2e700-1111-4111-8111-111111111111", "/bookings/v2/attendance/{id}"),
        ("/5ec2e700", ""),
    ):
        (fields,) = logged(caplog, client.get(path))
        assert (fields["path"], fields["status"]) == (call, 404)
        assert "5ec2e700" not in str(fields)


def test_no_two_requests_have_one_id(client: httpx.Client) -> None:
    assert len({client.get("/").headers[HEADER] for _ in range(20)}) == 20


def test_a_request_that_outlasts_its_server_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GRACE_SECONDS", 0)
    asked = asyncio.Event()

    async def never(_: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    async def ask(port: int) -> httpx.Response:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            return await client.get("/")

    with serving_app(Numbered(Starlette(routes=[Route("/", never)]))) as port:
        waiting = ThreadPoolExecutor(1).submit(asyncio.run, ask(port))
        while not asked.is_set():
            time.sleep(0.01)
    answer = waiting.result(20)
    assert (answer.status_code, answer.json()["details"]["applicationError"]["code"]) == (503, "ENDING")
    assert answer.headers[HEADER]
