"""The list value of empty seats, and seats to offer."""

from __future__ import annotations

from decimal import Decimal

from support import report_frames as build
from support.report_frames import plain, report


def test_empty_seats_have_a_list_value_as_a_range() -> None:
    priced = {"currency": "EUR", "absent": 4, "absent_priced": 4}
    priced |= {"value_absent": Decimal("50.00"), "value_unmarked": Decimal("25.00")}
    frame = build.rows("empty_seats", priced, {"currency": "", "absent": 2})
    worth = report(empty_seats=frame).worth
    assert worth is not None
    (value,) = worth.values
    assert (value.currency, float(value.low), float(value.high), value.absent, value.priced) == ("EUR", 50, 75, 6, 4)


def test_seats_are_offered_where_sessions_fill_up() -> None:
    full = {"service": "Yoga", "service_type": "CLASS", "capacity": 10, "sessions": 20, "full_sessions": 12}
    full |= {"seats": 200, "booked": 180, "attended_bookings": 600, "no_shows": 400, "seats_marked": 100}
    seldom = full | {"service": "Talk", "full_sessions": 1}
    appointment = full | {"service": "Massage", "service_type": "APPOINTMENT", "capacity": 1}
    worth = report(occupancy=build.rows("occupancy", full, seldom, appointment)).worth
    assert worth is not None
    yoga, talk = worth.offers
    assert yoga.seats > 0
    assert plain(yoga.advice) == f"Offer {yoga.seats} seats more than there are."
    assert yoga.risk is not None
    assert yoga.risk <= 0.05
    assert talk.advice.startswith("Seldom full (1 of 20 sessions)")
    assert (yoga.fill_rate, yoga.attendance_fill_rate) == (0.9, 0.0)
