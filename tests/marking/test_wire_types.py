"""Types of wire shapes match the arguments and results of functions: no field missing, unknown or of another type."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from support.records import Make

import pipeline
import queries
from pipeline.store.opening import Store
from queries import wire
from queries.listings import count_extended_bookings, query_extended_bookings
from queries.model import vocabularies
from queries.model.entities import ENTITIES

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def unlike(value: Any, hint: Any, at: str = "") -> Iterator[str]:
    """Where a value is not of a type, with the names of fields: closer than a type checker, which sees no values."""
    origin, parts = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        if not isinstance(value, dict):
            yield f"{at}: {value!r}"
            return
        fields = get_type_hints(hint)
        yield from (f"{at}.{name} is missing" for name in hint.__required_keys__ - value.keys())
        yield from (f"{at}.{name} is not known" for name in value.keys() - fields.keys())
        for name in value.keys() & fields.keys():
            yield from unlike(value[name], fields[name], f"{at}.{name}")
    elif origin is list:
        for number, item in enumerate(value):
            yield from unlike(item, parts[0], f"{at}/{number}")
    elif origin is dict:
        for name, item in value.items():
            yield from unlike(item, parts[1], f"{at}.{name}")
    elif origin is Literal:
        if value not in parts:
            yield f"{at}: {value!r}"
    elif origin in (Union, types.UnionType):
        if all(list(unlike(value, part, at)) for part in parts):
            yield f"{at}: {value!r}"
    elif hint is not Any and type(value) is not (hint or types.NoneType):
        yield f"{at}: {value!r}"


def test_what_is_unlike_a_type_is_found() -> None:
    assert list(unlike({"count": 1}, wire.CountResponse)) == []
    assert list(unlike({"count": True, "more": 1}, wire.CountResponse)) == [".more is not known", ".count: True"]
    assert list(unlike({"results": [{}]}, wire.BulkResponse)) == [
        ".bulkActionMetadata is missing",
        ".results/0.itemMetadata is missing",
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of the sample, and a booking and a mark with every field that the API has for them."""
    folder = tmp_path_factory.mktemp("wire")
    course = Make.booking(1)
    course["bookedEntity"] = {"schedule": {"scheduleId": "s"}, "title": "Course", "tags": ["COURSE"]}
    course["extendedFields"] = {"namespaces": {"noshow": {"attributes": {"channel": "WEB"}, "weight": 2}}}
    mark = Make.attendance(2) | {
        "startDate": "2026-03-02T18:00:00Z",
        "timezone": "UTC",
        "updatedDate": "2026-03-03T00:00:00Z",
    }
    (folder / "more.ndjson").write_text(f"{json.dumps(course)}\n{json.dumps(mark)}\n")
    with pipeline.open_store(folder / "a.duckdb", settings=pipeline.Settings.model_validate({})) as opened:
        pipeline.ingest(opened, [SAMPLE, folder / "more.ndjson"])
        yield opened


def test_what_is_read_has_the_shapes_of_its_types(store: Store) -> None:
    con = store.connection
    page = queries.query_attendance(con, {"query": {"cursorPaging": {"limit": 2}}})
    after: queries.QueryAttendanceRequest = {
        "query": {"cursorPaging": {"cursor": page["pagingMetadata"]["cursors"]["next"]}}
    }
    every = list(queries.iter_attendance(con))
    one = queries.get_attendance(con, every[0]["id"])
    bookings = query_extended_bookings(
        con, {"query": {"cursorPaging": {"limit": 100}}, "withBookingAttendanceInfo": True}
    )
    answers = [
        (page, wire.QueryAttendanceResponse),
        (queries.query_attendance(con, after), wire.QueryAttendanceResponse),
        (one, wire.AttendanceResponse),
        (every, list[wire.Attendance]),
        (queries.count_attendances(con), wire.CountResponse),
        (count_extended_bookings(con), wire.CountResponse),
        (bookings, wire.QueryExtendedBookingsResponse),
    ]
    assert [list(unlike(answer, hint)) for answer, hint in answers] == [[]] * len(answers)
    assert list(unlike(after, wire.QueryAttendanceRequest)) == []
    assert len(every) > 100
    assert any("attendance" in one for one in bookings["extendedBookings"])


def test_what_is_set_and_deleted_has_the_shapes_of_its_types(store: Store) -> None:
    con = store.connection
    statement = (
        "select a.id::varchar, b.id::varchar, a.event_id from attendance a join booking b on b.id = a.booking_id"
    )
    id, booking, event = con.execute(f"{statement} where a.event_id is not null order by a.id limit 1").fetchall()[0]
    asked: queries.SetAttendanceRequest = {
        "attendance": {"bookingId": booking, "eventId": event, "status": "ATTENDED"},
        "participantNotification": {"notifyParticipants": True, "message": "Thanks"},
    }
    unknown: Any = {"attendance": asked["attendance"] | {"bookingId": Make.guid(77, 7)}}
    bulk: queries.BulkSetAttendanceRequest = {"attendanceDetails": [asked, unknown], "returnFullEntity": True}
    delete: queries.BulkDeleteAttendancesRequest = {"attendanceIds": [id, Make.guid(78, 7)]}
    answers = [
        (pipeline.set_attendance(store, asked), wire.AttendanceResponse),
        (pipeline.bulk_set_attendance(store, bulk), wire.BulkResponse),
        (pipeline.bulk_delete_attendances(store, delete), wire.BulkResponse),
    ]
    assert [list(unlike(answer, hint)) for answer, hint in answers] == [[]] * len(answers)
    assert [answer["bulkActionMetadata"]["totalFailures"] for answer, _ in answers[1:]] == [1, 1]  # type: ignore[typeddict-item]
    requests = [
        (asked, wire.SetAttendanceRequest),
        (bulk, wire.BulkSetAttendanceRequest),
        (delete, wire.BulkDeleteAttendancesRequest),
    ]
    assert [list(unlike(request, hint)) for request, hint in requests] == [[]] * len(requests)


def test_errors_have_the_shape_of_their_type(store: Store) -> None:
    wrong: list[Any] = [{"filtr": 1}, {"query": {"filter": {"status": "GONE"}}}]
    for request in wrong:
        with pytest.raises(queries.NoshowError) as caught:
            queries.query_attendance(store.connection, request)
        assert list(unlike(caught.value.to_wire(), wire.ErrorResponse)) == []
    for request in ({}, {"attendance": {"bookingId": "x", "eventId": "e", "status": "ATTENDED"}}):
        with pytest.raises(queries.NoshowError) as caught:
            pipeline.set_attendance(store, request)
        assert list(unlike(caught.value.to_wire(), wire.ErrorResponse)) == []


def test_the_types_have_every_field_of_the_model() -> None:
    assert get_args(wire.AttendanceStatus) == vocabularies.ATTENDANCE_STATUSES
    attendance = {column.wire for column in ENTITIES["attendance"].plain if not column.unsaid}
    assert attendance == get_type_hints(wire.Attendance).keys()
    booking = {column.wire.partition(".")[0] for column in ENTITIES["booking"].plain if not column.unsaid}
    assert booking <= get_type_hints(wire.Booking).keys()
    slot = {
        column.wire.split(".")[2]
        for column in ENTITIES["booking"].plain
        if column.wire.startswith("bookedEntity.slot.") and not column.unsaid
    }
    assert slot <= get_type_hints(wire.Slot).keys()


def test_every_type_is_public() -> None:
    types_of = {name for name, value in vars(wire).items() if is_typeddict(value)}
    assert types_of <= set(queries.__all__)
