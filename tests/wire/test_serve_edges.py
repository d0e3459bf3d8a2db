"""Starting, guarding and ending `noshow serve`: who may ask, and how much a refusal shows."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.fixtures import Run, Write
from support.records import Make
from support.serving import Serve, Server

import pipeline
import queries
from pipeline.cli.serve import run as run_serve
from queries.errors import InputNotFound, NoshowError, OutputFailed, UsageError
from queries.installed import how_to_install

TOKEN = "IST.a-token-of-this-test"
QUERY = "/bookings/v2/attendance/query"
COUNT = "/bookings/v2/attendance/count"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, make: type[Make]) -> Path:
    """A folder with a database that holds a booking and its attendance; tests take copies."""
    folder = tmp_path_factory.mktemp("loaded")
    records = folder / "records.ndjson"
    records.write_text(f"{json.dumps(make.booking(1))}\n{json.dumps(make.attendance(1))}\n")
    with pipeline.open_store(folder / "attendance.duckdb") as store:
        pipeline.ingest(store, [records])
    return folder


@pytest.fixture
def published(loaded: Path, tmp_path: Path) -> Path:
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)
    return tmp_path / "attendance.duckdb"


@pytest.fixture(scope="module")
def server(loaded: Path, tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Iterator[Server]:
    """One without a token, shared by tests that leave it running."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(loaded, folder, dirs_exist_ok=True)
    with serve(folder / "attendance.duckdb") as running:
        yield running


def code_of(answer: httpx.Response) -> Any:
    return answer.json()["details"]["applicationError"]["code"]


def test_a_token_is_asked_for_and_never_printed(serve: Serve, published: Path, tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text(f"{TOKEN}\n")
    with serve(published, "--token-file", "token.txt", "-vv", "--log", "log.ndjson") as server:
        assert server.said == f"noshow: serving {published} at {server.client.base_url}; Ctrl-C ends it\n"
        for header in (None, "", TOKEN[:-1], f"{TOKEN}x", "Bearer", f"Basic {TOKEN}", "\xff"):
            headers = {"Authorization": header.encode("latin-1")} if header is not None else {}
            for path in (QUERY, "/elsewhere"):
                refused = server.client.post(path, json={}, headers=headers)
                assert (refused.status_code, code_of(refused)) == (401, "UNAUTHENTICATED")
                assert refused.headers["www-authenticate"] == "Bearer"
        for header in (TOKEN, f"Bearer {TOKEN}"):
            headers = {"Authorization": header, "Host": "anything.example"}
            assert server.client.post(QUERY, json={}, headers=headers).status_code == 200
        code, printed = server.end()
    assert code == 0
    assert TOKEN not in printed + (published.parent / "log.ndjson").read_text()


def test_without_a_token_only_this_machine_is_served(server: Server) -> None:
    """A page in a browser may have its own name lead to this machine; the name betrays it."""
    port = server.client.base_url.port
    for host, status in (("evil.example", 403), ("127.0.0.1.evil.example", 403), ("10.0.0.1", 403), ("", 403)):
        assert server.client.post(QUERY, json={}, headers={"Host": host}).status_code == status
    for host in ("localhost", f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
        assert server.client.post(QUERY, json={}, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("options", "variable", "error", "said"),
    [
        ({"host": "0.0.0.0"}, "", UsageError, "no token is set"),
        ({"host": "0.0.0.0"}, " ", UsageError, "no token is set"),
        ({"host": "192.0.2.1"}, TOKEN, OutputFailed, "192.0.2.1"),
        ({"host": "no such host"}, TOKEN, UsageError, "no such host"),
        ({"token_file": Path("none.txt")}, "", InputNotFound, "none.txt: no such file"),
        ({"token_file": Path("two.txt")}, TOKEN, UsageError, "two.txt: not a token"),
        ({}, "tok\u00e9n", UsageError, "NOSHOW_TOKEN: not a token"),
        ({"db": Path("none.duckdb")}, "", InputNotFound, "none.duckdb: no database here"),
    ],
)
def test_what_cannot_be_served_is_refused(
    published: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    variable: str,
    error: type[NoshowError],
    said: str,
) -> None:
    monkeypatch.chdir(published.parent)
    monkeypatch.setenv("NOSHOW_TOKEN", variable)
    Path("two.txt").write_text("two words\n")
    with pytest.raises(error) as caught:
        run_serve(**{"host": "127.0.0.1", "port": 0, "token_file": None, "strict": False, "db": published} | options)
    assert said in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_port_in_use_is_one_line(run: Run, published: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", str(taken.getsockname()[1]), "--db", published)
    assert (result.returncode, result.stderr.count("\n")) == (74, 1)
    assert "Address already in use" in result.stderr


def test_what_is_missing_is_named(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UsageError, match=re.escape(how_to_install("serve"))):
        run_serve("127.0.0.1", 0, None, False, published)


def test_what_was_answered_survives_a_kill(serve: Serve, published: Path, make: type[Make]) -> None:
    mark = {"bookingId": make.guid(1, 1), "eventId": make.event(1), "status": "NOT_ATTENDED"}
    with serve(published) as server:
        answer = server.client.post("/bookings/v2/attendance/set", json={"attendance": mark})
        server.end(signal.SIGKILL)
    # It was answered once it was committed; the next server publishes it first of all.
    with serve(published) as server:
        assert server.client.get(f"/bookings/v2/attendance/{make.guid(1, 2)}").json() == answer.json()
    with queries.connect(published) as con:
        assert queries.get_attendance(con, make.guid(1, 2)) == answer.json()


_WITH_A_BUG = """
from dataclasses import replace
from pipeline.cli import main
from pipeline.serving import app

def fails(*_):
    raise KeyError("a secret of the inside")

kinds = ("reads", "writes", "marks")
app.CALLS = tuple(replace(call, **{kind: getattr(call, kind) and fails for kind in kinds}) for call in app.CALLS)
main()
"""


@pytest.mark.long
def test_a_bug_is_told_to_the_operator_alone(serve: Serve, published: Path, make: type[Make]) -> None:
    with serve(published, command=(sys.executable, "-c", _WITH_A_BUG)) as server:
        for method, path in (("POST", QUERY), ("DELETE", f"/bookings/v2/attendance/{make.guid(1, 2)}")):
            answer = server.client.request(method, path)
            assert (answer.status_code, code_of(answer)) == (500, "INTERNAL")
            assert "secret" not in answer.text
        code, printed = server.end(signal.SIGINT)
    assert code == 0
    assert printed.count("Traceback") == printed.count("KeyError: 'a secret of the inside'") == 2


def test_a_broken_file_is_told_to_the_operator_in_a_line(serve: Serve, published: Path) -> None:
    with serve(published) as server:
        broken = published.with_name("broken")
        broken.write_bytes(b"no database")
        broken.replace(published)
        answer = server.client.post(QUERY, json={})
        assert (answer.status_code, code_of(answer)) == (500, "INTERNAL")
        assert published.name not in answer.text
        _, printed = server.end()
    assert printed.count("\n") == 2
    assert f"{published}: not a database that DuckDB can open" in printed


def test_a_load_by_another_program_is_seen_at_once(server: Server, write: Write, make: type[Make]) -> None:
    assert server.client.post(COUNT).json() == {"count": 1}
    with pipeline.open_store(server.db) as store:
        pipeline.ingest(store, [write(make.booking(2), make.attendance(2))])
    assert server.client.post(COUNT).json() == {"count": 2}


def test_an_erased_person_is_not_read_from_a_kept_connection(serve: Serve, published: Path, make: type[Make]) -> None:
    """Every connection is to the snapshot before the erasure, and the secret of its cursors is another since."""
    bookings, one = "/_api/bookings-reader/v2/extended-bookings/query", {"query": {"cursorPaging": {"limit": 1}}}
    get = f"/bookings/v2/attendance/{make.guid(1, 2)}"
    with serve(published) as server:
        for _ in range(3):
            assert "Pat" in server.client.post(bookings, json=one).text
            assert server.client.get(get).status_code == 200
        pipeline.erase(published, make.guid(1, 4))
        after = server.client.post(bookings, json=one)
        assert after.status_code == 200
        assert not {"Pat", make.guid(1, 4)} & set(after.text.replace('"', " ").split())
        assert server.client.get(get).status_code == 200
        published.with_name("moved").write_bytes(published.read_bytes())
        published.unlink()
        assert server.client.get(get).status_code == 500
        published.with_name("moved").replace(published)
        assert server.client.get(get).status_code == 200


def test_where_too_many_ask_some_are_sent_away(server: Server) -> None:
    """As many as are taken on are answered, the others are to ask again."""

    async def ask_all(address: httpx.URL) -> list[int]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=address, timeout=30, limits=limits, trust_env=False) as client:
            answers = await asyncio.gather(*(client.delete(f"/bookings/v2/attendance/{one}") for one in ids))
            assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 429)
            return [answer.status_code for answer in answers]

    ids = [f"00000000-0000-4000-8000-{number:012x}" for number in range(150)]
    statuses = asyncio.run(ask_all(server.client.base_url))
    assert set(statuses) == {404, 429}
    assert server.client.post(QUERY, json={}).status_code == 200
