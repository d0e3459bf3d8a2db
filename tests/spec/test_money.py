"""The money of bookings that were missed or cancelled late, and its contradictions, against an oracle in plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest
from support.made_money import Made, fee_of, made_bookings, put, sums, without_contradictions
from support.records import event, guid

import queries
from queries.model.vocabularies import MONEY_CONTRADICTIONS, MONEY_FIGURES

AS_OF = "2026-05-01T00:00:00Z"
SIZES = [150, pytest.param(10_000, marks=pytest.mark.long)]


@pytest.fixture
def con(in_memory: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    in_memory.execute("set variable as_of = timestamp '2026-05-01'")
    yield in_memory
    in_memory.execute("reset variable as_of")
    for table in ("booking", "attendance", "session", "payment", "fee", "load_ledger"):
        in_memory.execute(f"delete from {table}")


@pytest.mark.parametrize("size", SIZES)
def test_every_sum_is_exact_to_the_cent(con: duckdb.DuckDBPyConnection, size: int) -> None:
    made = made_bookings(size, seed=size)
    put(con, made)
    found = queries.money(con, as_of=AS_OF)
    rows = {(row["currency"], row["figure"]): row for row in found.iter_rows(named=True)}
    wanted = {key: (one.amount, one.bookings, one.missing) for key, one in sums(made).items()}
    assert {key: (row["amount"], row["bookings"], row["missing"]) for key, row in rows.items()} == wanted
    assert {figure for _, figure in rows} == set(MONEY_FIGURES)
    assert found.schema["amount"] == pl.Decimal(38, 4)
    view = con.sql("from money").pl()
    assert view.equals(found)


def planted(made: list[Made], each: int, seed: int) -> set[tuple[str, str]]:
    """Plant so many contradictions of each kind: the booking and the kind of each."""
    chance, found = random.Random(seed), set()
    attended = [one for one in made if one.outcome == "attended"]
    missed = [one for one in made if one.outcome == "missed" and one.price]
    for one in chance.sample(attended, each):
        one.fees = [fee_of(one, "APPLIED_TO_ORDER")]
        found.add((one.id, "fee_without_no_show"))
    lacking, twice = (lambda sample: (sample[:each], sample[each:]))(chance.sample(missed, 2 * each))
    for one in lacking:
        one.fees = []
        one.payment = {"booking_id": one.id, "has_fee_policy": True, "fee_status": None, "total": None}
        found.add((one.id, "no_show_without_fee"))
    for one in twice:
        one.fees = [fee_of(one, "NOT_YET_APPLIED_TO_ORDER"), fee_of(one, "UNKNOWN_STATUS", at=1)]
        found.add((one.id, "fee_twice"))
    return found


@pytest.mark.parametrize("size", SIZES)
def test_every_contradiction_is_found_and_none_is_invented(con: duckdb.DuckDBPyConnection, size: int) -> None:
    made = without_contradictions(size, seed=size)
    wanted = planted(made, size // 50, seed=7)
    put(con, made)
    found = queries.money_contradictions(con, as_of=AS_OF)
    assert set(found.select("booking_id", "kind").iter_rows()) == wanted
    assert found.height == len(wanted)
    assert {kind for _, kind in wanted} == set(MONEY_CONTRADICTIONS)
    assert con.sql("from money_contradictions").pl().equals(found)


def amount_of(con: duckdb.DuckDBPyConnection, figure: str) -> tuple[Decimal | None, int, int]:
    ((amount, bookings, missing),) = con.execute(
        "select amount, bookings, missing from money where figure = $figure", {"figure": figure}
    ).fetchall()
    return amount, bookings, missing


def missed(number: int) -> Made:
    return Made(number, "missed", 2, Decimal("10.05"), "EUR")


def order(one: Made, order_id: str | None, total: str, balance: str, status: str) -> None:
    one.payment = {"booking_id": one.id, "order_id": order_id, "order_status": "APPROVED", "currency": "EUR"}
    one.payment |= {"payment_status": status, "total": Decimal(total), "balance": Decimal(balance)}


def test_an_order_of_several_bookings_counts_once(con: duckdb.DuckDBPyConnection) -> None:
    made = [missed(1), missed(2), missed(3)]
    for one in made[:2]:
        order(one, guid(1, 6), "40.20", "10.10", "PARTIALLY_PAID")
    put(con, made)
    assert amount_of(con, "list_value") == (Decimal("60.30"), 3, 0)
    assert amount_of(con, "paid") == (Decimal("30.10"), 2, 1)
    assert amount_of(con, "owed") == (Decimal("10.10"), 2, 1)


@pytest.mark.parametrize("currencies", [("USD", "EUR"), ("EUR", None), (None, None)])
def test_an_order_counts_once_whatever_its_rows_say_of_the_currency(
    con: duckdb.DuckDBPyConnection, currencies: tuple[str | None, str | None]
) -> None:
    made = [missed(1), Made(2, "missed", 1, Decimal(5), "EUR" if any(currencies) else "GBP")]
    for one, currency, total in zip(made, currencies, ("40.00", "50.00"), strict=True):
        order(one, guid(1, 6), total, "0.00", "PAID")
        one.payment = {**(one.payment or {}), "currency": currency}
    put(con, made)
    assert con.sql("select currency, amount from money where figure = 'paid' and amount > 0").fetchall() == [
        ("EUR", Decimal(50))
    ]


def test_a_balance_without_a_total_does_not_say_what_was_paid(con: duckdb.DuckDBPyConnection) -> None:
    one = missed(1)
    order(one, None, "20.00", "5.00", "PARTIALLY_PAID")
    one.payment = {**(one.payment or {}), "total": None}
    put(con, [one])
    assert amount_of(con, "paid") == (None, 0, 1)


def test_a_part_waived_of_an_applied_fee_was_not_collected(con: duckdb.DuckDBPyConnection) -> None:
    one = missed(1)
    order(one, None, "20.00", "0.00", "PAID")
    one.fees = [fee_of(one, "APPLIED_TO_ORDER") | {"amount": Decimal(5), "waived": Decimal(2)}]
    put(con, [one])
    assert [amount_of(con, f"fees_{each}")[0] for each in ("applied", "collected", "waived")] == [5, 3, 2]


@pytest.mark.parametrize("changed", [{"status": "PREVIEW"}, {"currency": "USD", "status": "UNKNOWN_STATUS"}])
def test_what_a_preview_or_a_fee_of_another_currency_states_is_not_of_the_fee(
    con: duckdb.DuckDBPyConnection, changed: dict[str, str]
) -> None:
    one = missed(1)
    other = fee_of(one, "UNKNOWN_STATUS", at=1) | {"collected": Decimal(7), "waived": Decimal(3)} | changed
    one.fees = [other, fee_of(one, "APPLIED_TO_ORDER")]
    put(con, [one])
    assert (amount_of(con, "fees_collected"), amount_of(con, "fees_waived")) == ((None, 0, 1), (None, 0, 1))


def test_what_is_to_be_refunded_was_paid_and_is_not_owed(con: duckdb.DuckDBPyConnection) -> None:
    one = missed(1)
    order(one, None, "20.00", "-5.00", "PAID")
    put(con, [one])
    assert (amount_of(con, "paid")[0], amount_of(con, "owed")[0]) == (Decimal(25), Decimal(0))


def test_nothing_known_is_no_amount_and_nothing_due_is_0(con: duckdb.DuckDBPyConnection) -> None:
    one, other = missed(1), missed(2)
    put(con, [one])
    assert amount_of(con, "fees_due") == (None, 0, 1)
    other.payment = {"booking_id": other.id, "has_fee_policy": False}
    put(con, [other])
    assert amount_of(con, "fees_due") == (Decimal(0), 0, 1)


def test_without_any_fee_read_a_missing_one_says_nothing(con: duckdb.DuckDBPyConnection) -> None:
    one = missed(1)
    one.payment = {"booking_id": one.id, "has_fee_policy": True}
    put(con, [one])
    assert queries.money_contradictions(con, as_of=AS_OF).is_empty()


def test_a_filter_and_a_moment_choose_the_bookings(con: duckdb.DuckDBPyConnection) -> None:
    one = missed(1)
    one.fees = [fee_of(one, "APPLIED_TO_ORDER")]
    put(con, [one])
    assert queries.money(con, as_of="2026-03-01T00:00:00Z").is_empty()
    assert queries.money(con, where={"party_size": 1}, as_of=AS_OF).is_empty()
    assert not queries.money(con, where={"party_size": 2}, as_of=AS_OF).is_empty()


COURSE = guid(7, 9)


def put_course(con: duckdb.DuckDBPyConnection, *marks: str | None) -> None:
    """A course booking with a fee, and sessions on the Mondays of March, marked so in turn."""
    one = Made(1, "missed", 1, Decimal(12), "EUR")
    one.fees = [fee_of(one, "APPLIED_TO_ORDER")]
    put(con, [one])
    con.execute("delete from attendance")
    con.execute(
        "update booking set booked_entity = 'schedule', schedule_id = $schedule, event_id = null, "
        "session_key = 'booking:' || id, created_at = '2026-02-01'",
        {"schedule": COURSE},
    )
    for at, mark in enumerate(marks):
        key, start = event(900 + at), f"2026-03-{2 + 7 * at:02} 18:00:00"
        con.execute(
            "insert into session by name select $key as id, $schedule as schedule_id, $start::timestamp as starts_at, "
            "'CONFIRMED' as status, 1 as load_id",
            {"key": key, "schedule": COURSE, "start": start},
        )
        if mark:
            con.execute(
                "insert into attendance by name select $id::uuid as id, $booking::uuid as booking_id, $key as event_id, "
                "$key as session_key, $mark as status, 1 as number_of_attendees, 1 as load_id",
                {"id": guid(at, 2), "booking": one.id, "key": key, "mark": mark},
            )


CAME, MISSED = "ATTENDED", "NOT_ATTENDED"
# A filter that leaves the second and third session, and a moment at which the first alone is due.
LATER, EARLIER = {"local_date": {"$gte": "2026-03-05", "$lt": "2026-03-20"}}, "2026-03-05T00:00:00Z"


@pytest.mark.parametrize(
    ("marks", "where", "as_of", "found"),
    [
        ((CAME, CAME, CAME), None, AS_OF, 1),
        ((CAME, CAME, CAME), LATER, AS_OF, 1),
        ((MISSED, CAME, CAME), LATER, AS_OF, 0),
        ((None, CAME, CAME), LATER, AS_OF, 0),
        ((CAME, CAME, CAME, MISSED), LATER, AS_OF, 0),
        ((CAME, CAME, MISSED), None, EARLIER, 0),
    ],
)
def test_a_fee_may_be_for_a_session_that_the_figures_leave_out(
    con: duckdb.DuckDBPyConnection, marks: tuple[str | None, ...], where: dict[str, Any] | None, as_of: str, found: int
) -> None:
    put_course(con, *marks)
    assert queries.money_contradictions(con, where=where, as_of=as_of).height == found


@pytest.mark.parametrize(("read", "found"), [("2026-03-05", 1), ("2026-03-10", 0)])
def test_a_fee_is_not_for_a_session_that_began_after_it_was_read(
    con: duckdb.DuckDBPyConnection, read: str, found: int
) -> None:
    put_course(con, CAME, None)
    con.execute(
        "insert into load_ledger by name select 1 as load_id, '' as file, '' as kind, '' as sha256, '' as treatment, "
        "'' as noshow_version, $read::timestamp as started_at, $read::timestamp as finished_at, "
        "0 as bytes, 0 as read, 0 as loaded, 0 as unchanged, 0 as duplicate, 0 as stale, 0 as quarantined",
        {"read": read},
    )
    assert queries.money_contradictions(con, as_of=EARLIER).height == found


def test_money_of_a_booking_that_is_not_loaded_is_counted(con: duckdb.DuckDBPyConnection) -> None:
    one, other = missed(1), missed(2)
    one.fees = [fee_of(one, "APPLIED_TO_ORDER")]
    other.fees = [fee_of(other, "PREVIEW")]
    order(other, None, "20.00", "0.00", "PAID")
    put(con, [one, other])
    con.execute("delete from booking where id = $id", {"id": other.id})
    flags = dict(queries.flags(con, as_of=AS_OF).select("flag", "rows").iter_rows())
    assert flags["money_of_unknown_booking"] == 2
