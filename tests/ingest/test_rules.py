"""Each rule of validation: a record that breaks it is quarantined with the rule's name and the place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from support.fixtures import Load
from support.records import Make, Record
from support.samples import few

import pipeline
from pipeline.store.opening import Store

BAD_ATTENDANCES: list[tuple[dict[str, Any], str, str]] = [
    ({"bookingId": None}, "required", "/bookingId"),
    ({"eventId": None}, "no_session_key", "/sessionKey"),
    ({"status": "MAYBE"}, "status_unknown", "/status"),
    ({"status": "attended"}, "status_unknown", "/status"),
    ({"status": 1}, "status_unknown", "/status"),
    ({"numberOfAttendees": -1}, "attendees_range", "/numberOfAttendees"),
    ({"numberOfAttendees": 10**30}, "attendees_range", "/numberOfAttendees"),
    ({"numberOfAttendees": 1.5}, "attendees_type", "/numberOfAttendees"),
    ({"numberOfAttendees": "2"}, "attendees_type", "/numberOfAttendees"),
    ({"numberOfAttendees": True}, "attendees_type", "/numberOfAttendees"),
    ({"id": "12345"}, "id_format", "/id"),
    ({"id": "{9F0C7A1C-55BA-4943-AFAC-000000000003}"}, "id_format", "/id"),
    ({"id": "9f0c7a1c-55ba-4943-afac-00000000000\uff11"}, "id_format", "/id"),
    ({"id": "\u0430f0c7a1c-55ba-4943-afac-000000000001"}, "id_format", "/id"),
    ({"bookingId": "' or 1=1 --"}, "id_format", "/bookingId"),
    ({"eventId": "short"}, "event_id_length", "/eventId"),
    ({"eventId": "x" * 251}, "event_id_length", "/eventId"),
    ({"eventId": "x" * 40 + "\u0000"}, "control_char", "/eventId"),
    ({"eventId": "x" * 40 + "\n"}, "control_char", "/eventId"),
    ({"serviceName": "Yo\u0000ga"}, "control_char", "/serviceName"),
    ({"updatedDate": "yesterday"}, "instant_format", "/updatedDate"),
    ({"updatedDate": "2026-02-30T10:00:00Z"}, "instant_format", "/updatedDate"),
    ({"updatedDate": "2026-03-01T10:00:00"}, "instant_no_zone", "/updatedDate"),
    ({"updatedDate": "1999-12-31T23:59:59Z"}, "instant_range", "/updatedDate"),
    ({"updatedDate": "2032-01-01T00:00:00Z"}, "instant_range", "/updatedDate"),
    ({"startDate": "2026-03-29T02:30:00", "timezone": "Europe/Berlin"}, "local_time_nonexistent", "/startDate"),
    ({"startDate": "2026-10-25T02:30:00", "timezone": "Europe/Berlin"}, "local_time_ambiguous", "/startDate"),
    ({"startDate": "2026-06-01T10:00:00", "timezone": "Mars/Phobos"}, "timezone_unknown", "/timezone"),
]


@pytest.mark.parametrize(("change", "rule", "pointer"), few(BAD_ATTENDANCES, 12))
def test_a_broken_attendance_is_quarantined(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, change: dict[str, Any], rule: str, pointer: str
) -> None:
    bad = {name: value for name, value in (make.attendance(1) | change).items() if value is not None}
    outcome = load(make.attendance(2), bad)
    assert (outcome.read, outcome.loaded, outcome.quarantined) == (2, 1, 1)
    row = con.execute("select rule, reason_code, pointer, line, raw, raw_sha256 from quarantine").fetchall()[0]
    raw = json.dumps(bad)
    assert row == (rule, f"row.{rule}", pointer, 2, raw, hashlib.sha256(raw.encode()).hexdigest())


GOOD_ATTENDANCES: list[dict[str, Any]] = [
    {"numberOfAttendees": 2.0},
    {"numberOfAttendees": None},
    {"status": "NOT_ATTENDED", "numberOfAttendees": 0},
    {"status": "NOT_ATTENDED", "numberOfAttendees": 1},
    {"sessionId": " " + "s" * 300},
    {"eventId": None, "sessionId": "s" * 340},
    {"updatedDate": "2026-03-01T10:00:00:250-05:00"},
    {"updatedDate": "2026-03-01T10:00:00.250+0100"},
    {"startDate": "2026-10-25T02:30:00+01:00", "timezone": "Europe/Berlin"},
    {"serviceName": "line\nbreak and \u202ebidi <script>"},
    {"id": None},
]


@pytest.mark.parametrize("change", GOOD_ATTENDANCES)
def test_what_only_looks_odd_is_loaded(load: Load, make: type[Make], change: dict[str, Any]) -> None:
    record = {name: value for name, value in (make.attendance(1) | change).items() if value is not None}
    assert load(record).loaded == 1


@pytest.mark.parametrize(("status", "attendees"), [("ATTENDED", 0), ("NOT_ATTENDED", 2)])
def test_contradictions_are_flagged_or_by_setting_quarantined(
    store: Store, load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, status: str, attendees: int
) -> None:
    assert load(make.attendance(1, status, attendees)).loaded == 1
    store.settings = pipeline.Settings(contradictions="quarantine")
    assert load(make.attendance(2, status, attendees)).quarantined == 1
    assert con.execute("select rule from quarantine").fetchall() == [("status_contradicts_number",)]


def test_more_than_booked_is_flagged_or_by_setting_quarantined(
    store: Store, load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.booking(1, 2), make.booking(2, 2))
    assert load(make.attendance(1, attendees=3)).loaded == 1
    store.settings = pipeline.Settings(more_than_booked="quarantine")
    assert load(make.attendance(2, attendees=3), make.attendance(3, attendees=3)).quarantined == 1
    assert con.execute("select rule, pointer from quarantine").fetchall() == [
        ("more_than_booked", "/numberOfAttendees")
    ]


@pytest.mark.parametrize("spelling", ["id", "_id"])
@pytest.mark.parametrize("kind", ["attendance", "nested attendance", "booking", "service"])
def test_an_empty_id_is_a_wrong_id_and_not_a_missing_one(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, kind: str, spelling: str
) -> None:
    records: dict[str, Callable[[int], Record]] = {
        "attendance": make.attendance,
        "nested attendance": lambda number: make.attendance(number, note={"deep": 1}),
        "booking": make.booking,
        "service": lambda number: {"id": make.guid(number, 3), "name": "Yoga", "type": "CLASS"},
    }
    sound, bad = records[kind](1), records[kind](2)
    del bad["id"]
    load(sound, bad | {spelling: ""})
    assert con.execute("select rule, pointer from quarantine").fetchall() == [("id_format", "/id")]


def test_a_key_given_twice_is_quarantined(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    text = json.dumps(make.attendance(1))
    doubled = text.replace('"status"', '"status": "NOT_ATTENDED", "status"')
    spaced = text.replace('"status":', '"status" : "NOT_ATTENDED", "status" :')
    quoted = json.dumps(make.attendance(2, note='a "quoted": text'))
    assert load(doubled, spaced, quoted).quarantined == 2
    assert con.execute("select distinct rule from quarantine").fetchall() == [("duplicate_key",)]


def test_a_broken_line_is_quarantined_and_the_others_load(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    outcome = load(make.attendance(1), '{"id": "', make.attendance(2))
    assert (outcome.loaded, outcome.quarantined) == (2, 1)
    assert con.execute("select rule, line, raw from quarantine").fetchall() == [("json_syntax", 2, '{"id": "')]


def test_all_broken_rules_of_a_record_are_told(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(make.attendance(1, "MAYBE", -3, id="x"), make.attendance(2))
    rule, others = con.execute("select rule, also_broken from quarantine").fetchall()[0]
    assert {rule, *(text.split()[0] for text in others)} == {"attendees_range", "id_format", "status_unknown"}


def test_a_huge_record_is_kept_cut_with_its_hash(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    bad = make.attendance(1, "MAYBE", note="x" * 100_000)
    load(bad, make.attendance(2))
    raw, size, sha256 = con.execute("select raw, raw_bytes, raw_sha256 from quarantine").fetchall()[0]
    whole = json.dumps(bad)
    assert (whole.startswith(raw), len(raw), size) == (True, 65_536, len(whole))
    assert sha256 == hashlib.sha256(whole.encode()).hexdigest()


def test_what_is_not_needed_of_a_person_is_not_stored(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    booking = make.booking(1)
    booking["contactDetails"] |= {"email": "pat@example.com", "phone": "555 0101"}
    load(booking)
    assert con.execute("select count(*) from booking where booking::varchar like '%555 0101%'").fetchall() == [(0,)]
    assert con.execute("select count(*) from booking where booking::varchar like '%@%'").fetchall() == [(0,)]


def test_an_end_before_the_start_is_quarantined(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    assert load(make.booking(1, slot={"endDate": "2026-03-02T17:00:00Z"}), make.booking(2)).quarantined == 1
    assert con.execute("select rule from quarantine").fetchall() == [("ends_before_start",)]
