"""Attendance over HTTP: every call by every path, in the SDK's shapes, with the API's bodies, statuses and codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from support.records import Make
from support.serving import Serve, Server

import pipeline
import queries
from pipeline.serving.calls import CALLS
from pipeline.store.files import StoreFiles
from pipeline.store.lock import only_writer

A = "/bookings/bookings-attendance"
BULK = "/bookings/v2/bulk/attendance"
QUERY = f"{A}/query"
MARKS = {1: ("ATTENDED", 1), 2: ("NOT_ATTENDED", 1), 3: ("ATTENDED", 3), 4: ("NOT_SET", 1), 5: ("ATTENDED", 5)}
DELETED = range(10, 19)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, serve: Serve, make: type[Make]) -> Iterator[Server]:
    """Bookings 1 to 80, some of them marked; the tests mark others, each its own."""
    folder = tmp_path_factory.mktemp("served")
    records = [make.booking(number, 5) for number in range(1, 81)]
    records += [make.attendance(number, *mark) for number, mark in MARKS.items()]
    records += [make.attendance(number) for number in DELETED]
    path = folder / "records.ndjson"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pipeline.open_store(folder / "attendance.duckdb") as store:
        pipeline.ingest(store, [path])
    with serve(folder / "attendance.duckdb") as running:
        yield running


@pytest.fixture
def client(server: Server) -> httpx.Client:
    client: httpx.Client = server.client
    return client


def mark(make: type[Make], number: int, status: str = "ATTENDED", **more: Any) -> dict[str, Any]:
    return {"attendance": {"bookingId": make.guid(number, 1), "eventId": make.event(number), "status": status} | more}


ONLY = {"bookingId": {"$in": [f"00000001-0000-4000-8000-{number:012x}" for number in MARKS]}}
FIRST = "00000001-0000-4000-8000-000000000001"
# Filters as the SDK's two builders write them, over the five marks, and which of them each keeps.
FILTERS: list[tuple[Any, set[int]]] = [
    ({}, {1, 2, 3, 4, 5}),
    ({"$and": [{"bookingId": FIRST}, {"status": "ATTENDED"}]}, {1}),
    ({"bookingId": FIRST, "status": "NOT_ATTENDED"}, set()),
    ({"status": {"$ne": "ATTENDED"}}, {2, 4}),
    ({"$and": [{"numberOfAttendees": {"$gte": 2}}, {"numberOfAttendees": {"$lt": 5}}]}, {3}),
    ({"numberOfAttendees": {"$gte": 2, "$lte": 5}}, {3, 5}),
    ({"eventId": None}, set()),
    ({"eventId": {"$exists": True}}, {1, 2, 3, 4, 5}),
    ({"status": {"$hasSome": ["NOT_SET", "NOT_ATTENDED"]}}, {2, 4}),
    ({"$and": [{"eventId": {"$startsWith": "event"}}, {"eventId": {"$endsWith": "3"}}]}, {3}),
    ({"$or": [{"status": "NOT_SET"}, {"status": "NOT_ATTENDED"}]}, {2, 4}),
    ({"$not": {"status": {"$eq": "ATTENDED"}}}, {2, 4}),
    ({"id": {"$in": ["00000002-0000-4000-8000-000000000005"]}}, {5}),
    ({"_id": "00000002-0000-4000-8000-000000000005"}, {5}),
]


@pytest.mark.parametrize(("filter", "kept"), FILTERS)
def test_filters_of_the_sdk_are_understood(client: httpx.Client, filter: Any, kept: set[int]) -> None:
    query = {"filter": {"$and": [ONLY, filter]} if filter else ONLY, "cursorPaging": {"limit": 50}}
    answer = client.post(QUERY, json={"query": query})
    assert answer.status_code == 200
    found = answer.json()
    assert {int(one["id"][-12:], 16) for one in found["attendances"]} == kept
    assert found["pagingMetadata"] == {"count": len(kept), "cursors": {}, "hasNext": False}
    assert all(one.keys() >= {"status", "numberOfAttendees"} for one in found["attendances"])


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"query": {}},
        {"query": {"filter": None}},
        {"query": {"cursorPaging": {"limit": 1000}}},
        {"query": {"sort": [{"fieldName": "_id"}], "paging": {"limit": 20}, "fields": ["id", "status"]}},
    ],
)
def test_requests_that_say_little_are_answered(client: httpx.Client, body: Any) -> None:
    answer = client.post(QUERY, json=body) if body is not None else client.post(QUERY)
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()["attendances"]] == sorted(
        one["id"] for one in answer.json()["attendances"]
    )


def test_sorts_and_pages_lead_on_and_back(client: httpx.Client) -> None:
    sort = [{"fieldName": "status", "order": "ASC"}, {"fieldName": "numberOfAttendees", "order": "DESC"}]
    first = client.post(QUERY, json={"query": {"filter": ONLY, "sort": sort, "cursorPaging": {"limit": 2}}}).json()
    assert [one["numberOfAttendees"] for one in first["attendances"]] == [5, 3]
    assert "prev" not in first["pagingMetadata"]["cursors"]
    cursor = first["pagingMetadata"]["cursors"]["next"]
    second = client.post(QUERY, json={"query": {"cursorPaging": {"cursor": cursor, "limit": 2}}}).json()
    third = client.post(
        QUERY, json={"query": {"paging": {"cursor": second["pagingMetadata"]["cursors"]["next"], "limit": 2}}}
    ).json()
    assert third["pagingMetadata"].items() >= {"hasNext": False}.items()
    assert "next" not in third["pagingMetadata"]["cursors"]
    back = second["pagingMetadata"]["cursors"]["prev"]
    again = client.post(QUERY, json={"query": {"cursorPaging": {"cursor": back, "limit": 2}}}).json()
    assert again["attendances"] == first["attendances"]
    walked = [one["id"] for page in (first, second, third) for one in page["attendances"]]
    assert len(walked) == len(set(walked)) == 5
    both = client.post(QUERY, json={"query": {"filter": ONLY, "cursorPaging": {"cursor": cursor}}})
    assert (both.status_code, both.json()["details"]["applicationError"]["code"]) == (400, "CURSOR_CONFLICT")


def test_get_and_count(client: httpx.Client, make: type[Make]) -> None:
    attendance_id = make.guid(3, 2)
    answer = client.get(f"{A}/{attendance_id.upper()}", params={"attendanceId": attendance_id})
    assert answer.json() == {"attendance": make.attendance(3, *MARKS[3])}
    assert client.post(f"{A}/count", json={"filter": {"status": "NOT_SET"}}).json() == {"count": 1}
    services = {"status": "NOT_SET", "serviceId": [make.guid(1, 3)]}
    assert client.post(f"{A}/count", json={"filter": services}).json() == {"count": 1}
    assert client.post(f"{A}/count", json={"filter": {"serviceId": make.guid(9, 3)}}).json() == {"count": 0}


@pytest.mark.long
def test_every_path_of_every_call_is_served(client: httpx.Client, make: type[Make]) -> None:
    """All at once: those that delete have a mark of their own each, those that set a booking."""
    asked = [(call.method, path) for call in CALLS for path in call.paths if "attendance" in path]
    to_delete = dict(
        zip([one for one in asked if one[0] == "DELETE" or one[1].endswith("/delete")], DELETED, strict=True)
    )
    to_set = dict(zip([one for one in asked if one[1].endswith("/set")], range(30, 60), strict=False))

    def ask(one: tuple[str, str]) -> httpx.Response:
        method, path = one
        attendance_id = make.guid(to_delete.get(one, 1), 2)
        body: Any = mark(make, to_set[one]) if one in to_set else None
        if "/bulk/" in path:
            body = {"attendanceDetails": [body]} if body else {"attendanceIds": [attendance_id]}
        return client.request(method, path.replace("{id}", attendance_id), json=body)

    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(asked, pool.map(ask, asked), strict=True))
    assert {(*one, answer.status_code) for one, answer in answers.items()} == {(*one, 200) for one in asked}
    bulk = [
        answer.json()["bulkActionMetadata"]["totalSuccesses"] for one, answer in answers.items() if "/bulk/" in one[1]
    ]
    assert bulk == [1] * 8
    ids = [make.guid(number, 1) for number in (*to_delete.values(), *to_set.values())]
    left = client.post(QUERY, json={"query": {"filter": {"bookingId": {"$in": ids}}}}).json()["attendances"]
    assert {one["bookingId"] for one in left} == {make.guid(number, 1) for number in to_set.values()}


def test_a_mark_is_set_read_changed_and_deleted(server: Server, client: httpx.Client, make: type[Make]) -> None:
    notification = {"notifyParticipants": True, "message": "We missed you"}
    body = mark(make, 6, "NOT_ATTENDED") | {"participantNotification": notification}
    answer = client.post("/bookings/v2/attendance/set", json=body)
    attendance = answer.json()["attendance"]
    made = {"id": attendance["id"], "numberOfAttendees": 1, "updatedDate": attendance["updatedDate"]}
    assert attendance == body["attendance"] | made
    assert client.get(f"{A}/{attendance['id']}").json() == answer.json()
    with queries.connect(server.db) as con:
        assert queries.get_attendance(con, attendance["id"]) == answer.json()
    changed = client.post(f"{A}/set", json=mark(make, 6, numberOfAttendees=2)).json()["attendance"]
    assert changed.pop("updatedDate") > attendance.pop("updatedDate")
    assert changed == attendance | {"status": "ATTENDED", "numberOfAttendees": 2}
    deleted = client.delete(f"{A}/{attendance['id']}", params={"attendanceId": attendance["id"]})
    assert (deleted.status_code, deleted.json()) == (200, {})
    assert client.get(f"{A}/{attendance['id']}").status_code == 404
    assert client.delete(f"{A}/{attendance['id']}").json()["details"]["applicationError"] == {
        "code": "ATTENDANCE_NOT_FOUND",
        "description": f"no attendance has the id '{attendance['id']}'",
        "data": {"hint": "Check the id"},
    }


def test_bulk_calls_fail_entry_by_entry(client: httpx.Client, make: type[Make]) -> None:
    unknown = mark(make, 900)
    body = {"returnFullEntity": True, "attendanceDetails": [mark(make, 7), unknown, mark(make, 8)]}
    answer = client.post(f"{BULK}/set", json=body).json()
    assert answer["bulkActionMetadata"] == {"totalSuccesses": 2, "totalFailures": 1, "undetailedFailures": 0}
    assert [result["itemMetadata"]["originalIndex"] for result in answer["results"]] == [0, 1, 2]
    assert answer["results"][1]["itemMetadata"]["error"]["code"] == "UNKNOWN_BOOKING"
    assert answer["results"][2]["item"]["bookingId"] == make.guid(8, 1)
    ids = [result["itemMetadata"].get("id", make.guid(900, 2)) for result in answer["results"]]
    gone = client.post(f"{BULK}/delete", json={"attendanceIds": ids}).json()
    assert [result["itemMetadata"]["success"] for result in gone["results"]] == [True, False, True]
    assert gone["results"][1]["itemMetadata"]["error"]["code"] == "ATTENDANCE_NOT_FOUND"


JSON = {"Content-Type": "application/json"}
WRONG: list[tuple[str, str, Any, int, str]] = [
    ("GET", f"{A}/none", None, 400, "INVALID_VALUE"),
    ("GET", f"{A}/99999999-9999-4999-8999-999999999999", None, 404, "ATTENDANCE_NOT_FOUND"),
    ("POST", QUERY, {"query": {"filter": {"staus": "ATTENDED"}}}, 400, "UNKNOWN_FIELD"),
    ("POST", QUERY, {"query": {"cursorPaging": {"limit": 1001}}}, 400, "OUT_OF_RANGE"),
    ("POST", QUERY, {"query": {"cursorPaging": {"cursor": "CURSOR"}}}, 400, "INVALID_CURSOR"),
    ("POST", f"{A}/count", {"filter": {"bookingId": FIRST}}, 400, "UNKNOWN_KEY"),
    ("POST", f"{A}/set", {"attendance": {"bookingId": FIRST, "status": "ATTENDED"}}, 400, "SESSION_ID_NOT_PROVIDED"),
    ("POST", f"{A}/set", {"attendance": {"bookingId": FIRST, "eventId": "x" * 40}}, 400, "attendance.status"),
    ("POST", f"{BULK}/set", {"attendanceDetails": []}, 400, "ATTENDANCES_MISSING_IN_REQUEST"),
    ("POST", f"{BULK}/set", {"attendanceDetails": [{}] * 9}, 400, "attendanceDetails"),
    ("POST", f"{BULK}/delete", {}, 400, "ATTENDANCES_MISSING_IN_REQUEST"),
    ("POST", QUERY, b"{", 400, "INVALID_JSON"),
    ("POST", QUERY, b"[]", 400, "INVALID_TYPE"),
    ("POST", QUERY, b'{"query":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "QUERY_TOO_DEEP"),
    ("POST", QUERY, b'{"query": {"filter": {"status": "ATTENDED", "status": "NOT_SET"}}}', 400, "INVALID_JSON"),
    ("POST", QUERY, b'{"query": {"filter": {"numberOfAttendees": NaN}}}', 400, "INVALID_JSON"),
    ("POST", QUERY, b'{"query": {"filter": {"numberOfAttendees": 1e999}}}', 400, "OUT_OF_RANGE"),
    ("POST", QUERY, b'{"query": {"filter": {"numberOfAttendees": 1' + b"0" * 5_000 + b"}}}", 400, "INVALID_JSON"),
    ("POST", f"{A}/set", b'{"attendance": {"status": "ATTENDED", "status": "NOT_SET"}}', 400, "INVALID_JSON"),
    ("POST", QUERY, b'{"query": {"filter": {"\\ud800": 1}}}', 400, "UNKNOWN_FIELD"),
    ("POST", f"{A}/set", b'{"\\ud800": 1}', 400, "\\ud800"),
    ("POST", QUERY, b'{"query":' + b" " * 1_000_000 + b"}", 413, "PAYLOAD_TOO_LARGE"),
    ("POST", "/bookings/v3/attendance/query", {}, 404, "NOT_FOUND"),
    ("PUT", f"{A}/set", {}, 405, "METHOD_NOT_ALLOWED"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), WRONG)
def test_what_is_wrong_is_told_with_status_and_code(
    client: httpx.Client, method: str, path: str, body: Any, status: int, code: str
) -> None:
    given = {"content": body, "headers": JSON} if isinstance(body, bytes) else {"json": body}
    answer = client.request(method, path, **given)
    problem = answer.json()
    assert answer.status_code == status
    assert problem["message"]
    if "validationError" in problem["details"]:
        assert problem["details"]["validationError"]["fieldViolations"][0]["field"] == code
    else:
        assert problem["details"]["applicationError"]["code"] == code


def test_a_body_is_json_and_says_so(client: httpx.Client) -> None:
    for said in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/jsonp"}):
        assert client.post(QUERY, content=b"{}", headers=said).status_code == 415
    assert client.post(QUERY, content=b"{}", headers={"Content-Type": "Application/JSON; charset=utf-8"}).is_success


def test_a_body_in_pieces_is_bounded_too(client: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"query": "'
        yield from [b"x" * 100_000] * 11

    answer = client.post(QUERY, content=pieces(), headers=JSON)
    assert answer.status_code == 413


def test_a_path_tells_its_methods(client: httpx.Client, make: type[Make]) -> None:
    answer = client.put(f"{A}/{make.guid(1, 2)}")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "DELETE"}
    assert client.head(f"{A}/{make.guid(1, 2)}").status_code == 200


@pytest.mark.long
def test_many_who_set_at_once_lose_nothing(server: Server, make: type[Make]) -> None:
    """Each client marks its own bookings, and all mark the same one; each reads its own writes."""

    def set_some(client_number: int) -> list[tuple[Any, Any]]:
        read = []
        with httpx.Client(base_url=server.client.base_url, timeout=30, trust_env=False) as client:
            for number in (60 + client_number, 70, 61 + client_number):
                attendees = client_number + 1 if number != 70 else 2
                answer = client.post(f"{A}/set", json=mark(make, number, numberOfAttendees=attendees))
                assert answer.status_code == 200, answer.text
                attendance = answer.json()["attendance"]
                read.append((attendance, client.get(f"{A}/{attendance['id']}").json()["attendance"]))
        return read

    with queries.connect(server.db) as con:
        before = queries.loads(con).filter(kind="mark").height
    with ThreadPoolExecutor(4) as pool:
        done = [pair for pairs in pool.map(set_some, range(0, 8, 2)) for pair in pairs]
    # The others may have written the shared one again before it was read: with the same mark, at another time.
    assert all(written | {"updatedDate": read["updatedDate"]} == read for written, read in done)
    with queries.connect(server.db) as con:
        assert queries.loads(con).filter(kind="mark").height == before + 12
        found = queries.attendance_frame(
            con, {"bookingId": {"$in": [make.guid(number, 1) for number in range(60, 71)]}}
        )
    assert dict(found.select("booking_id", "number_of_attendees").iter_rows()) == {
        **{make.guid(60 + number, 1): number // 2 * 2 + 1 for number in range(8)},
        make.guid(70, 1): 2,
    }


@pytest.mark.long
def test_while_another_program_writes_reads_go_on_and_writes_are_put_off(
    server: Server, client: httpx.Client, make: type[Make]
) -> None:
    with only_writer(StoreFiles(server.db).lock, server.db):
        busy = client.post(f"{A}/set", json=mark(make, 9))
        assert client.get(f"{A}/{make.guid(1, 2)}").status_code == 200
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
    assert busy.json()["details"]["applicationError"]["code"] == "BUSY"
    assert str(server.db) not in busy.text
    assert client.post(f"{A}/set", json=mark(make, 9)).status_code == 200
