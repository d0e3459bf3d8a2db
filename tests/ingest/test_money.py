"""Fees and payments come in from the API's records, flat files and mappings, and are kept, set aside and taken back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Load, Write
from support.records import Make, guid

import pipeline
from pipeline.store.doctor import diagnose

PAYMENT = "select total, balance, paid, refunded, currency, payment_status, has_fee_policy, fee_status from payment"
FEE = "select amount, currency, status, trigger, collected, waived from fee"


def extended(make: type[Make], number: int, **beside: Any) -> dict[str, Any]:
    return {"booking": make.booking(number)} | beside


def test_an_extended_booking_brings_its_order_and_policy(
    load: Load, con: duckdb.DuckDBPyConnection, make: type[Make]
) -> None:
    outcome = load(
        extended(
            make,
            1,
            order=make.order(1, "20.10", "7.05", paymentStatus="PARTIALLY_PAID"),
            bookingPolicySettings={"cancellationFeeEnabled": False},
            bookingFeeDetails={"cancellationFeeStatus": "APPLIED_TO_ORDER"},
        ),
        extended(make, 2, order=make.order(2, balance="-3.00", _id=guid(9, 6), status="A_NEW_WORD")),
        extended(make, 3, order={}, bookingPolicySettings={}),
    )
    assert (outcome.loaded, outcome.quarantined) == (3, 0)
    assert con.execute(f"{PAYMENT} order by booking_id").fetchall() == [
        (Decimal("20.1"), Decimal("7.05"), None, None, "EUR", "PARTIALLY_PAID", False, "APPLIED_TO_ORDER"),
        (Decimal(20), Decimal(-3), None, None, "EUR", "PAID", None, None),
    ]
    assert con.execute("select id = booking_id, order_id from payment order by id").fetchall() == [
        (True, guid(1, 6)),
        (True, guid(2, 6)),
    ]


def test_a_page_of_fees_is_read_and_a_fee_without_an_id_is_the_same_next_time(
    load: Load, con: duckdb.DuckDBPyConnection, make: type[Make]
) -> None:
    nameless = make.fee(2, "3", "APPLIED_TO_ORDER", id=None)
    load({"bookingFees": [make.fee(1, "12.34"), nameless]})
    again = load({"bookingFees": [make.fee(1, "12.34", "APPLIED_TO_ORDER"), nameless]})
    assert (again.loaded, again.unchanged) == (1, 1)
    assert con.execute(f"{FEE} order by booking_id").fetchall() == [
        (Decimal("12.34"), "EUR", "APPLIED_TO_ORDER", "NOT_ATTENDED", None, None),
        (Decimal(3), "EUR", "APPLIED_TO_ORDER", "NOT_ATTENDED", None, None),
    ]


@pytest.mark.parametrize(
    ("record", "rule", "pointer"),
    [
        (Make.fee(1, "-1.00"), "number_range", "/cancellationFee/price/value"),
        (Make.fee(1, "one"), "number_type", "/cancellationFee/price/value"),
        (Make.fee(1, status="PAID"), "status_unknown", "/cancellationFee/status"),
        (Make.fee(1, bookingId=None), "required", "/bookingId"),
        ({"booking": Make.booking(1), "order": Make.order(1, "-1.00")}, "number_range", "/order/totalPrice/amount"),
    ],
)
def test_money_that_makes_no_sense_is_set_aside(
    load: Load, con: duckdb.DuckDBPyConnection, record: dict[str, Any], rule: str, pointer: str
) -> None:
    load(Make.booking(2), record)
    assert con.execute("select rule, pointer from quarantine").fetchall() == [(rule, pointer)]
    assert con.execute("select count(*) from fee").fetchall() == con.execute("select count(*) from payment").fetchall()


MAPPING = """
namespace = "shop"
[booking]
id = "Nr"
status = "'CONFIRMED'"
startDate = "Start"
[payment]
booking_id = "Nr"
paid = "Paid"
refunded = "Back"
currency = "'GBP'"
[fee]
booking_id = "Nr"
amount = "Fee"
collected = "Got"
"""
ROWS = """Nr,Start,Paid,Back,Fee,Got
1,2026-03-02T18:00:00Z,30.00,0,,
2,2026-03-02T18:00:00Z,,,5.5,5.5
3,2026-03-02T18:00:00Z,,,,
"""


def test_a_mapping_brings_paid_refunded_and_fee_of_the_rows_that_have_them(
    store: pipeline.Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "shop.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "shop.csv").write_text(ROWS, "utf-8")
    (outcome,) = pipeline.ingest(store, [tmp_path / "shop.csv"], mapping=tmp_path / "shop.toml")
    assert (outcome.refused, outcome.loaded, outcome.quarantined) == (None, 3, 0)
    assert con.execute("select count(*) from payment where booking_id in (select id from booking)").fetchall() == [(1,)]
    assert con.execute(PAYMENT).fetchall() == [(None, None, Decimal(30), Decimal(0), "GBP", None, None, None)]
    assert con.execute(f"{FEE} where booking_id in (select id from booking)").fetchall() == [
        (Decimal("5.5"), None, "UNKNOWN_STATUS", "UNKNOWN_TRIGGER", Decimal("5.5"), None)
    ]


IN_WORDS = """
namespace = "shop"
[visit]
date = {column = "Start", format = "year first"}
service = {value = "Yoga"}
client = {column = "Nr"}
currency = {value = "GBP"}
paid = {column = "Paid", decimal = ","}
refunded = {column = "Back"}
fee = {column = "Fee", decimal = ","}
status = {value = "unmarked"}
"""


def test_a_visit_in_words_has_paid_refunded_and_fee(
    store: pipeline.Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "shop.toml").write_text(IN_WORDS, "utf-8")
    rows = ROWS.replace("30.00", '"1.030,05"').replace("5.5,", '"5,50",')
    (tmp_path / "shop.csv").write_text(rows, "utf-8")
    (outcome,) = pipeline.ingest(store, [tmp_path / "shop.csv"], mapping=tmp_path / "shop.toml")
    assert (outcome.refused, outcome.loaded, outcome.quarantined) == (None, 3, 0)
    of_bookings = "booking_id in (select id from booking)"
    assert con.execute(f"select paid, refunded, currency from payment where {of_bookings}").fetchall() == [
        (Decimal("1030.05"), Decimal(0), "GBP")
    ]
    assert con.execute(f"select amount, currency from fee where {of_bookings}").fetchall() == [(Decimal("5.5"), "GBP")]


def test_a_known_format_brings_what_was_paid(store: pipeline.Store, con: duckdb.DuckDBPyConnection) -> None:
    sample = Path(__file__).parents[1] / "formats" / "eventbrite_attendees.csv"
    (outcome,) = pipeline.ingest(store, [sample])
    assert outcome.quarantined == 0
    paid = con.execute("select distinct paid, currency from payment order by paid desc").fetchall()
    assert paid[0] == (Decimal(30), "EUR")
    assert con.execute("select count(*) from payment where booking_id not in (select id from booking)").fetchall() == [
        (0,)
    ]


def test_two_versions_of_a_booking_in_one_file_keep_the_order_of_the_later(
    load: Load, con: duckdb.DuckDBPyConnection, make: type[Make]
) -> None:
    load(
        {"booking": make.booking(1, revision="2"), "order": make.order(1, "22.00")},
        {"booking": make.booking(1, revision="1"), "order": make.order(1, "11.00")},
    )
    assert con.execute(
        "select b.revision, p.total from booking as b join payment as p on p.booking_id = b.id"
    ).fetchall() == [(2, Decimal(22))]


def test_a_load_of_money_is_taken_back_and_the_database_is_sound(db: Path, write: Write, make: type[Make]) -> None:
    first = write(extended(make, 1, order=make.order(1, "20.00")), make.fee(1, "5.00"))
    second = write(extended(make, 1, order=make.order(1, "30.00")), make.fee(1, "9.00"), make.fee(2))
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        con = store.connection

        def amounts() -> list[Any]:
            return con.execute("select total from payment union all select amount from fee order by 1").fetchall()

        pipeline.ingest(store, [first])
        before = amounts()
        pipeline.ingest(store, [second])
        assert amounts() == [(Decimal(9),), (Decimal(10),), (Decimal(30),)]
        (unloaded,) = pipeline.unload(store, [2])
        assert (unloaded.removed, unloaded.restored) == ({"payment": 1, "fee": 2}, {"payment": 1, "fee": 1})
        assert amounts() == before
    assert diagnose(db).findings == ()


def test_an_order_number_is_the_order_of_its_own_system(
    store: pipeline.Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for shop in ("one", "two"):
        mapping = MAPPING.replace('"shop"', f'"{shop}"').replace("[payment]", '[payment]\norder_id = "Bill"')
        (tmp_path / f"{shop}.toml").write_text(mapping, "utf-8")
        rows = "Nr,Start,Paid,Back,Fee,Got,Bill\n" + "".join(
            f"{number},2026-03-02T18:00:00Z,30.00,0,,,1001\n" for number in (1, 2)
        )
        (tmp_path / f"{shop}.csv").write_text(rows, "utf-8")
        pipeline.ingest(store, [tmp_path / f"{shop}.csv"], mapping=tmp_path / f"{shop}.toml")
    # Each shop has an order 1001 of two bookings.
    found = con.execute("select count(*) from payment group by order_id").fetchall()
    assert found == [(2,), (2,)]
