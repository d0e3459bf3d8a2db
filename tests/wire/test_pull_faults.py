"""`noshow pull` where the API answers wrongly or not at all, and where settings are wrong: waited out, or one line."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.api import KEY, SITE, Api, Fault
from support.fixtures import Run
from support.pulled import BEGAN, Clock, counts, pulled
from support.samples import few

import queries
from pipeline.pulling.answers import retry_after
from pipeline.pulling.source import ATTEMPTS
from pipeline.store.saved_pulls import saved_pulls

NOSHOW = Path(sys.executable).with_name("noshow")

FAULTS = {
    "429 with seconds": Fault(429, {"Retry-After": "7"}),
    "429 with a date": Fault(429, {"Retry-After": "Tue, 10 Mar 2026 12:00:09 GMT"}),
    "500": Fault(500),
    "503": Fault(503),
    "truncated": Fault(spoilt="truncated"),
    "reset": Fault(spoilt="reset"),
    "no json": Fault(spoilt="no json"),
    "repeated": Fault(spoilt="repeated"),
}


@pytest.mark.long
@pytest.mark.parametrize("name", few(FAULTS, 4))
def test_every_fault_that_passes_is_waited_out(db: Path, api: Api, name: str) -> None:
    # Fewer than the attempts of one request, however the requests follow one another.
    api.fault = lambda number, key: FAULTS[name] if number in (0, 1, 2, 5, 6, 9) else None
    clock = Clock()
    pulled(db, api, clock)
    assert counts(db) == (250, 250, 0)
    assert set(api.served.values()) == {1}
    assert len(api.asked) > 8
    assert clock.waited > (7 if "429" in name else 0)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault(401), queries.DataRefused, "the API does not accept the key"),
        (Fault(403), queries.DataRefused, "the key may not read"),
        (Fault(404), queries.InputNotFound, "the API does not know this site"),
        (Fault(400), queries.DataRefused, r"the API refuses the query \(400, NO_ENTRY\)"),
        (Fault(302), queries.DataRefused, "the API has moved"),
        (Fault(500), queries.OutputFailed, "the API answers 500, 8 times in a row"),
        (Fault(429, {"Retry-After": "99999"}), queries.OutputFailed, "the time that pull_minutes allows is up"),
        (Fault(spoilt="another shape"), queries.DataRefused, "the API's answer has changed: no list"),
    ],
    ids=lambda value: f"{value.status}{value.spoilt}" if isinstance(value, Fault) else None,
)
def test_what_does_not_pass_is_told_in_one_line(
    db: Path, api: Api, fault: Fault, error: type[Exception], words: str
) -> None:
    api.fault = lambda number, key: fault
    with pytest.raises(error, match=words) as caught:
        pulled(db, api)
    assert not [text for text in ("\n", KEY, SITE) if text in str(caught.value)]
    api.fault = lambda number, key: None
    assert pulled(db, api).gone_on
    assert counts(db) == (250, 250, 0)


def test_a_slow_answer_is_asked_for_again(db: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.pulling.source._SECONDS_AN_ANSWER", 0.3)
    api.fault = lambda number, key: Fault(seconds=0.6) if number == 2 else None
    pulled(db, api)
    assert counts(db) == (250, 250, 0)


def test_a_cursor_that_the_api_no_longer_takes_begins_the_walk_anew(db: Path, api: Api) -> None:
    api.fault = lambda number, key: Fault(400) if number == 5 else None
    pulled(db, api)
    assert counts(db) == (250, 250, 0)


@pytest.mark.parametrize(
    ("env", "code", "words"),
    [
        ({"NOSHOW_API_KEY": ""}, 65, "setting api_key: it is empty"),
        ({"NOSHOW_API_KEY": "a\nb"}, 65, "setting api_key: it is empty, or has a space"),
        ({"NOSHOW_API_ADDRESS": "http://example.com"}, 65, "setting api_address: an address with https://"),
        ({"NOSHOW_API_ADDRESS": "https://exam\nple.com"}, 65, "setting api_address: an address without spaces"),
        ({"NOSHOW_API_ADDRESS": "https://example.com:99999"}, 65, "setting api_address: Port out of range"),
        ({"NOSHOW_API_KEY": "wrong"}, 65, "the API does not accept the key"),
        ({"NOSHOW_SITE_ID": "wrong"}, 66, "the API does not know this site"),
    ],
)
def test_a_mistake_is_one_line(db: Path, api: Api, run: Run, env: dict[str, str], code: int, words: str) -> None:
    result = run("pull", "--db", db, **api.env() | env)
    assert (result.returncode, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


def test_without_a_key_it_says_what_to_set(db: Path, run: Run) -> None:
    result = run("pull", "--db", db)
    assert result.returncode == 2
    assert result.stderr == "noshow: api_key is not set. Set NOSHOW_API_KEY, or api_key in noshow.toml\n"


def test_an_address_at_which_nobody_is_is_told_soon(db: Path, api: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(queries.OutputFailed) as caught:
        pulled(db, api, settings={"api_address": address})
    assert f"no connection to {address}, 3 times in a row. Check the network and api_address" in str(caught.value)
    assert not [text for text in ("\n", KEY, SITE) if text in str(caught.value)]


def test_a_name_that_nobody_knows_is_told_soon(db: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(queries.OutputFailed, match=r"no connection to https://nobody\.example, 3 times in a row"):
        pulled(db, api, settings={"api_address": "https://nobody.example"})


def test_a_site_that_restarts_is_waited_for(db: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request is refused a connection more often than a pull bears before the first answer."""
    monkeypatch.setattr("pipeline.pulling.source.AT_ONCE", 1)
    number, send = itertools.count(), httpx.AsyncClient.send

    async def restarting(client: httpx.AsyncClient, *args: Any, **options: Any) -> httpx.Response:
        if 4 <= next(number) < 4 + ATTEMPTS - 1:
            raise httpx.ConnectError("refused")
        return await send(client, *args, **options)

    monkeypatch.setattr(httpx.AsyncClient, "send", restarting)
    pulled(db, api)
    assert counts(db) == (250, 250, 0)


@pytest.mark.long
@pytest.mark.parametrize(
    ("sent", "code", "word"), few([(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 74, "terminated")], 1)
)
def test_an_interrupted_pull_says_that_its_pages_are_kept(
    db: Path, api: Api, sent: signal.Signals, code: int, word: str
) -> None:
    api.fault = lambda number, key: Fault(429, {"Retry-After": "600"}) if number >= 4 else None
    process = subprocess.Popen([NOSHOW, "pull", "--db", db], env=os.environ | api.env(), stderr=subprocess.PIPE)
    while len(api.asked) < 5 and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(sent)
    errors = process.communicate(timeout=60)[1].decode()
    kept = "the fetched pages are kept. Run it again to go on from there"
    assert (process.returncode, errors) == (code, f"noshow: {word}; {kept}\n")
    assert saved_pulls(db)[-1].all_parts()


RETRY_AFTER: list[tuple[str | None, float]] = [
    ("12", 12),
    (" 12 ", 12),
    ("0", 0),
    ("999999999", 999_999_999),
    ("Tue, 10 Mar 2026 12:01:30 GMT", 90),
    ("Tue, 10 Mar 2026 11:00:00 GMT", 0),
    *(
        (odd, 0)
        for odd in (None, "", " ", "soon", "-1", "+5", "1.5", "1e3", "0x10", "1_000", "1, 2", "12s", "NaN", "inf")
    ),
    # Digits to `str.isdigit`, but not to `float`, or not ASCII.
    *((digits, 0) for digits in ("\u00b2", "\u2460", "\u0661\u0662", "\uff11\uff12")),
    ("9" * 10, 0),
    ("9" * 5_000, 0),
    ("Tue, 10 Mar 99999 12:00:00 GMT", 0),
    ("Tue, 99 Mar 2026 99:99:99 GMT", 0),
    ("Tue, 10 Mar 2026 12:01:30 +9999999999", 0),
    ("Tue, 10 Mar 2026 12:01:30 -0000", 0),
    ("Tue, 10 Mar 2026", 0),
    (",,,,", 0),
]


@pytest.mark.parametrize(("header", "seconds"), RETRY_AFTER, ids=lambda value: ascii(value)[:30])
def test_retry_after_is_seconds_or_a_date_and_nothing_else(header: str | None, seconds: float) -> None:
    assert retry_after(header, BEGAN) == seconds


@settings(max_examples=40, deadline=None)
@given(header=st.text() | st.from_regex(r"[0-9 ,:+\-A-Za-z]{0,40}", fullmatch=True))
def test_no_retry_after_is_an_error(header: str) -> None:
    assert retry_after(header, BEGAN) >= 0
