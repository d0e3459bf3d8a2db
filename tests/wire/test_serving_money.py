"""Fees, orders and policies over the wire: `noshow serve` answers the site's SDK, and `noshow pull` fetches them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.fixtures import Run
from support.records import Make, guid
from support.samples import few
from support.serves import TOKEN, serving_app

import pipeline
import queries
from pipeline.pulling.pull import Pulled, pull
from pipeline.pulling.source import ATTEMPTS, Surroundings
from pipeline.serving.app import attendance_api
from queries.model import api_paths

FEES, BOOKINGS = api_paths.LIST_FEES, api_paths.QUERY_EXTENDED_BOOKINGS
MONEY = {"withEcomOrder": True, "withBookingFeeDetails": True, "withBookingPolicySettings": True}
KEY = {"Authorization": TOKEN}
REFUSALS = (501, 401, 403, 404, 400, 301)
ORDER = Make.order(1, "20.50", "3.25", paymentStatus="PARTIALLY_PAID")
POLICY, DETAILS = {"cancellationFeeEnabled": True}, {"cancellationFeeStatus": "APPLIED_TO_ORDER"}


class Refusing:
    """An ASGI app that answers in place of another where `refuses(path, body)` gives a status."""

    def __init__(self, app: Any, refuses: Any) -> None:
        self._app, self._refuses = app, refuses
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        message = await receive()
        self.asked.append((scope["path"], scope["query_string"].decode()))
        status = self._refuses(scope["path"], message.get("body", b""))
        if status is None:
            messages = iter([message])

            async def again() -> Any:
                return next(messages, None) or await receive()

            await self._app(scope, again, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, make: type[Make]) -> Path:
    """A database of four bookings of March: a missed one with money, one cancelled, one attended, one of the future."""
    folder = tmp_path_factory.mktemp("money")
    policy = {"bookingPolicySettings": POLICY}
    records = [
        {"booking": make.booking(1), "order": ORDER, "bookingFeeDetails": DETAILS} | policy,
        {"booking": make.booking(2, status="CANCELED")} | policy,
        {"booking": make.booking(3)} | policy,
        {"booking": make.booking(4, start="2028-03-02T18:00:00+00:00")} | policy,
        make.attendance(1, "NOT_ATTENDED"),
        make.attendance(3),
        make.fee(1, "12.5", "APPLIED_TO_ORDER"),
        make.fee(2, "3", "UNKNOWN_STATUS", trigger="BOOKING_CANCELED"),
        make.fee(4, "5", "PREVIEW"),
    ]
    (folder / "records.ndjson").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pipeline.open_store(folder / "attendance.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        (outcome,) = pipeline.ingest(store, [folder / "records.ndjson"])
        assert (outcome.loaded, outcome.quarantined) == (9, 0)
    return folder / "attendance.duckdb"


@contextmanager
def served(site: Path, refuses: Any = lambda path, body: None) -> Iterator[tuple[str, Refusing]]:
    app = Refusing(attendance_api(site, pipeline.Settings.model_validate({}), TOKEN, lambda _: None), refuses)
    with serving_app(app) as port:
        yield f"http://127.0.0.1:{port}", app


@pytest.fixture(scope="module")
def client(site: Path) -> Iterator[httpx.Client]:
    with served(site) as (address, _), httpx.Client(base_url=address, headers=KEY, timeout=30) as client:
        yield client


def fee(number: int, value: str, status: str, trigger: str = "NOT_ATTENDED") -> dict[str, Any]:
    return Make.fee(number, value, status, trigger=trigger)


def test_fees_are_listed_by_the_ids_of_bookings(client: httpx.Client) -> None:
    asked = {"bookingIds": [guid(number, 1) for number in (1, 2, 3)]}
    assert client.get(FEES, params=asked).json() == {
        "bookingFees": [fee(1, "12.50", "APPLIED_TO_ORDER"), fee(2, "3.00", "UNKNOWN_STATUS", "BOOKING_CANCELED")],
        "pagingMetadata": {"count": 2, "cursors": {}, "hasNext": False},
    }
    assert client.get(FEES).json()["bookingFees"] == []


@pytest.mark.parametrize(
    "asked",
    [{"bookingIds": ["7"]}, {"bookingIds": [guid(1, 1)] * 6}, {"multiServiceBookingIds": [guid(1, 1)]}],
)
def test_fees_that_cannot_be_asked_for_are_refused(client: httpx.Client, asked: dict[str, Any]) -> None:
    assert client.get(FEES, params=asked).status_code == 400


@pytest.mark.parametrize("method", ["apply", "collect"])
def test_nobody_is_charged(client: httpx.Client, method: str) -> None:
    answer = client.post(f"{FEES}/{method}", json={"bookingIds": [guid(1, 1)]})
    assert (answer.status_code, answer.json()["details"]["applicationError"]["code"]) == (501, "NOT_IMPLEMENTED")


@pytest.mark.parametrize("flag", [*MONEY, None])
def test_the_money_of_a_booking_comes_with_its_flag_alone(client: httpx.Client, flag: str | None) -> None:
    body = {"query": {"filter": {"id": guid(1, 1)}}} | ({flag: True} if flag else {})
    (found,) = client.post(BOOKINGS, json=body).json()["extendedBookings"]
    beside = {"withEcomOrder": {"order": ORDER}, "withBookingFeeDetails": {"bookingFeeDetails": DETAILS}}
    beside["withBookingPolicySettings"] = {"bookingPolicySettings": POLICY}
    assert {key: value for key, value in found.items() if key != "booking"} == (beside[flag] if flag else {})


async def _at_once(_: float) -> None:
    pass


def pulled(folder: Path, address: str) -> tuple[Pulled, list[tuple[Any, ...]], int]:
    """The outcome of a pull, the fees and the number of payments then."""
    db = folder / "copy.duckdb"
    settings = {"api_address": address, "api_key": TOKEN, "site_id": "site"}
    found = pull(db, settings=pipeline.Settings.model_validate(settings), around=Surroundings(sleep=_at_once))
    with queries.connect(db) as con:
        fees = con.execute("select amount, status from fee order by amount").fetchall()
        ((payments,),) = con.execute("select count(*) from payment").fetchall()
        assert con.execute("select count(*) from booking").fetchall() == [(4,)]
    return found, fees, payments


def test_a_pull_fetches_orders_and_the_fees_of_bookings_that_may_have_one(site: Path, tmp_path: Path) -> None:
    with served(site) as (address, app):
        found, fees, payments = pulled(tmp_path, address)
    assert (found.left_out, payments) == ((), 4)
    assert fees == [(Decimal(3), "UNKNOWN_STATUS"), (Decimal("12.5"), "APPLIED_TO_ORDER")]
    # Neither of who came nor of the session ahead.
    asked = [query for path, query in app.asked if path == FEES]
    assert asked == [f"bookingIds={guid(1, 1)}&bookingIds={guid(2, 1)}"]


# 200 has no list of fees in it.
@pytest.mark.parametrize(("status", "asked"), few([(500, ATTEMPTS), (200, 1), *((each, 1) for each in REFUSALS)], 1))
def test_a_pull_goes_on_without_fees_and_says_so(site: Path, tmp_path: Path, status: int, asked: int) -> None:
    with served(site, lambda path, body: status if path == FEES else None) as (address, app):
        found, fees, payments = pulled(tmp_path, address)
    assert (fees, payments, sum(path == FEES for path, _ in app.asked)) == ([], 4, asked)
    (line,) = found.left_out
    assert line.startswith("fees are left out: ")


def test_fees_that_were_left_out_are_fetched_by_the_next_pull(site: Path, tmp_path: Path) -> None:
    with served(site, lambda path, body: 403 if path == FEES else None) as (address, _):
        pulled(tmp_path, address)
        with queries.connect(tmp_path / "copy.duckdb") as con:
            assert con.execute("select distinct fee_status from payment order by 1 nulls last").fetchall()[0] == (
                "APPLIED_TO_ORDER",
            )
    with served(site) as (address, _):
        found, fees, _ = pulled(tmp_path, address)
    assert found.since is not None
    assert (Decimal("12.5"), "APPLIED_TO_ORDER") in fees


def test_the_command_says_in_one_line_that_fees_are_left_out(site: Path, tmp_path: Path, run: Run) -> None:
    with served(site, lambda path, body: 403 if path == FEES else None) as (address, _):
        env = {"NOSHOW_API_ADDRESS": address, "NOSHOW_API_KEY": TOKEN, "NOSHOW_SITE_ID": "site"}
        done = run("pull", "--db", tmp_path / "copy.duckdb", **env)
    assert done.returncode == 0
    said = [line for line in done.stderr.splitlines() if "fees" in line]
    assert said == ["noshow: pulled without: fees are left out: the key may not read fees of this site"]


def test_a_pull_goes_on_without_orders_if_the_key_may_not_read_them(site: Path, tmp_path: Path) -> None:
    with served(site, lambda path, body: 403 if b"withEcomOrder" in body else None) as (address, _):
        found, fees, payments = pulled(tmp_path, address)
    assert (fees, payments) == ([], 0)
    assert found.left_out == ("orders and fee policies are left out: the key may not read bookings of this site",)


def test_a_pull_that_may_not_read_bookings_at_all_fails(site: Path, tmp_path: Path) -> None:
    with (
        served(site, lambda path, body: 403 if path == BOOKINGS else None) as (address, _),
        pytest.raises(queries.DataRefused, match="may not read bookings"),
    ):
        pulled(tmp_path, address)


@pytest.mark.long
def test_the_sites_own_sdk_reads_fees_and_orders(site: Path, tmp_path: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm and node are not installed")
    shutil.copy(Path(__file__).with_name("sdk") / "money.mjs", tmp_path)
    names = ("booking-fees", "extended-bookings")
    packages = ["@wix/sdk", *(f"@wix/auto_sdk_bookings_{name}" for name in names)]
    fetched = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", *packages],
        cwd=tmp_path,
        capture_output=True,
        timeout=240,
        check=False,
    )
    if fetched.returncode:
        pytest.skip("the packages of the SDK cannot be fetched here")
    with served(site) as (address, _):
        ran = subprocess.run(
            [node, "money.mjs", address, guid(1, 1), guid(2, 1)],
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
            check=True,
        )
    said = json.loads(ran.stdout)
    assert (said["apply"], said["collect"]) == ("NOT_IMPLEMENTED", "NOT_IMPLEMENTED")
    prices = {one["bookingId"]: one["cancellationFee"]["price"] for one in said["fees"]["bookingFees"]}
    assert prices == {
        guid(1, 1): {"value": "12.50", "currency": "EUR"},
        guid(2, 1): {"value": "3.00", "currency": "EUR"},
    }
    (first,) = [one for one in said["bookings"]["extendedBookings"] if one["booking"]["_id"] == guid(1, 1)]
    assert first["order"] == {**{key: value for key, value in ORDER.items() if key != "id"}, "_id": ORDER["id"]}
    assert (first["bookingPolicySettings"], first["bookingFeeDetails"]) == (POLICY, DETAILS)
