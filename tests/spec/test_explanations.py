"""The table of explanations: every row is sound, a row more is tried, and nothing but the fact can be named in it."""

from __future__ import annotations

import datetime as dt
import re

import duckdb
import pytest
from support.cases import Case

import queries
from queries.language.filters import EVERYTHING
from queries.moments import as_of_instant
from queries.reconciling.asking import prepared
from queries.reconciling.cells import Scope
from queries.reconciling.explanations import CONDITIONS, explanations_of, shipped_explanations
from queries.reconciling.said import read_said
from queries.statements.reconcile import require_known_names


def test_every_row_has_a_key_of_its_own_words_and_a_source() -> None:
    rows = shipped_explanations()
    assert len({row.key for row in rows}) == len(rows) >= 12
    for row in rows:
        assert row.words[0].islower(), row.key
        assert row.source == "reported by users" or "https://" in row.source, row.key
        assert ("{value}" in row.words) == bool(row.each or row.each_zone), row.key
        effects = [getattr(row, part) for part in (*CONDITIONS, "last_day", "units", "each")]
        assert sum(map(bool, effects)) >= 1, row.key


@pytest.mark.parametrize("row", shipped_explanations(), ids=lambda row: row.key)
def test_every_condition_is_over_the_fact(row: object) -> None:
    for part in CONDITIONS:
        require_known_names(getattr(row, part))


@pytest.mark.parametrize(
    "text",
    [
        "price > 10; drop table booking",
        "(select 1) = 1",
        "contact_id is null",
        "read_text('/etc/passwd') is null",
        "true -- and more",
        "true /* and more */",
        '"weight" = 1',
    ],
)
def test_a_condition_over_anything_else_is_refused(text: str) -> None:
    with pytest.raises(queries.UsageError) as caught:
        require_known_names(text)
    assert caught.value.code == "reconcile.condition"


def test_every_row_can_be_counted(case: Case) -> None:
    for row in shipped_explanations():
        try:
            prepared(case.con, Scope(EVERYTHING, as_of_instant("2026-06-01"), (dt.date(2026, 3, 1),) * 2), [row])
        except duckdb.Error as error:
            pytest.fail(f"{row.key}: {error}")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('mised = "true"', "wrong: mised is not a part"),
        ("dropped = 5", "wrong: dropped = 5 is not a text"),
        ('last_day = "1"', "wrong: last_day = '1' is not a whole number"),
        ('units = "people"', "wrong: units is 'people', and not participants or rows"),
        ('each = "location"', "wrong: words have {value}"),
        ('dropped = "localhour < 12"', "wrong: dropped = 'localhour < 12' is not a condition over the fact: localhour"),
        ("", "wrong: it changes nothing"),
        ('dropped = "true"\n[[explanation]]\nkey = "wrong"\nwords = "w"\nsource = "s"\ndropped = "true"', "two"),
        ('[[explanation]]\nkey = "bare"', "bare: words is missing"),
    ],
)
def test_a_mistake_in_a_row_is_told_with_its_key(row: str, words: str) -> None:
    text = f'[[explanation]]\nkey = "wrong"\nwords = "w"\nsource = "s"\n{row}'
    with pytest.raises(ValueError, match=re.escape(words)):
        explanations_of(text if not row.startswith("[[") else row)


NEW = """
[[explanation]]
key = "mornings_out"
words = "leaves out mornings"
source = "reported by users"
dropped = "local_hour < 12"
"""


def test_a_row_that_a_newcomer_adds_is_tried_and_named(case: Case) -> None:
    bookings = [f"b{at} | s{at} | 2026-03-{1 + at % 28:02} {'08' if at % 3 else '18'}:00" for at in range(90)]
    marks = [f"b{at} | s{at} | {'NOT_ATTENDED' if at % 7 == 0 else 'ATTENDED'}" for at in range(90)]
    case.given(
        booking="\n".join(["booking | session | starts_at", *bookings]),
        attendance="\n".join(["booking | session | status", *marks]),
    )
    scope = Scope(EVERYTHING, as_of_instant("2026-06-01"))
    evenings = [at for at in range(90) if at % 3 == 0]
    says = read_said(f"{sum(at % 7 == 0 for at in evenings)}/{len(evenings)}")
    assert prepared(case.con, scope).answer(says).verdict == "none"
    found = prepared(case.con, scope, [*shipped_explanations(), *explanations_of(NEW)]).answer(says)
    assert (found.verdict, found.fits["explanation"].to_list()) == ("explained", ["mornings_out"])
    assert found.fits.select("rows_added", "rows_removed").row(0) == (0, 60)
    assert found.sentence.startswith("The other system leaves out mornings: that gives 5 of 30")
