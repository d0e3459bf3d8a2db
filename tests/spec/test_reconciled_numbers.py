"""A number alone: counts are the report's own, several explanations are reported as several, and none as none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pytest
from support.cases import Case
from support.in_memory import in_memory_case

import queries
from queries.language.filters import read_filter
from queries.language.resources import BOOKED_SESSION
from queries.moments import as_of_instant
from queries.reconciling.asking import prepared
from queries.reconciling.cells import Scope
from queries.reconciling.said import read_said
from queries.reconciling.search import Tried, verdict_on

AS_OF = "2026-06-01T00:00:00Z"


@pytest.fixture(scope="module")
def studio() -> Iterator[Case]:
    with in_memory_case() as case:
        given(case)
        yield case


def given(case: Case, count: int = 240) -> None:
    """Bookings of 60 evenings: every ninth missed, every fifth unmarked, every eleventh cancelled two hours before."""
    bookings, marks = [], []
    for at in range(count):
        day = dt.date(2026, 3, 1) + dt.timedelta(days=at // 4)
        cancelled = "CANCELED | " + f"{day} 16:00" if at % 11 == 5 else "CONFIRMED |"
        place = "Harbour" if at % 4 else "Old Town"
        bookings.append(f"b{at} | s{at} | {day} 18:00 | {1 + at % 3 // 2} | {place} | {cancelled}")
        if at % 11 != 5 and at % 5:
            marks.append(f"b{at} | s{at} | {'NOT_ATTENDED' if at % 9 == 1 else 'ATTENDED'} | 1")
    case.given(
        booking="\n".join(["booking | session | starts_at | booked | location | status | canceled_at", *bookings]),
        attendance="\n".join(["booking | session | status | number", *marks]),
    )


def test_the_counts_of_every_definition_are_those_of_the_report(studio: Case) -> None:
    where = {"location": {"$in": ["Harbour", "Old Town"]}}
    definitions = queries.other_definitions(studio.con, where, AS_OF).drop_nulls("numerator")
    (own,) = queries.no_show_rates(studio.con, (), where, AS_OF).to_dicts()
    named = {"with_late_cancels": "late_cancelled", "unmarked_as_missed": "unmarked_missed", "headline": "own",
             "unmarked_as_shown": "unmarked_attended"}  # fmt: skip
    assert definitions.height == 6
    ask = prepared(studio.con, Scope(read_filter(BOOKED_SESSION, where), as_of_instant(AS_OF)))
    for key, _, part, whole, _ in definitions.iter_rows():
        found = ask.answer(read_said(f"{part}/{whole}"))
        assert named.get(key, key) in found.fits["explanation"].to_list(), key
        assert (found.numerator, found.denominator) == (own["missed_bookings"], own["rated_bookings"])
        assert found.rate == own["no_show_rate"]


def test_a_rate_that_many_definitions_give_names_none(studio: Case) -> None:
    found = queries.reconcile(studio.con, "8%", as_of=AS_OF)
    assert found.verdict == "several"
    assert found.fits["family"].n_unique() > 1
    assert "cannot be known from a rate alone" in found.sentence
    assert "give the counts (31/385) or their list (--with)" in found.sentence


def test_explanations_of_the_same_rows_are_named_together(studio: Case) -> None:
    counts = queries.other_definitions(studio.con, as_of=AS_OF).filter(definition="of_all_due")
    found = queries.reconcile(studio.con, f"{counts['numerator'][0]}/{counts['denominator'][0]}", as_of=AS_OF)
    assert found.verdict == "explained"
    assert found.fits["explanation"].to_list() == ["unmarked_attended", "of_all_due"]
    assert found.fits["family"].n_unique() == 1
    assert "the same rows here" in found.sentence


def test_a_number_that_no_definition_gives_is_not_explained(studio: Case) -> None:
    found = queries.reconcile(studio.con, "77/78", as_of=AS_OF)
    assert (found.verdict, found.fits.height) == ("none", 0)


def test_noshows_own_figure_is_no_difference(studio: Case) -> None:
    (own,) = queries.no_show_rates(studio.con, (), None, AS_OF).to_dicts()
    found = queries.reconcile(studio.con, f"{100 * own['no_show_rate']:.2f}%", as_of=AS_OF)
    assert (found.verdict, found.fits["explanation"].to_list()) == ("explained", ["own"])
    assert found.sentence.startswith("No difference")


def test_a_period_bounds_local_dates_as_in_the_report(studio: Case) -> None:
    first, last = dt.date(2026, 3, 5), dt.date(2026, 3, 20)
    where = {"localDate": {"$lte": last.isoformat(), "$gte": first.isoformat()}}
    (own,) = queries.no_show_rates(studio.con, (), where, AS_OF).to_dicts()
    found = queries.reconcile(studio.con, "3%", as_of=AS_OF, first=first, last=last)
    assert (found.numerator, found.denominator) == (own["missed_bookings"], own["rated_bookings"])


def test_the_difference_of_a_few_rows_is_not_named_since_errors_give_it_too(studio: Case) -> None:
    found = queries.reconcile(studio.con, "9%", as_of=AS_OF, last=dt.date(2026, 4, 20))
    day = {"localDate": "2026-04-20"}
    (own,) = queries.no_show_rates(studio.con, (), day, AS_OF).to_dicts()
    less = f"{found.numerator - own['missed_bookings']}/{found.denominator - own['rated_bookings']}"
    found = queries.reconcile(studio.con, less, as_of=AS_OF, last=dt.date(2026, 4, 20))
    assert found.verdict == "several"
    assert "last_day_out" in found.fits["explanation"].to_list()


def test_a_pair_is_not_named_for_a_mistyped_count() -> None:
    # The first explanation gives 51 of 585, and the second has one row more: so has 586, mistyped for 585.
    counts = {(): (184, 1_574), (0,): (51, 585), (1,): (184, 1_575), (0, 1): (51, 586)}
    part, whole = (np.array(column) for column in zip(*counts.values(), strict=True))
    tried = Tried(tuple(counts), part, whole, np.arange(4))
    said = read_said("51/586")
    families = tried.families(said.fits(part, whole))
    assert [family.definitions for family in families] == [((0, 1),)]
    assert verdict_on(families, 0.0, tried.by_errors(families)) == "several"
    # A second explanation of more rows than anybody mistypes is a reason.
    further = Tried(tuple(counts), part, whole + np.array([0, 0, 60, 60]), np.arange(4))
    families = further.families(read_said("51/646").fits(further.part, further.whole))
    assert verdict_on(families, 0.0, further.by_errors(families)) == "explained"


def test_a_period_that_ends_before_it_begins_is_refused(case: Case) -> None:
    with pytest.raises(queries.UsageError, match="ends before it begins"):
        queries.reconcile(case.con, "8%", first=dt.date(2026, 5, 1), last=dt.date(2026, 4, 1))


def test_a_period_may_end_with_the_last_date_there_is(case: Case) -> None:
    given(case)
    found = queries.reconcile(case.con, "8%", as_of=AS_OF, last=dt.date.max)
    assert found.denominator == queries.reconcile(case.con, "8%", as_of=AS_OF).denominator


def test_a_filter_that_matches_nothing_is_said(case: Case) -> None:
    given(case)
    found = queries.reconcile(case.con, "8%", where={"location": "Nowhere"}, as_of=AS_OF)
    assert (found.verdict, found.denominator) == ("none", 0)
    assert found.sentence.endswith("Here no booking counts: see the period and the filter.")


def test_nothing_to_reconcile_is_said(case: Case) -> None:
    with pytest.raises(queries.UsageError) as caught:
        queries.reconcile(case.con)
    assert caught.value.code == "reconcile.nothing"


def test_an_empty_database_has_no_figure(case: Case) -> None:
    found = queries.reconcile(case.con, "8%")
    assert (found.verdict, found.rate) == ("none", None)
