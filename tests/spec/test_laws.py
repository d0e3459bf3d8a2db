"""Laws that hold for any records: the engines agree, groups add up, intervals are the oracle's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import oracle
from support.cases import Case
from support.records import Make

import queries
from queries.database import frame_of
from queries.model.groupings import groupings_named
from queries.model.vocabularies import MARKS
from queries.statements.grouped import counted_sql

AS_OF = "2026-06-01T00:00:00Z"
FIRST = dt.datetime(2026, 3, 2, 18)  # noqa: DTZ001
STATES = ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELED", "PENDING"]
CANCELLED = [None, dt.datetime(2026, 2, 21, 10), dt.datetime(2026, 3, 20, 10)]  # noqa: DTZ001
ADD_UP = ["bookings", "marked_bookings", "no_shows", "unmarked_bookings", "booked", "absent", "walk_ins", "sessions"]
BOOKINGS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from(["ATTENDED", "NOT_ATTENDED", "NOT_SET", None]),
        st.integers(0, 6),
        st.integers(0, 2),
        st.integers(0, 20),
        st.sampled_from(STATES),
        st.sampled_from(CANCELLED),
        st.sampled_from([None, *MARKS]),
        st.sampled_from([None, 1, 3]),
        st.booleans(),
        st.sampled_from([None, "c1", "c2", "c3"]),
    ),
    min_size=1,
    max_size=25,
)


def records_of(drawn: list[Any]) -> oracle.Records:
    """Bookings of slots, some of which share an event though their services differ, each with its mark, if any."""
    bookings, marks = [], []
    for n, (booked, status, number, service, day, state, cancelled, regime, weight, excused, who) in enumerate(drawn):
        key = {"event_id": Make.event(day), "session_key": Make.event(day), "load_id": 1}
        bookings.append(
            {"id": Make.guid(n, 1), "booked_entity": "slot", "status": state, "participants": booked,
             "service_id": Make.guid(service, 3), "service_name": "Yoga", "time_zone": "Europe/Dublin",
             "starts_at": FIRST + dt.timedelta(days=day), "created_at": dt.datetime(2026, 2, 20, 10),  # noqa: DTZ001
             "marks": regime, "weight": weight, "contact_id": who,
             "canceled_at": cancelled if state == "CANCELED" else None} | key
        )  # fmt: skip
        if status:
            marks.append(
                {
                    "id": Make.guid(n, 2),
                    "booking_id": Make.guid(n, 1),
                    "status": status,
                    "number_of_attendees": number,
                    "excused": excused and status == "NOT_SET",
                }
                | key
            )
    return oracle.Records(bookings=bookings, attendances=marks)


@pytest.mark.parametrize("examples", [1, pytest.param(6, marks=pytest.mark.long)])
def test_views_measures_and_oracle_agree_to_the_last_digit(case: Case, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    @given(BOOKINGS)
    def law(drawn: list[Any]) -> None:
        case.clear()
        case.load(records_of(drawn))
        require_agreement(case)

    law()


def test_counts_of_bookings_put_together_are_those_of_each_by_itself(case: Case) -> None:
    """Bookings that differ from a usual one in a single value, each of them there twice."""
    usual = (2, "ATTENDED", 2, 0, 0, "CONFIRMED", None, "both", 1, False, "c1")
    others: dict[int, list[Any]] = {
        0: [1, 3], 1: ["NOT_ATTENDED", "NOT_SET", None], 2: [0, 1, 5], 5: ["CANCELED"], 6: CANCELLED, 7: [None, *MARKS],
        8: [None, 3], 9: [True], 10: [None, "c2"],
    }  # fmt: skip
    changed = [(*usual[:at], value, *usual[at + 1 :]) for at, values in others.items() for value in values]
    excused = (*usual[:1], "NOT_SET", *usual[2:9], True, usual[10])
    cancelled = [(*usual[:5], "CANCELED", when, *usual[7:]) for when in CANCELLED]
    case.load(records_of([usual, *changed, excused, *cancelled] * 2 + [excused]))
    for names in ((), *((name,) for name in queries.GROUPINGS), ("week", "service")):
        groupings = groupings_named(names)
        rows = (
            "with counted as (from counted_at(timestamp '2026-06-01')) select unnest(counts), * exclude (counts) from"
        )
        together = frame_of(case.con, f"{rows} ({counted_sql(groupings, alike_first=True)})")
        by_itself = frame_of(case.con, f"{rows} ({counted_sql(groupings)})")
        assert together.height
        assert together.sort(together.columns).equals(by_itself.sort(together.columns)), names


BY_MACRO = (
    "select week, unnest(counts), unnest(no_show_rates_of(counts, clustering)) "
    "from (select date_trunc('week', local_date)::date as week, no_show_counts(p) as counts "
    "from counted_at(as_of_now()) as p group by week), "
    "(select clustering_of(k) as clustering from (select clusters_of(p) as k from counted_at(as_of_now()) as p))"
)


def require_agreement(case: Case) -> None:
    case.con.execute("set variable as_of = timestamp '2026-06-01'")
    for name in ("service", "session", "week"):
        key = queries.GROUPINGS[name].columns[0]
        ours = queries.no_show_rates(case.con, by=[name], as_of=AS_OF).sort(key, nulls_last=True)
        view = frame_of(case.con, f"from no_show_by_{name}").sort(key, nulls_last=True)
        assert view.equals(ours.select(view.columns)), name
    # The macros that count in one aggregate have the figures of the statements that group twice.
    by_macro = frame_of(case.con, BY_MACRO).sort("week", nulls_last=True)
    assert by_macro.equals(ours.select(by_macro.columns))
    whole = queries.no_show_rates(case.con, by=(), as_of=AS_OF)
    parts = queries.no_show_rates(case.con, by=["session"], as_of=AS_OF)
    for count in ADD_UP:
        assert parts[count].sum() == whole[count].item(), count
    if whole["no_show_rate"].item() is not None:
        k, n, effect = whole.select("missed_bookings", "rated_bookings", "design_effect").row(0)
        theirs = oracle.wilson(k / effect, n / effect)
        assert whole.select("no_show_rate_low", "no_show_rate_high").row(0) == pytest.approx(theirs, abs=1e-12)
    for by in ((), ("week",), ("party_size",), ("session",)):
        require_the_oracles(case, by)
    # Of bookings that are not the only ones of their contact in the session, a filter may leave one.
    require_the_oracles(case, ("session",), {"booked": {"$gte": 3}}, lambda row: row["booked"] >= 3)


def require_the_oracles(
    case: Case,
    by: tuple[str, ...],
    where: dict[str, Any] | None = None,
    passes: Callable[[Any], bool] = lambda row: True,
) -> None:
    rows = oracle.figures(case.records, by, AS_OF_NAIVE, passes)
    theirs = {tuple(row[name] for name in by): row for row in rows}
    for row in queries.no_show_rates(case.con, by, where, AS_OF).iter_rows(named=True):
        expected = theirs.pop(tuple(row[name] for name in by))
        assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-12), (by, where)
    assert not theirs


AS_OF_NAIVE = dt.datetime(2026, 6, 1)  # noqa: DTZ001
