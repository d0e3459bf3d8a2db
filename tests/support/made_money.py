"""Bookings with made-up money, as rows of the tables, and the sums of the definitions over them in plain Python.

`queries/money.md` has the definitions; nothing here shares a line with the SQL.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
from support.records import event, guid

Row = dict[str, Any]
CURRENCIES = ("EUR", "GBP", "USD")
REAL = ("NOT_YET_APPLIED_TO_ORDER", "APPLIED_TO_ORDER", "UNKNOWN_STATUS")
_AMOUNT, _MONEY = pl.Decimal(18, 4), ("price", "total", "balance", "paid", "refunded", "amount", "collected", "waived")


@dataclass
class Made:
    """A booking: its outcome, its price, its payment and its fees in the order in which they were loaded."""

    number: int
    outcome: str
    seats: int
    price: Decimal | None
    currency: str
    weight: int = 1
    payment: Row | None = None
    fees: list[Row] = field(default_factory=list)

    @property
    def id(self) -> str:
        return guid(self.number, 1)


def cents(chance: random.Random, most: int = 20_000) -> Decimal:
    return Decimal(chance.randrange(1, most)) / 100


def made_bookings(count: int, seed: int) -> list[Made]:
    """Bookings of every outcome, orders of one or several of them, fees of every status, some twice."""
    chance = random.Random(seed)
    outcomes = ("attended", "missed", "unmarked", "excused", "late", "early")
    found: list[Made] = []
    for number in range(count):
        currency = chance.choice(CURRENCIES)
        price = cents(chance) if chance.random() < 0.9 else None
        weight = chance.choice((1, 1, 1, 4))
        one = Made(number, chance.choice(outcomes), chance.randint(1, 3), price, currency, weight)
        one.payment = _payment(chance, one, found)
        for at in range(chance.choice((0, 0, 1, 1, 1, 2))):
            one.fees.append(_fee(chance, one, at))
        found.append(one)
    return found


def _payment(chance: random.Random, one: Made, before: list[Made]) -> Row | None:
    if chance.random() < 0.15:
        return None
    policy = {"has_fee_policy": chance.choice((True, False, None)), "fee_status": chance.choice((None, *REAL))}
    partners = [
        each for each in before[-5:] if each.payment and each.payment["order_id"] and each.currency == one.currency
    ]
    if partners and chance.random() < 0.5:
        shared = {name: partners[-1].payment[name] for name in _ORDER}  # type: ignore[index]
        return {"booking_id": one.id, **shared, **policy}
    total = cents(chance)
    status = chance.choice(("PAID", "NOT_PAID", "PARTIALLY_PAID", "FULLY_REFUNDED", "PARTIALLY_REFUNDED", None))
    left = {
        "PAID": Decimal(0),
        "NOT_PAID": total,
        "PARTIALLY_PAID": total / 4 if total % 4 == 0 else total - Decimal("0.01"),
    }
    order = {
        "order_id": guid(one.number, 6) if chance.random() < 0.7 else None,
        "order_status": chance.choice(("APPROVED", "APPROVED", "CANCELED", "cancelled")),
        "payment_status": status,
        "total": total if chance.random() < 0.9 else None,
        "balance": left.get(status or "") if chance.random() < 0.8 else None,
        "paid": cents(chance) if chance.random() < 0.2 else None,
        "refunded": cents(chance) if chance.random() < 0.2 else None,
        "currency": one.currency if chance.random() < 0.5 else one.currency.lower(),
    }
    return {"booking_id": one.id, **order, **policy}


_ORDER = ("order_id", "order_status", "payment_status", "total", "balance", "paid", "refunded", "currency")


def _fee(chance: random.Random, one: Made, at: int) -> Row:
    amount = cents(chance)
    currency = one.currency if chance.random() < 0.9 else chance.choice(CURRENCIES)
    return {
        "id": guid(one.number * 2 + at, 5),
        "booking_id": one.id,
        "amount": amount,
        "currency": currency,
        "status": chance.choice((*REAL, "PREVIEW")),
        "trigger": "NOT_ATTENDED",
        "collected": amount if chance.random() < 0.2 else None,
        "waived": amount / 2 if chance.random() < 0.2 else None,
    }


def put(con: duckdb.DuckDBPyConnection, made: Iterable[Made]) -> None:
    """Put bookings, marks, payments and fees into the tables. Fees that come later have later loads."""
    made = list(made)
    _insert(con, "booking", [_booking(one) for one in made])
    marks = {"attended": "ATTENDED", "missed": "NOT_ATTENDED", "excused": "NOT_SET"}
    _insert(con, "attendance", [_mark(one, marks[one.outcome]) for one in made if one.outcome in marks])
    _insert(con, "payment", [{"id": one.id, **one.payment} for one in made if one.payment])
    for at in range(max((len(one.fees) for one in made), default=0)):
        _insert(con, "fee", [one.fees[at] for one in made if len(one.fees) > at], load_id=at + 1)


def _booking(one: Made) -> Row:
    hours = {"late": 2, "early": 200}.get(one.outcome)
    return {
        "id": one.id,
        "status": "CANCELED" if hours else "CONFIRMED",
        "booked_entity": "slot",
        "event_id": event(one.number),
        "session_key": event(one.number),
        "starts_at": "2026-03-20 18:00:00",
        "canceled_at": {None: None, 2: "2026-03-20 16:00:00", 200: "2026-03-12 10:00:00"}[hours],
        "participants": one.seats,
        "weight": one.weight,
        "price": one.price,
        "currency": one.currency,
    }


def _mark(one: Made, status: str) -> Row:
    return {
        "id": guid(one.number, 2),
        "booking_id": one.id,
        "event_id": event(one.number),
        "session_key": event(one.number),
        "status": status,
        "number_of_attendees": one.seats if status == "ATTENDED" else 1,
        "excused": one.outcome == "excused",
    }


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[Row], load_id: int = 1) -> None:
    if rows:
        money = {name: _AMOUNT for name in rows[0] if name in _MONEY}
        con.register("made_rows", pl.DataFrame(rows, schema_overrides=money, infer_schema_length=None).to_arrow())
        con.execute(f"insert into {table} by name select *, {load_id} as load_id from made_rows")
        con.unregister("made_rows")


@dataclass
class Sum:
    """The amount of a figure, None if nothing is known of it; the bookings it is of, and those without it."""

    amount: Decimal | None = None
    bookings: int = 0
    missing: int = 0

    def add(self, amount: Decimal | None, bookings: int = 1) -> None:
        if amount is not None:
            self.amount = (self.amount or Decimal(0)) + amount
            self.bookings += bookings


Sums = dict[tuple[str, str], Sum]
_OF_ORDERS = ("paid", "owed", "refunded")


def sums(made: Iterable[Made]) -> Sums:
    """(currency, figure) -> sum, over the bookings that were missed, cancelled late or cancelled with a fee."""
    found: Sums = defaultdict(Sum)
    chosen = [one for one in made if one.outcome in ("missed", "late") or (one.outcome == "early" and _real(one))]
    covered: Counter[str] = Counter()
    for one in chosen:
        covered[_key(one)] += one.weight
    for one in chosen:
        value = None if one.price is None else one.price * one.seats * one.weight
        found[one.currency, "list_value"].add(value, one.weight)
        order = _of_order(one.payment) if one.payment else dict.fromkeys(_OF_ORDERS)
        for figure, amount in order.items():
            # The whole order for the first of its bookings, and nothing for the others.
            found[one.currency, figure].add(amount if covered[_key(one)] else None, covered[_key(one)])
        covered[_key(one)] = 0
        currency, fees = _of_fees(one)
        for figure, amount in fees.items():
            found[currency, figure].add(amount, one.weight)
        _note_gaps(found, one, order, currency, fees)
    return found


def _real(one: Made) -> list[Row]:
    return [fee for fee in one.fees if fee["status"] != "PREVIEW"]


def _key(one: Made) -> str:
    return (one.payment and one.payment.get("order_id")) or one.id


def _note_gaps(
    found: Sums, one: Made, order: dict[str, Decimal | None], fee_currency: str, fees: dict[str, Decimal]
) -> None:
    """Count the booking as missing in the figures of which nothing is known; others are 0 at least."""
    payment = one.payment or {}
    has_none = payment.get("has_fee_policy") is False and payment.get("fee_status") in (None, "UNKNOWN_STATUS")
    known = {"list_value": one.price is not None, **{figure: amount is not None for figure, amount in order.items()}}
    known |= dict.fromkeys(_FIGURES.values(), bool(one.fees) or has_none)
    if _real(one):
        known |= {figure: figure in fees for figure in ("fees_collected", "fees_waived")}
    for figure, is_known in known.items():
        sum = found[fee_currency if figure.startswith("fees") else one.currency, figure]
        sum.missing += 0 if is_known else one.weight
        if is_known:
            sum.amount = sum.amount or Decimal(0)


def _of_order(order: Row) -> dict[str, Decimal | None]:
    status, total, balance = order["payment_status"], order["total"], order["balance"]
    is_closed = order["order_status"] in ("CANCELED", "cancelled") or status == "FULLY_REFUNDED"
    owed = Decimal(0) if is_closed else balance
    if owed is None and status == "PAID":
        owed = Decimal(0)
    if owed is None and status == "NOT_PAID":
        owed = total
    paid = order["paid"]
    if paid is None and status == "NOT_PAID":
        paid = Decimal(0)
    if paid is None and status in ("PAID", "PARTIALLY_PAID") and None not in (total, balance):
        paid = max(total - balance, Decimal(0))
    if paid is None and status in ("PAID", "FULLY_REFUNDED"):
        paid = total
    refunded = order["refunded"]
    if refunded is None and status == "FULLY_REFUNDED":
        refunded = total
    if refunded is None and status in ("PAID", "NOT_PAID", "PARTIALLY_PAID"):
        refunded = Decimal(0)
    return {"paid": paid, "owed": owed, "refunded": refunded}


_STAGES = ("PREVIEW", "UNKNOWN_STATUS", "NOT_YET_APPLIED_TO_ORDER", "APPLIED_TO_ORDER")
_FIGURES = dict(zip(_STAGES, ("fees_previewed", "fees_unknown", "fees_due", "fees_applied"), strict=True))


def _of_fees(one: Made) -> tuple[str, dict[str, Decimal]]:
    """The currency of the fee that counts, and its figures."""
    order = one.payment
    if not one.fees:
        return one.currency, {}
    (_, _, fee) = max((_STAGES.index(fee["status"]), at, fee) for at, fee in enumerate(one.fees))
    found = {_FIGURES[fee["status"]]: fee["amount"]}
    if fee["status"] == "PREVIEW":
        return fee["currency"], found
    alike = [each for each in _real(one) if each["currency"] == fee["currency"]]
    said = {name: [each[name] for each in alike if each[name] is not None] for name in ("collected", "waived")}
    collected, waived = (max(said[name], default=None) for name in ("collected", "waived"))
    if collected is None and fee["status"] == "NOT_YET_APPLIED_TO_ORDER":
        collected = Decimal(0)
    if collected is None and fee["status"] == "APPLIED_TO_ORDER" and order:
        if order["payment_status"] == "PAID" and _of_order(order)["owed"] == 0:
            collected = max(fee["amount"] - (waived or 0), Decimal(0))
        if order["payment_status"] == "NOT_PAID":
            collected = Decimal(0)
    if fee["status"] == "NOT_YET_APPLIED_TO_ORDER":
        found["fees_due"] = max(fee["amount"] - (waived or 0) - (collected or 0), Decimal(0))
    if collected is not None:
        found["fees_collected"] = collected
    if waived is not None:
        found["fees_waived"] = waived
    return fee["currency"], found


def without_contradictions(count: int, seed: int) -> list[Made]:
    """Bookings whose money fits: a fee for those missed, none for those attended or free."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        outcome = chance.choice(("attended", "missed", "unmarked", "late", "early"))
        one = Made(number, outcome, 1, chance.choice((Decimal(0), Decimal(12), None)), "EUR")
        has_policy = chance.choice((True, False, None))
        one.payment = {"booking_id": one.id, "has_fee_policy": has_policy, "fee_status": None, "total": None}
        is_free = one.price == 0
        if outcome == "missed" and has_policy and not is_free:
            kinds = ("NOT_YET_APPLIED_TO_ORDER", "APPLIED_TO_ORDER", "UNKNOWN_STATUS", "order")
            status = chance.choice(kinds)
            if status == "order":
                one.payment["fee_status"] = "APPLIED_TO_ORDER"
            else:
                one.fees.append(fee_of(one, status))
        elif outcome in ("unmarked", "late", "early") and chance.random() < 0.5:
            one.fees.append(fee_of(one, "NOT_YET_APPLIED_TO_ORDER"))
        elif outcome == "attended" and chance.random() < 0.2:
            one.fees.append(fee_of(one, chance.choice(("PREVIEW", "waived"))))
        found.append(one)
    return found


def fee_of(one: Made, status: str, at: int = 0) -> Row:
    fee = _fee(random.Random(one.number), one, at) | {"collected": None, "waived": None}
    return fee | ({"status": "APPLIED_TO_ORDER", "waived": fee["amount"]} if status == "waived" else {"status": status})
