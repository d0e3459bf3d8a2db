"""Setting and deleting attendance: the API's shapes and codes, and the checks that it leaves to its callers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Load, Published, Write
from support.records import Make
from support.samples import few

import pipeline
import queries
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)


def request(make: type[Make], number: int = 1, **changes: Any) -> dict[str, Any]:
    record = make.attendance(number)
    record.pop("id")
    return {"attendance": {name: value for name, value in (record | changes).items() if value is not None}}


def test_set_answers_with_the_mark_and_upserts_by_its_key(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1, 2))
    first = pipeline.set_attendance(store, request(make, numberOfAttendees=2), now=NOW)["attendance"]
    assert first == {
        "id": first["id"],
        "bookingId": make.guid(1, 1),
        "eventId": make.event(1),
        "status": "ATTENDED",
        "numberOfAttendees": 2,
        "updatedDate": "2026-03-03T10:00:00.000Z",
    }
    again = pipeline.set_attendance(store, request(make, status="NOT_ATTENDED"), now=NOW + dt.timedelta(minutes=1))
    assert (again["attendance"]["id"], again["attendance"]["status"]) == (first["id"], "NOT_ATTENDED")
    assert queries.get_attendance(store.connection, first["id"]) == again
    assert queries.count_attendances(store.connection) == {"count": 1}


def test_a_mark_keeps_the_id_that_the_source_gave(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1), make.attendance(1, "NOT_SET"))
    assert pipeline.set_attendance(store, request(make))["attendance"]["id"] == make.guid(1, 2)


def test_the_number_is_one_where_not_given(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1))
    answer = pipeline.set_attendance(store, request(make, status="NOT_ATTENDED", numberOfAttendees=None))
    assert answer["attendance"]["numberOfAttendees"] == 1


def test_a_mark_is_newer_than_older_exports(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1))
    pipeline.set_attendance(store, request(make), now=NOW)
    assert load(make.attendance(1, "NOT_ATTENDED", updatedDate="2026-03-02T00:00:00Z")).stale == 1
    assert store.connection.execute("select status from attendance").fetchall() == [("ATTENDED",)]


def test_the_ledger_and_the_published_snapshot_have_it(
    db: Path, write: Write, make: type[Make], published: Published
) -> None:
    with pipeline.open_store(db) as store:
        pipeline.ingest(store, [write(make.booking(1))])
        answer = pipeline.set_attendance(store, request(make))
    con = published()
    assert queries.get_attendance(con, answer["attendance"]["id"]) == answer
    assert queries.loads(con).filter(file="set_attendance").select("read", "loaded").rows() == [(1, 1)]


REFUSED: list[tuple[dict[str, Any], str, str | None]] = [
    ({"eventId": None}, "SESSION_ID_NOT_PROVIDED", None),
    ({"bookingId": None}, "VALIDATION_ERROR", "attendance.bookingId"),
    ({"status": None}, "VALIDATION_ERROR", "attendance.status"),
    ({"status": "MAYBE"}, "VALIDATION_ERROR", "attendance.status"),
    ({"numberOfAttendees": -1}, "VALIDATION_ERROR", "attendance.numberOfAttendees"),
    ({"numberOfAttendees": True}, "VALIDATION_ERROR", "attendance.numberOfAttendees"),
    ({"numberOfAttendees": 0}, "VALIDATION_ERROR", "attendance.numberOfAttendees"),
    ({"status": "NOT_ATTENDED", "numberOfAttendees": 5}, "VALIDATION_ERROR", "attendance.numberOfAttendees"),
    ({"bookingId": "x"}, "VALIDATION_ERROR", "attendance.bookingId"),
    ({"eventId": "short"}, "VALIDATION_ERROR", "attendance.eventId"),
    ({"bookingId": "99999999-9999-4999-8999-999999999999"}, "UNKNOWN_BOOKING", None),
    ({"eventId": "another-event-of-sufficient-length-1"}, "UNKNOWN_SESSION", None),
]


@pytest.mark.parametrize(("change", "code", "field"), few(REFUSED, 6))
def test_a_wrong_mark_is_refused_and_leaves_no_trace(
    store: Store, load: Load, make: type[Make], change: dict[str, Any], code: str, field: str | None
) -> None:
    load(make.booking(1))
    before = queries.loads(store.connection).height
    with pytest.raises(queries.RequestRefused) as caught:
        pipeline.set_attendance(store, request(make, **change))
    assert caught.value.code == code
    details = caught.value.to_wire()["details"]
    if field:
        assert details["validationError"]["fieldViolations"][0]["field"] == field
    else:
        assert details["applicationError"]["code"] == code
    assert queries.count_attendances(store.connection) == {"count": 0}
    assert queries.loads(store.connection).height == before
    pipeline.set_attendance(store, request(make))


def test_several_wrong_fields_are_all_told(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1))
    with pytest.raises(queries.RequestRefused) as caught:
        pipeline.set_attendance(store, request(make, status="MAYBE", numberOfAttendees=-1))
    violations = caught.value.to_wire()["details"]["validationError"]["fieldViolations"]
    assert {violation["field"] for violation in violations} == {"attendance.status", "attendance.numberOfAttendees"}


def test_walk_ins_are_allowed_by_default_by_setting_and_by_keyword(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1))
    five = request(make, numberOfAttendees=5)
    assert pipeline.set_attendance(store, five)["attendance"]["numberOfAttendees"] == 5
    with pytest.raises(queries.RequestRefused, match="5 attendees, and 1 booked"):
        pipeline.set_attendance(store, five, allow_walk_ins=False)
    store.settings = pipeline.Settings(more_than_booked="quarantine")
    with pytest.raises(queries.RequestRefused):
        pipeline.set_attendance(store, five)
    pipeline.set_attendance(store, five, allow_walk_ins=True)


def test_what_is_not_loaded_can_be_allowed(store: Store, make: type[Make]) -> None:
    answer = pipeline.set_attendance(store, request(make), allow_unknown=True)
    assert answer["attendance"]["bookingId"] == make.guid(1, 1)


def test_notifications_are_recorded_for_whoever_sends_them(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1))
    notification = {"notifyParticipants": True, "message": "We missed you"}
    pipeline.set_attendance(store, request(make) | {"participantNotification": notification})
    query = "select notify_participants, message from participant_notification"
    assert store.connection.execute(query).fetchall() == [(True, "We missed you")]
    for wrong in ({"message": ""}, {"message": "x" * 5001}, {"notifyParticipants": "yes"}, {"to": "x"}, "hello"):
        with pytest.raises(queries.RequestRefused):
            pipeline.set_attendance(store, request(make) | {"participantNotification": wrong})
    assert len(store.connection.execute(query).fetchall()) == 1


def test_bulk_set_fails_by_entry_and_whole_for_a_missing_field(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1), make.booking(2))
    details = [request(make, 1), request(make, 9), request(make, 2)]
    answer = pipeline.bulk_set_attendance(store, {"attendanceDetails": details, "returnFullEntity": True})
    assert answer["bulkActionMetadata"] == {"totalSuccesses": 2, "totalFailures": 1, "undetailedFailures": 0}
    assert [result["itemMetadata"]["success"] for result in answer["results"]] == [True, False, True]
    assert answer["results"][1]["itemMetadata"]["error"]["code"] == "UNKNOWN_BOOKING"
    assert answer["results"][2]["item"]["bookingId"] == make.guid(2, 1)
    slim = pipeline.bulk_set_attendance(store, {"attendanceDetails": details[:1]})
    assert set(slim["results"][0]) == {"itemMetadata"}
    broken = {"attendanceDetails": [request(make, 2, status="NOT_ATTENDED"), request(make, 1, status=None)]}
    with pytest.raises(queries.RequestRefused, match=r"attendanceDetails\.1\.attendance\.status"):
        pipeline.bulk_set_attendance(store, broken)
    assert set(queries.attendance_frame(store.connection)["status"]) == {"ATTENDED"}


@pytest.mark.parametrize(
    ("details", "code"), [([], "ATTENDANCES_MISSING_IN_REQUEST"), (None, "ATTENDANCES_MISSING_IN_REQUEST")]
)
def test_an_empty_bulk_is_refused(store: Store, details: Any, code: str) -> None:
    with pytest.raises(queries.RequestRefused) as caught:
        pipeline.bulk_set_attendance(store, {"attendanceDetails": details})
    assert caught.value.code == "ATTENDANCES_MISSING_IN_REQUEST"
    with pytest.raises(queries.RequestRefused):
        pipeline.bulk_set_attendance(store, {"attendanceDetails": [{}] * 9})


def test_delete_unmarks(store: Store, load: Load, make: type[Make]) -> None:
    load(make.booking(1), make.attendance(1))
    assert pipeline.delete_attendance(store, make.guid(1, 2)) == {}
    assert store.connection.execute("select outcome from booking_session").fetchall() == [("unmarked",)]
    with pytest.raises(queries.AttendanceNotFound):
        pipeline.delete_attendance(store, make.guid(1, 2))


def test_bulk_delete_fails_by_entry(store: Store, load: Load, make: type[Make]) -> None:
    load(make.attendance(1), make.attendance(2))
    ids = [make.guid(1, 2), make.guid(9, 2), "nonsense", make.guid(2, 2)]
    answer = pipeline.bulk_delete_attendances(store, {"attendanceIds": ids})
    assert [result["itemMetadata"]["success"] for result in answer["results"]] == [True, False, False, True]
    assert answer["bulkActionMetadata"]["totalSuccesses"] == 2
    assert queries.count_attendances(store.connection) == {"count": 0}


def test_booked_sessions_answer_the_use_cases(
    store: Store, load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(
        *(
            make.booking(n, start=f"2026-03-{n:02d}T18:00:00Z", contactDetails={"contactId": f"c{n % 2}"})
            for n in range(1, 9)
        )
    )
    load(*(make.attendance(n, "NOT_ATTENDED" if n % 4 == 0 else "ATTENDED") for n in range(1, 8)))
    as_of = "2026-06-01T00:00:00Z"
    participant = queries.session_frame(con, {"participantId": "c1"}, [{"fieldName": "startsAt"}], as_of=as_of)
    assert participant["local_date"].dt.day().to_list() == [1, 3, 5, 7]
    missed = queries.session_frame(con, {"outcome": "not_attended", "service": "Yoga"}, as_of=as_of)
    assert missed.height == 1
    latest = queries.session_frame(con, None, [{"fieldName": "startsAt", "order": "DESC"}], limit=2, as_of=as_of)
    assert latest["local_date"].dt.day().to_list() == [8, 7]
    assert latest.columns == con.sql("from booked_session limit 0").columns
    assert queries.session_frame(con, {"absent": {"$gte": 1}, "isPartial": False}, as_of=as_of).height == 1
    assert queries.session_frame(con, {"isMarked": True}, as_of=as_of).height == 7
    english = queries.filter_in_english({"$or": [{"outcome": "not_attended"}, {"$not": {"staff": "Ana"}}]})
    assert english == "outcome is not_attended or (not (staff is Ana))"


@pytest.mark.long
def test_every_field_of_booked_sessions_can_be_asked_for(con: duckdb.DuckDBPyConnection) -> None:
    # A table with the columns of the view: some 400 queries need not bind the views behind it each time.
    con.execute("create temporary table columns_of_the_fact as from booked_session")
    con.execute("create or replace temporary macro booked_session_at(as_of) as table from columns_of_the_fact")
    for field in queries.BOOKED_SESSION.fields:
        for name in (field.wire, field.column):
            assert queries.session_frame(con, {name: None}, [{"fieldName": name, "order": "DESC"}]).is_empty()
        for operator in field.operators:
            value: Any = {"number": 1, "date": "2026-03-01", "instant": "2026-03-01T10:00:00Z"}.get(field.type, "x")
            value = {"guid": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "flag": True}.get(field.type, value)
            value = field.choices[0] if field.choices else value
            value = [value] if operator in ("$in", "$nin", "$hasSome") else value
            value = True if operator in ("$exists", "$isEmpty") else value
            assert queries.session_frame(con, {field.wire: {operator: value}}).is_empty()


def test_what_was_deleted_stays_deleted_until_it_is_set_again(store: Store, load: Load, make: type[Make]) -> None:
    old = make.attendance(1, updatedDate="2026-03-02T20:00:00Z")
    load(make.booking(1), old)
    pipeline.delete_attendance(store, make.guid(1, 2), now=NOW)
    assert load(make.attendance(1, "NOT_ATTENDED", updatedDate="2026-03-02T21:00:00Z")).stale == 1
    assert queries.count_attendances(store.connection) == {"count": 0}
    again = pipeline.set_attendance(store, request(make), now=NOW + dt.timedelta(minutes=1))
    assert queries.get_attendance(store.connection, again["attendance"]["id"]) == again
