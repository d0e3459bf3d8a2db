"""The cost of missed bookings: which reports say it, to the cent, and with the bookings that contradict."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report

from queries.model.vocabularies import MONEY_CONTRADICTIONS, MONEY_FIGURES
from reports.data import report_data
from reports.sections.money import content as of_money
from reports.workbook.tables import tables_of

LIST = {"currency": "EUR", "figure": "list_value", "amount": Decimal("9041.30"), "bookings": 9, "sources": "price"}
DUE = {"currency": "EUR", "figure": "fees_due", "amount": Decimal("14898.05"), "bookings": 7, "missing": 2}
APPLIED = DUE | {"currency": "GBP", "figure": "fees_applied", "amount": Decimal("0.10"), "sources": "fee"}
PAID = {"currency": "EUR", "figure": "paid", "amount": Decimal(20), "bookings": 1, "sources": "order, stated"}


def contradiction(number: int, kind: str, why: str = "attended, but a fee is due") -> dict[str, Any]:
    start = build.AS_OF.replace(tzinfo=None)
    row = {"booking_id": f"id-{number}", "kind": kind, "why": why, "service": "Yoga", "local_start": start}
    return row | {"amount": Decimal("5.5"), "currency": "EUR"}


def money(figures: list[dict[str, Any]], found: list[dict[str, Any]] | None = None, **about: Any) -> Any:
    frames = {
        "money": build.rows("money", *figures),
        "money_contradictions": build.rows("money_contradictions", *(found or [])),
    }
    return report(about, **frames)


def test_every_figure_and_contradiction_has_its_words() -> None:
    assert set(of_money.NAMES) == set(MONEY_FIGURES)
    assert set(of_money.KINDS) == set(MONEY_CONTRADICTIONS)


def test_amounts_are_shown_to_the_cent_and_by_currency() -> None:
    made = money([LIST, PAID, DUE, APPLIED])
    page = plain(draw(made))
    assert plain(made.money.title) == "Fees of EUR 14,898.05 are due, and GBP 0.10 were applied to orders."
    for text in ("EUR 14,898.05", "GBP 0.10", "EUR 20.00", "orders and stated by the source", "EUR 9,041.30"):
        assert text in page
    assert [each.amount for each in made.money.amounts] == [
        Decimal("9041.30"),
        20,
        Decimal("14898.05"),
        Decimal("0.10"),
    ]


@pytest.mark.parametrize(
    ("due", "applied", "missing", "title"),
    [
        (0, 0, 0, "No fee is due or applied to an order."),
        (0, 0, 3, "No fee is known to be due or applied to an order."),
        (5, 0, 3, "Fees of EUR 5.00 are due, and none is known to be applied to an order."),
        (0, 5, 3, "No fee is known to be due, and EUR 5.00 were applied to orders."),
    ],
)
def test_no_fee_is_said_only_if_it_is_known_of_every_booking(due: int, applied: int, missing: int, title: str) -> None:
    figures = [
        {"currency": "EUR", "figure": figure, "amount": Decimal(amount), "bookings": 1, "missing": missing}
        for figure, amount in (("fees_due", due), ("fees_applied", applied))
    ]
    assert plain(money(figures).money.title) == title


def test_without_money_the_page_is_as_it_was() -> None:
    for figures in ([], [LIST], [LIST, DUE | {"bookings": 0, "amount": None}]):
        made = money(figures)
        assert made.money is None
    assert draw(made) == draw(report())


def test_contradictions_are_counted_by_kind_and_the_first_listed() -> None:
    many = [contradiction(number, "fee_without_no_show") for number in range(30)]
    made = money([DUE], [*many, contradiction(31, "fee_twice")])
    assert (
        plain(made.money.contradictions_title)
        == "To look into: 30 fees without a no-show and 1 booking with two fees or more."
    )
    assert [each.kind for each in made.money.contradictions] == ["fee_without_no_show"] * 10 + ["fee_twice"]
    assert made.money.total == 31
    page = plain(draw(made))
    assert "The first of each kind; the view <code>money_contradictions</code> has all 31." in page
    assert "2026-03-02 Mon 09:30" in page
    (door,) = [door for door in made.doors if door.title == "Money"]
    assert plain(door.finding).endswith("31 contradictions to look into.")
    assert "No money contradicts the outcome of its booking." in plain(draw(money([DUE])))


def test_data_and_workbook_have_the_same(tmp_path: Any) -> None:
    made = money([DUE], [contradiction(1, "fee_twice")])
    data = json.loads(json.dumps(report_data(made)))["money"]
    assert [(one["figure"], one["amount"]) for one in data["amounts"]] == [("fees_due", "14898.0500")]
    assert data["counts"] == {"fee_twice": 1}
    assert data["contradictions"][0]["booking_id"] == "id-1"
    sheets = {table.name: table for table in tables_of(made)}
    assert [column.of(sheets["Money"].rows[0]) for column in sheets["Money"].columns][:3] == [
        "EUR",
        "Fees due",
        DUE["amount"],
    ]
    assert len(sheets["Money contradictions"].rows) == 1


def test_a_shared_report_says_nothing_of_money() -> None:
    assert money([DUE], share=True).money is None
