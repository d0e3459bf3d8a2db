"""The list value of empty seats, and seats to offer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import plain, report

from queries.measures.seats import SeatCosts
from reports.scope.options import Options


def test_empty_seats_have_a_list_value_as_a_range() -> None:
    priced = {"currency": "EUR", "absent": 4, "absent_priced": 4}
    priced |= {"value_absent": Decimal("50.00"), "value_unmarked": Decimal("25.00")}
    frame = build.rows("empty_seats", priced, {"currency": "", "absent": 2})
    worth = report(empty_seats=frame).worth
    assert worth is not None
    (value,) = worth.values
    assert (value.currency, float(value.low), float(value.high), value.absent, value.priced) == ("EUR", 50, 75, 6, 4)


FULL = {
    "service_id": "yoga",
    "service": "Yoga",
    "service_type": "CLASS",
    "capacity": 10,
    "sessions": 20,
    "full_sessions": 12,
    "seats": 200,
    "booked": 180,
    "attended_bookings": 120,
    "no_shows": 80,
    "seats_marked": 100,
    # 20 sessions of 10, each with 4 absent.
    "rated_sessions": 20,
    "booked_rated": 200,
    "absent": 80,
    "booked_rated_squared": 2000,
    "absent_squared_share": 32.0,
    "came_within": 0,
}
FEW = {"rated_sessions": 2, "booked_rated": 20, "absent": 8, "booked_rated_squared": 200, "absent_squared_share": 3.2}


def test_seats_are_offered_where_sessions_fill_up() -> None:
    seldom = FULL | {"service_id": "talk", "service": "Talk", "full_sessions": 1}
    appointment = FULL | {"service_id": "m", "service": "Massage", "service_type": "APPOINTMENT", "capacity": 1}
    worth = report(occupancy=build.rows("occupancy", FULL, seldom, appointment)).worth
    assert worth is not None
    yoga, talk = worth.offers
    assert yoga.seats > 0
    assert plain(yoga.advice) == f"Offer {yoga.seats} seats more than there are."
    assert yoga.risk is not None
    assert yoga.risk <= 0.05
    assert (talk.seats, talk.risk) == (None, None)
    assert talk.advice == "Seldom full (1 of 20 sessions): fill the seats there are."
    assert (yoga.fill_rate, yoga.attendance_fill_rate) == (0.9, 0.0)


@pytest.mark.parametrize("full", [0, 1, 12])
@pytest.mark.parametrize("history", [{}, FEW, {"absent": 0, "absent_squared_share": 0.0}])
def test_no_row_has_a_number_of_seats_and_an_advice_against_it(full: int, history: dict[str, Any]) -> None:
    made = report(occupancy=build.rows("occupancy", FULL | {"full_sessions": full} | history))
    assert made.worth is not None
    (offer,) = made.worth.offers
    advised = plain(offer.advice) == f"Offer {offer.seats} seats more than there are." if offer.seats else False
    assert advised == bool(offer.seats)
    assert (offer.seats is None) == offer.advice.startswith(("Seldom full", "Too few sessions"))


def test_too_little_history_offers_nothing_and_says_why() -> None:
    worth = report(occupancy=build.rows("occupancy", FULL | FEW)).worth
    assert worth is not None
    (offer,) = worth.offers
    assert (offer.seats, offer.rate) == (None, None)
    assert offer.advice == "Too few sessions to say: 2 marked, and 8 are needed."


def test_a_service_has_one_history_over_its_capacities_and_few_sessions_lean_on_the_other_services() -> None:
    other = FULL | FEW | {"capacity": 12}
    worth = report(occupancy=build.rows("occupancy", FULL, other, FULL | FEW | {"service_id": "b"})).worth
    assert worth is not None
    ten, twelve, b = worth.offers
    assert ten.rate == twelve.rate
    assert b.seats is not None
    assert b.correlation > ten.correlation


def test_with_costs_the_cheapest_number_of_seats_stands_beside_the_safe_one() -> None:
    costs = SeatCosts(empty_seat=10, turned_away=1000)
    dear = report({"options": Options(seat_costs=costs)}, occupancy=build.rows("occupancy", FULL))
    cheap = report({"options": Options(seat_costs=SeatCosts(10, 5))}, occupancy=build.rows("occupancy", FULL))
    assert dear.worth.offers[0].cheapest < cheap.worth.offers[0].cheapest
    assert "Cheapest" in build.draw(dear)
    offer = dear.worth.offers[0]
    assert offer.cheapest < offer.seats
    assert plain(offer.advice).endswith(f"at your costs the cheapest number is {offer.cheapest}.")
    assert plain(cheap.worth.offers[0].advice) == f"Offer {offer.seats} seats more than there are."
    without = report(occupancy=build.rows("occupancy", FULL))
    assert without.worth.offers[0].cheapest is None
    assert "Cheapest" not in build.draw(without)
