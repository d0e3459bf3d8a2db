"""Every method and option that the site's SDK declares is answered or refused by name, and `--strict` is not laxer.

`sdk/` keeps the facts that `support/sdk.py` read from the packages. If npm can fetch them, a long test compares the
newest.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.records import Make
from support.sdk import facts
from support.serves import serving_app

import pipeline
from pipeline.serving.app import attendance_api
from queries.language.operators import OPERATORS
from queries.language.resources import ATTENDANCE, JOINS

SDK = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).with_name("sdk").glob("*.json"))
}
METHODS = [
    (name, method["verb"], path)
    for sdk in SDK.values()
    for name, method in sdk["methods"].items()
    for path in method["paths"]
]
SPEC = SDK["attendance"]["fields"]["AttendanceQuerySpec"]
QUERY = "/bookings/v2/attendance/query"
SET = "/bookings/v2/attendance/set"
BOOKINGS = "/_api/bookings-reader/v2/extended-bookings"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, make: type[Make]) -> Path:
    folder = tmp_path_factory.mktemp("sdk")
    service = {"id": make.guid(1, 3), "name": "Yoga", "type": "CLASS"}
    records = [service, *(make.booking(number, 2) for number in (1, 2, 3)), make.attendance(1)]
    (folder / "records.ndjson").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pipeline.open_store(folder / "attendance.duckdb") as store:
        pipeline.ingest(store, [folder / "records.ndjson"])
    return folder / "attendance.duckdb"


def clients(database: Path, strict: bool) -> Iterator[httpx.Client]:
    app = attendance_api(database, pipeline.Settings.model_validate({}), None, lambda _: None, strict)
    with serving_app(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def client(database: Path) -> Iterator[httpx.Client]:
    yield from clients(database, strict=False)


@pytest.fixture(scope="module")
def strict(database: Path) -> Iterator[httpx.Client]:
    yield from clients(database, strict=True)


def code_of(answer: httpx.Response) -> Any:
    return answer.json()["details"]["applicationError"]["code"]


def test_every_method_of_the_sdk_is_answered_or_refused_by_name(client: httpx.Client, make: type[Make]) -> None:
    served = set()
    for name, verb, path in METHODS:
        filled = "/".join(make.guid(99, 9) if part.startswith("{") else part for part in path.split("/"))
        answer = client.request(verb, filled, json={} if verb == "POST" else None)
        if answer.status_code == 501:
            assert code_of(answer) == "NOT_IMPLEMENTED"
            assert name in answer.json()["message"].split()
        else:
            assert answer.status_code in (200, 400, 404), (name, path)
            assert answer.status_code == 200 or "no call" not in answer.json()["message"], (name, path)
            served.add(name)
    assert served == {
        *SDK["attendance"]["methods"],
        "queryExtendedBookings",
        "countExtendedBookings",
        "listBookingFeesByBookingIds",
        "getService",
        "queryServices",
        "countServices",
    }


@pytest.mark.parametrize("option", SDK["extended-bookings"]["options"]["QueryExtendedBookingsOptions"])
def test_every_option_of_a_list_is_taken(client: httpx.Client, option: str) -> None:
    for value in (True, False, None):
        answer = client.post(f"{BOOKINGS}/query", json={"query": {}, option: value})
        assert (answer.status_code, len(answer.json()["extendedBookings"])) == (200, 3)
    assert code_of(client.post(f"{BOOKINGS}/query", json={"query": {}, option: "yes"})) == "INVALID_TYPE"


def test_bookings_and_services_are_counted_and_a_service_is_got(client: httpx.Client, make: type[Make]) -> None:
    assert client.post(f"{BOOKINGS}/count", json={}).json() == {"count": 3}
    assert client.post(f"{BOOKINGS}/count", json={"filter": {"id": make.guid(1, 1)}}).json() == {"count": 1}
    assert code_of(client.post(f"{BOOKINGS}/count", json={"filter": {"nope": 1}})) == "UNKNOWN_FIELD"
    assert client.post("/bookings/v2/services/count", json={"filter": {"type": "COURSE"}}).json() == {"count": 0}
    service = client.get(f"/bookings/v2/services/{make.guid(1, 3)}").json()["service"]
    assert service.items() >= {"id": make.guid(1, 3), "name": "Yoga", "type": "CLASS"}.items()
    missing = client.get(f"/bookings/v2/services/{make.guid(2, 3)}")
    assert (missing.status_code, code_of(missing)) == (404, "SERVICE_NOT_FOUND")
    assert client.get("/bookings/v2/services/none").status_code == 400


def value_of(field: str, operator: str) -> Any:
    values = {"status": "ATTENDED", "numberOfAttendees": 1, "eventId": "x", "sessionId": "x"}
    value = values.get(field, "00000001-0000-4000-8000-000000000001")
    if operator in ("$in", "$nin", "$hasSome"):
        return [value]
    return True if operator in ("$exists", "$isEmpty") else value


def test_strict_takes_the_operators_of_the_spec_and_no_other(strict: httpx.Client) -> None:
    allowed = {(field.lstrip("_"), one) for group in SPEC for field in group["fields"] for one in group["operators"]}
    taken = set()
    for field in ATTENDANCE.fields:
        for operator in OPERATORS:
            condition = {field.wire: {operator: value_of(field.wire, operator)}}
            answer = strict.post(QUERY, json={"query": {"filter": condition}})
            if answer.status_code == 200:
                taken.add((field.wire, operator))
            else:
                assert (answer.status_code, code_of(answer)) == (400, "OPERATOR_NOT_SUPPORTED")
    assert taken == allowed


def test_strict_sorts_as_the_spec_says_and_not_otherwise(strict: httpx.Client) -> None:
    both = {field.lstrip("_") for group in SPEC if group["sort"] == "BOTH" for field in group["fields"]}
    for field in ATTENDANCE.fields:
        for order in ("ASC", "DESC"):
            sort = [{"fieldName": field.wire, "order": order}]
            answer = strict.post(QUERY, json={"query": {"sort": sort}})
            assert answer.status_code == (200 if order == "ASC" or field.wire in both else 400)


def test_strict_takes_the_keys_of_the_spec_and_no_other(client: httpx.Client, strict: httpx.Client) -> None:
    values: dict[str, Any] = {
        "filter": {},
        "sort": [],
        "cursorPaging": {"limit": 1},
        "paging": {"limit": 1},
        "fields": ["id"],
    }
    for key, value in values.items():
        assert client.post(QUERY, json={"query": {key: value}}).status_code == 200
        taken = strict.post(QUERY, json={"query": {key: value}}).status_code == 200
        assert taken == (key in SDK["attendance"]["query"])
    for lax in ({"filter": {}}, {"query": {"filter": {"booking_id": None}}}):
        assert client.post(QUERY, json=lax).status_code == 200
        assert strict.post(QUERY, json=lax).status_code == 400


@pytest.mark.parametrize("join", JOINS)
def test_strict_joins_filters_by_and_alone(client: httpx.Client, strict: httpx.Client, join: str) -> None:
    """The spec declares no join. The SDK's own builder writes `$and` for two conditions, so that is taken."""
    one = {"status": "ATTENDED"}
    for depth in (one, {"$and": [one, one]}):
        asked = {"query": {"filter": {join: depth if join == "$not" else [depth]}}}
        assert client.post(QUERY, json=asked).status_code == 200
        assert strict.post(QUERY, json=asked).status_code == (200 if join == "$and" else 400)


def test_strict_pages_lead_on(strict: httpx.Client) -> None:
    first = strict.post(QUERY, json={"query": {"cursorPaging": {"limit": 1}}}).json()
    assert first["pagingMetadata"].keys() == {"cursors", "hasNext"}


def test_strict_lets_pass_what_the_site_lets_pass_and_shows_no_hidden_field(
    client: httpx.Client, strict: httpx.Client, make: type[Make]
) -> None:
    declared = {field.wire for field in ATTENDANCE.fields}
    for number, status, attendees in ((2, "NOT_ATTENDED", 5), (3, "ATTENDED", 50)):
        mark = {"bookingId": make.guid(number, 1), "eventId": make.event(number)}
        mark |= {"status": status, "numberOfAttendees": attendees}
        if status == "NOT_ATTENDED":
            assert client.post(SET, json={"attendance": mark}).status_code == 400
        answer = strict.post(SET, json={"attendance": mark})
        assert answer.json()["attendance"].items() >= mark.items()
        assert set(answer.json()["attendance"]) <= declared
        bulk = {"attendanceDetails": [{"attendance": mark}], "returnFullEntity": True}
        (result,) = strict.post("/bookings/v2/bulk/attendance/set", json=bulk).json()["results"]
        assert set(result["item"]) <= declared
    for one in strict.post(QUERY, json={}).json()["attendances"]:
        assert set(one) <= declared
        assert strict.get(f"/bookings/v2/attendance/{one['id']}").json() == {"attendance": one}


@pytest.mark.long
@pytest.mark.parametrize("name", SDK)
def test_the_newest_sdk_declares_what_is_kept(name: str, tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    kept = SDK[name]
    fetched = subprocess.run(
        [npm, "pack", kept["package"]], cwd=tmp_path, capture_output=True, timeout=120, check=False
    )
    if fetched.returncode:
        pytest.skip(f"{kept['package']} cannot be fetched here")
    (archive,) = tmp_path.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    found = facts(tmp_path / "package")
    assert {**found, "version": ""} == {**kept, "version": ""}
