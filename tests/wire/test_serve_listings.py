"""The listings that a pull asks for over HTTP: everything stored comes back, page by page, in shapes that load."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from support.records import Make
from support.serving import Serve, Server

import pipeline
import queries
from pipeline.sample.writer import write_sample
from queries.model import api_paths

# The list asked for, the key of its records, and the size of a page.
LISTS = {
    api_paths.QUERY_SERVICES: ("services", 3),
    api_paths.QUERY_EVENTS: ("events", 37),
    api_paths.QUERY_EXTENDED_BOOKINGS: ("extendedBookings", 100),
    api_paths.QUERY_ATTENDANCE: ("attendances", 100),
}
MARKED = {"withBookingAttendanceInfo": True}
# The API's attendance has no dates, and no load is the same.
COLUMNS = dict.fromkeys(("service", "session", "booking"), "* exclude load_id") | {
    "attendance": "id, booking_id, event_id, session_id, session_key, status, number_of_attendees"
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, serve: Serve, make: type[Make]) -> Iterator[Server]:
    """A sample of a chain, with courses and moved and cancelled bookings, and a few odd records."""
    folder = tmp_path_factory.mktemp("listed")
    write_sample(folder / "sample", until=dt.date(2026, 5, 1), bookings=600, days=60)
    odd = [
        make.booking(1, slot={"timezone": None}, contactDetails={}, start="2026-03-29T00:30:00.123456Z"),
        make.booking(2, slot={"eventId": None, "sessionId": "s" * 120, "serviceId": None, "location": None}),
        make.booking(3, status="WAITING_LIST", paymentStatus="EXEMPT", bookedEntity={"schedule": {}}),
        {"id": "e" * 40, "scheduleId": "s1", "start": {"utcDate": "2026-10-25T00:30:00Z"}, "status": "CANCELLED"},
    ]
    (folder / "sample" / "odd.ndjson").write_text("\n".join(map(json.dumps, odd)), encoding="utf-8")
    with pipeline.open_store(folder / "attendance.duckdb") as store:
        outcomes = pipeline.ingest(store, [folder / "sample"])
        assert [one.loaded for one in outcomes if one.file.endswith("odd.ndjson")] == [len(odd)]
    with serve(folder / "attendance.duckdb") as running:
        yield running


def pages(client: httpx.Client, path: str, body: Any = None, size: int = 100, **query: Any) -> Iterator[Any]:
    """Every page of a list, each asked for as the SDK does: parameters beside the query are sent with all of them."""
    asked = {**query, "cursorPaging": {"limit": size}}
    while True:
        answer = client.post(path, json={**(body or {}), "query": asked})
        assert answer.status_code == 200, answer.text
        yield answer.json()
        paging = answer.json()["pagingMetadata"]
        assert paging["hasNext"] == ("next" in paging["cursors"])
        if not paging["hasNext"]:
            return
        asked = {"cursorPaging": {"cursor": paging["cursors"]["next"], "limit": size}}


def listed(client: httpx.Client, path: str, body: Any = None, **query: Any) -> list[Any]:
    key, size = LISTS[path]
    return [one for page in pages(client, path, body, size, **query) for one in page[key]]


def stored(con: duckdb.DuckDBPyConnection, table: str, columns: str) -> Any:
    return con.sql(f"select {columns} from {table} order by all").pl()


@pytest.mark.long
def test_all_that_is_stored_comes_back(server: Server, tmp_path: Path) -> None:
    for path, (key, _) in LISTS.items():
        found = listed(server.client, path, MARKED if path == api_paths.QUERY_EXTENDED_BOOKINGS else None)
        (tmp_path / f"{key}.ndjson").write_text("\n".join(map(json.dumps, found)), encoding="utf-8")
    with pipeline.open_store(tmp_path / "again.duckdb") as store, queries.connect(server.db) as con:
        outcomes = pipeline.ingest(store, [tmp_path / f"{key}.ndjson" for key, _ in LISTS.values()])
        assert [(one.refused, one.quarantined) for one in outcomes] == [(None, 0)] * len(LISTS)
        for table, columns in COLUMNS.items():
            before, after = stored(con, table, columns), stored(store.connection, table, columns)
            assert before.height > 5
            assert before.equals(after), table


def test_a_booking_comes_with_its_attendance_when_asked(server: Server) -> None:
    path = api_paths.QUERY_EXTENDED_BOOKINGS
    marked = {one["booking"]["id"]: one.get("attendance") for one in listed(server.client, path, MARKED)}
    with queries.connect(server.db) as con:
        due = con.execute(
            "select b.id::varchar, p.attendance_id::varchar, p.attendance_status, p.number_of_attendees "
            "from booking as b join booking_session as p on p.booking_id = b.id where b.booked_entity = 'slot'"
        ).fetchall()
    beside = {
        booking: {"id": id, "status": status, "numberOfAttendees": number} if id else None
        for booking, id, status, number in due
    }
    assert sum(mark is not None for mark in beside.values()) > 50
    assert {booking: marked[booking] for booking in beside} == beside
    assert all("attendance" not in one for one in listed(server.client, path))


def test_filters_of_a_pull(server: Server) -> None:
    client = server.client
    bookings = listed(client, api_paths.QUERY_EXTENDED_BOOKINGS)
    since = sorted(one["booking"].get("updatedDate", "") for one in bookings)[len(bookings) // 2]
    recent = listed(client, api_paths.QUERY_EXTENDED_BOOKINGS, filter={"updatedDate": {"$gte": since}})
    assert {one["booking"]["id"] for one in recent} == {
        one["booking"]["id"] for one in bookings if one["booking"].get("updatedDate", "") >= since
    }
    courses = listed(client, api_paths.QUERY_EXTENDED_BOOKINGS, filter={"bookedEntity.tags": {"$hasSome": ["COURSE"]}})
    assert courses
    schedule = courses[0]["booking"]["bookedEntity"]["schedule"]["scheduleId"]
    for place, found in (("schedule", True), ("slot", False)):
        name = f"bookedEntity.item.{place}.scheduleId"
        assert bool(listed(client, api_paths.QUERY_EXTENDED_BOOKINGS, filter={name: schedule})) is found
    ids = [one["id"] for one in listed(client, api_paths.QUERY_ATTENDANCE)][::3][:100]
    assert [one["id"] for one in listed(client, api_paths.QUERY_ATTENDANCE, filter={"id": {"$in": ids}})] == ids


def test_events_between_local_dates(server: Server) -> None:
    """Each by its own zone, also on the later pages."""
    client, path = server.client, api_paths.QUERY_EVENTS
    between = {
        "fromLocalDate": "2026-04-01T00:00:00",
        "toLocalDate": "2026-05-01T00:00:00",
        "recurrenceType": ["NONE", "INSTANCE"],
    }
    every = listed(client, path)
    wanted = [one["id"] for one in every if one["start"].get("localDate", "").startswith("2026-04")]
    assert len(wanted) > 40
    found = listed(client, path, between, filter={"type": {"$in": ["APPOINTMENT", "CLASS", "COURSE"]}})
    assert [one["id"] for one in found] == wanted
    starts = [one["start"]["utcDate"] for one in every]
    assert starts == sorted(starts)
    for wrong in ("2026-04-01T00:00:00Z", "April", 4):
        answer = client.post(path, json={"fromLocalDate": wrong})
        assert answer.status_code == 400
        assert answer.json()["details"]["applicationError"]["data"]["path"] == "/fromLocalDate"


def test_services_by_offset_as_the_sdk_asks_for_them(server: Server) -> None:
    every = listed(server.client, api_paths.QUERY_SERVICES)

    def page(offset: int, limit: int) -> Any:
        query = {"filter": {}, "paging": {"limit": limit, "offset": offset}}
        return server.client.post(api_paths.QUERY_SERVICES, json={"query": query}).json()

    assert page(0, 3)["pagingMetadata"] == {"count": 3, "offset": 0, "total": len(every)}
    assert page(0, 3)["services"] + page(3, 100)["services"] == every
    assert page(len(every), 3)["services"] == []


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (api_paths.QUERY_SERVICES, {"query": {"cursorPaging": {"limit": 101}}}, "OUT_OF_RANGE"),
        (api_paths.QUERY_SERVICES, {"query": {"paging": {"offset": -1}}}, "OUT_OF_RANGE"),
        (api_paths.QUERY_EVENTS, {"query": {"filter": {"contactId": "x"}}}, "UNKNOWN_FIELD"),
        (api_paths.QUERY_EXTENDED_BOOKINGS, {"query": {}, "withBookings": True}, "UNKNOWN_KEY"),
        (api_paths.QUERY_EXTENDED_BOOKINGS, {"query": [], "fields": []}, "UNKNOWN_KEY"),
    ],
)
def test_a_wrong_list_is_refused(server: Server, path: str, body: Any, code: str) -> None:
    answer = server.client.post(path, json=body)
    assert (answer.status_code, answer.json()["details"]["applicationError"]["code"]) == (400, code)


def test_a_walk_goes_on_over_changed_data(server: Server) -> None:
    """A cursor goes on behind its row: a row that is there throughout comes once, as with the API itself."""
    client, path = server.client, api_paths.QUERY_ATTENDANCE
    before = {one["id"] for one in listed(client, path)}
    walk = pages(client, path, size=100)
    walked = [one["id"] for one in next(walk)["attendances"]]
    (gone,) = sorted(before)[-1:]
    assert client.delete(f"/bookings/v2/attendance/{gone}").status_code == 200
    walked += [one["id"] for page in walk for one in page["attendances"]]
    assert walked == sorted(before - {gone})
