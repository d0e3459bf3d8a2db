"""Whom to call: the orders, and the draw of those held back."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pipeline.calling.choosing import chosen, is_held_back
from queries.model.vocabularies import CALL_ORDERS

START = dt.datetime.fromisoformat("2026-06-02T18:00:00")
CONTACTS = [f"contact-{number}" for number in range(4_000)]


def ahead(*chances: float | None) -> pl.DataFrame:
    """Bookings that start one after the other, each with its chance."""
    return pl.DataFrame(
        {
            "booking_id": [f"b{at}" for at in range(len(chances))],
            "session_id": "s",
            "starts_at": [START + dt.timedelta(hours=at) for at in range(len(chances))],
            "no_show_chance": pl.Series(chances, dtype=pl.Float64),
        }
    )


def order_of(frame: pl.DataFrame, order: str, number: int = 99) -> list[str]:
    return chosen(frame, number, order)["booking_id"].to_list()


def test_each_order_begins_with_another_booking() -> None:
    frame = ahead(0.01, 0.05, 0.1, 0.2, 0.22)
    assert order_of(frame, "soonest") == ["b0", "b1", "b2", "b3", "b4"]
    assert order_of(frame, "risk") == ["b4", "b3", "b2", "b1", "b0"]
    assert order_of(frame, "middle")[:2] == ["b3", "b2"]


def test_the_middle_is_that_of_the_bookings_ahead() -> None:
    """Of chances spread evenly the middle comes first, and the highest and the lowest last, whatever the level."""
    for scale in (1.0, 0.1):
        found = order_of(ahead(*(scale * at / 100 for at in range(1, 100))), "middle")
        assert found[0] == "b49"
        assert set(found[-4:]) == {"b0", "b1", "b97", "b98"}


@pytest.mark.parametrize("order", CALL_ORDERS)
def test_equal_and_unknown_chances_come_in_the_order_of_their_starts(order: str) -> None:
    assert order_of(ahead(0.1, 0.1, 0.1), order) == ["b0", "b1", "b2"]
    assert order_of(ahead(None, None), order) == ["b0", "b1"]
    assert order_of(ahead().clear(), order) == []
    shuffled = ahead(0.2, 0.1, 0.1, 0.2, None).sample(fraction=1, shuffle=True, seed=3)
    assert order_of(shuffled, order) == order_of(shuffled.sort("booking_id"), order)


def test_no_more_than_asked_for() -> None:
    assert chosen(ahead(0.1, 0.2, 0.3), 2, "risk").columns == ahead().columns
    assert order_of(ahead(0.1, 0.2, 0.3), "risk", 2) == ["b2", "b1"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_about_the_share_is_held_back_by_every_seed(share: float) -> None:
    for seed in (1, 2):
        held_back = sum(is_held_back(contact, seed, share) for contact in CONTACTS)
        assert held_back == pytest.approx(share * len(CONTACTS), abs=4 * (len(CONTACTS) * share * (1 - share)) ** 0.5)


def test_the_draw_is_the_same_each_time_and_another_for_another_seed() -> None:
    """The values are fixed: a hash that changed would move people to the other arm."""
    assert [is_held_back(f"c{at}", 7, 0.5) for at in range(8)] == [True, False, False, False, True, True, False, False]
    one, other = ([is_held_back(contact, seed, 0.5) for contact in CONTACTS] for seed in (1, 2))
    assert 0.4 < sum(a == b for a, b in zip(one, other, strict=True)) / len(CONTACTS) < 0.6


def test_a_larger_share_holds_back_the_same_and_more() -> None:
    few, many = ({contact for contact in CONTACTS if is_held_back(contact, 3, share)} for share in (0.2, 0.6))
    assert few < many


def test_no_share_holds_nobody_back() -> None:
    assert not any(is_held_back(contact, 3, 0.0) for contact in CONTACTS)
