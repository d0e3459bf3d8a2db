"""Prices from the settings: the value of the absent if the bookings carry no price."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.fixtures import Write
from support.records import Make

import pipeline
import queries

AS_OF = "2026-06-01T00:00:00Z"


@pytest.fixture
def missed(write: Write, make: type[Make]) -> Path:
    """Two absent from service 1, without a price, and one from service 2, at 20 USD; both are called Yoga."""
    priced = make.booking(3, slot={"serviceId": make.guid(2, 3)})
    priced["bookedEntity"]["rate"] = {"labeledPriceOptions": {"general": {"amount": "20", "currency": "USD"}}}
    path: Path = write(
        *({"booking": make.booking(n), "attendance": {"status": "NOT_ATTENDED"}} for n in (1, 2)),
        {"booking": priced, "attendance": {"status": "NOT_ATTENDED"}},
    )
    return path


def values(db: Path, missed: Path, **settings: Any) -> dict[str, tuple[Decimal | None, str | None]]:
    """By service id: value of the absent, and the currency."""
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate(settings)) as store:
        pipeline.ingest(store, [missed])
        rates = queries.no_show_rates(store.connection, as_of=AS_OF)
        money = dict(
            store.connection.execute(
                "select service_id::varchar, any_value(currency) from booking_session group by 1"
            ).fetchall()
        )
    return {row["service_id"]: (row["value_absent"], money[row["service_id"]]) for row in rates.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("prices", "yoga"),
    [
        ({}, None),
        ({"YOGA": "12.5"}, Decimal(25)),
        ({"00000003-0000-4000-8000-000000000001": "7"}, Decimal(14)),
        ({"Yoga": "12.5", "00000003-0000-4000-8000-000000000001".upper(): "7"}, Decimal(14)),
        ({"Pilates": "3"}, None),
        ({"Yoga": "0"}, Decimal(0)),
    ],
)
def test_a_price_is_found_by_id_then_by_name(
    db: Path, missed: Path, make: type[Make], prices: dict[str, str], yoga: Decimal | None
) -> None:
    found = values(db, missed, prices=prices, currency="EUR")
    assert found[make.guid(1, 3)] == (yoga, None if yoga is None else "EUR")


def test_a_bookings_own_price_and_currency_come_first(db: Path, missed: Path, make: type[Make]) -> None:
    found = values(db, missed, prices={"Yoga": "12.5", make.guid(2, 3): "3"}, currency="EUR")
    assert found == {make.guid(1, 3): (Decimal(25), "EUR"), make.guid(2, 3): (Decimal(20), "USD")}


def test_prices_stay_until_they_are_set_anew(db: Path, missed: Path, make: type[Make]) -> None:
    yoga = make.guid(1, 3)
    assert values(db, missed, prices={"Yoga": "12.5"})[yoga][0] == 25
    assert values(db, missed)[yoga][0] == 25
    assert values(db, missed, prices={"Yoga": "1", "Aerial": "2"})[yoga][0] == 2
    assert values(db, missed, prices={})[yoga][0] is None


def test_the_order_of_prices_is_no_change(db: Path, missed: Path) -> None:
    values(db, missed, prices={"Yoga": "1", "Aerial": "2"})
    before = db.stat().st_ino
    values(db, missed, prices={"aerial": "2.00", "yoga": "1"})
    assert db.stat().st_ino == before


def test_a_currency_in_lower_case_is_the_same_currency(db: Path, write: Write, make: type[Make]) -> None:
    bookings = []
    for number, currency in enumerate(("EUR", "eur", " Eur "), 1):
        booking = make.booking(number)
        booking["bookedEntity"]["rate"] = {"labeledPriceOptions": {"general": {"amount": "20", "currency": currency}}}
        bookings.append({"booking": booking, "attendance": {"status": "NOT_ATTENDED"}})
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [write(*bookings)])
        (rates,) = queries.no_show_rates(store.connection, as_of=AS_OF).rows(named=True)
        seats = queries.empty_seats(store.connection, as_of=AS_OF)
    assert (rates["value_absent"], seats.select("currency", "value_absent").rows()) == (60, [("EUR", Decimal(60))])
