"""The money of bookings that were missed or cancelled late, and its contradictions, against an oracle in plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from support.made_money import Made, fee_of, made_bookings, put, sums, without_contradictions
from support.records import guid

import queries
from queries.model.vocabularies import MONEY_CONTRADICTIONS, MONEY_FIGURES

AS_OF = "2026-05-01T00:00:00Z"
SIZES = [150, pytest.param(10_000, marks=pytest.mark.long)]


@pytest.fixture
def con(in_memory: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    in_memory.execute("set variable as_of = timestamp '2026-05-01'")
    yield in_memory
    in_memory.execute("reset variable as_of")
    for table in ("booking", "attendance", "payment", "fee"):
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
