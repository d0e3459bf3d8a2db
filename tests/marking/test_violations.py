"""Validation errors as the API gives them: each rule has a type of the API's own list, and the data for that type."""

from __future__ import annotations

from typing import Any

import pytest
from support.fixtures import Load
from support.records import Make
from support.samples import few

import pipeline
import queries
from pipeline.marks import violations
from pipeline.marks.violations import RULE_TYPES, violation
from pipeline.store.opening import Store
from queries.model.attendance import ATTENDANCE
from queries.model.rules import RULES

ODD: tuple[Any, ...] = (None, "", "x", "x" * 20_000, 0, -1, 10**400, -(10**400), 1.5, True, [], {}, [1] * 9)
# Rules of requests alone.
OWN = {"message_length", "list_size", "boolean_type", "text_type", "list_type", "object_type", "unknown_key"}
# The content of a request, and the type and data of the violation.
TOLD: list[tuple[Any, str, Any]] = [
    ({"attendance": None}, "REQUIRED_FIELD", None),
    ({"attendance": "x"}, "FORMAT", {"expected": "OBJECT"}),
    ({"status": None}, "REQUIRED_FIELD", None),
    ({"status": "MAYBE"}, "INVALID_ENUM_VALUE", None),
    ({"bookingId": "x"}, "FORMAT", {"expected": "GUID"}),
    ({"eventId": "short"}, "MIN_LENGTH", {"threshold": 36}),
    ({"eventId": 5}, "VALIDATION", None),
    ({"eventId": "x" * 251}, "MAX_LENGTH", {"threshold": 250}),
    ({"eventId": None, "sessionId": "x" * 10_001}, "MAX_LENGTH", {"threshold": 10_000}),
    ({"eventId": "x\0" * 20}, "FORMAT", {"expected": "text without control characters"}),
    ({"numberOfAttendees": -1}, "MIN", {"threshold": 0}),
    ({"numberOfAttendees": 100_001}, "MAX", {"threshold": 100_000}),
    ({"numberOfAttendees": 10**30}, "MAX", {"threshold": 100_000}),
    ({"numberOfAttendees": "many"}, "FORMAT", {"expected": "INTEGER"}),
    ({"status": "ATTENDED", "numberOfAttendees": 0}, "OTHER", None),
    ({"participantNotification": {"message": ""}}, "MIN_LENGTH", {"threshold": 1}),
    ({"participantNotification": {"message": "x" * 5_001}}, "MAX_LENGTH", {"threshold": 5_000}),
    ({"participantNotification": {"message": 5}}, "FORMAT", {"expected": "STRING"}),
    ({"participantNotification": {"notifyParticipants": "yes"}}, "FORMAT", {"expected": "BOOLEAN"}),
    ({"participantNotification": {"to": "x"}}, "FIELD_NOT_ALLOWED", None),
]


@pytest.mark.parametrize(("change", "type", "data"), few(TOLD, 7))
def test_a_broken_rule_is_told_as_the_site_does(
    store: Store, load: Load, make: type[Make], change: dict[str, Any], type: str, data: Any
) -> None:
    load(make.booking(1))
    mark = {key: value for key, value in make.attendance(1).items() if key != "id"}
    beside = {key: change[key] for key in ("attendance", "participantNotification") if key in change}
    request = {"attendance": mark | change, **beside}
    if "participantNotification" in change:
        request["attendance"] = mark
    with pytest.raises(queries.RequestRefused) as caught:
        pipeline.set_attendance(store, request)
    (told,) = caught.value.to_wire()["details"]["validationError"]["fieldViolations"]
    assert (told["violatedRule"], told.get("data")) == (type, data)
    assert ("ruleName" in told) == (type == "OTHER")


def test_too_long_a_list_has_a_size(store: Store) -> None:
    with pytest.raises(queries.RequestRefused) as caught:
        pipeline.bulk_delete_attendances(store, {"attendanceIds": ["x"] * 9})
    (told,) = caught.value.to_wire()["details"]["validationError"]["fieldViolations"]
    assert (told["violatedRule"], told["data"]) == ("MAX_SIZE", {"threshold": 8})


def test_every_rule_has_a_type_whatever_the_value() -> None:
    for rule in {*RULES, *OWN}:
        for value in ODD:
            wire = violation("field", "words", rule, value).to_wire()
            assert wire["violatedRule"] in RULE_TYPES
            assert ("ruleName" in wire) == (wire["violatedRule"] == "OTHER")


def test_every_rule_that_a_column_of_a_mark_can_break_is_one_of_the_sites() -> None:
    given = ("booking_id", "event_id", "session_id", "status", "number_of_attendees")
    rules = {rule for name in given for rule in ATTENDANCE.column(name).rules} | OWN | {"required", "attendees_type"}
    assert {violation("field", "words", rule, "x").type for rule in rules} <= set(RULE_TYPES) - {"OTHER"}
    assert {*violations._BOUNDS, *violations._EXPECTED, *violations._WITHOUT_DATA} <= {*RULES, *OWN}
