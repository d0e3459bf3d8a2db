"""Statements for the days ahead: how many bookings of a group are expected to be missed, with an interval.

Chances have 12 digits and add up exactly, so that a sum is the same in any order of the rows. Variances do not add
up, since bookings of one session or contact are alike and a rate that is too low is so for all bookings of its group.
The variance of a sum is that of independent bookings, and for each of these three the sum over pairs, less that of
people who come again: `queries/upcoming.md` has the formula.
"""

from __future__ import annotations

import datetime as dt

from queries.language.filters import EVERYTHING, Node
from queries.model.groupings import GROUPINGS, Grouping
from queries.moments import days_after
from queries.statements.conditions import where_sql
from queries.statements.literals import Parameters, literal

_DEVIATION = "sqrt(p.no_show_chance * (1 - p.no_show_chance))"
_ALIKE = (
    f"sum({_DEVIATION} * p.weight) as deviations, sum(p.no_show_chance * (1 - p.no_show_chance) * p.weight) as squares",
    "sum(deviations * deviations - squares) as pairs",
)
# Name -> cluster, condition, sums within each cluster, and their sum over the clusters of a group.
_CLUSTERS = {
    "by_session": ("p.session_id", "true", *_ALIKE),
    "by_contact": ("p.participant_id", "p.participant_id is not null", *_ALIKE),
    "by_rate": (
        "p.rate_group",
        "true",
        "sum(p.weight) as n, max(p.rate_variance) as variance",
        "sum(n * n * variance) as pairs",
    ),
    "by_seats": (
        "p.session_id",
        "true",
        "max(p.capacity) as seats",
        "count(*) as sessions, sum(seats)::bigint as seats",
    ),
}
# The columns of a session beside its id.
_OF_A_SESSION = ("service_id", "service", "service_type", "location", "staff", "starts_at", "local_start")


def sums_ahead_sql(grouping: Grouping | None, rows: str, waiting: str, part: str = "") -> str:
    """Bookings ahead by a grouping, or all of them: how many are expected to be missed, with a 95 % interval.

    `rows` is a statement for rows of the macro `bookings_ahead_at`, `waiting` one for rows of bookings on a waiting
    list; `part` is a column of both by which groups are kept apart. Columns: the part, the group columns (of a session
    also its service, place and start), sessions, bookings, booked, seats, waiting, expected_no_shows, no_shows_low and
    no_shows_high; in the order of the starts for sessions, else of the expected no-shows.
    """
    keys = {**({part: f"p.{part}"} if part else {}), **({grouping.columns[0]: grouping.key} if grouping else {})}
    made = "".join(f"{sql} as key_{at}, " for at, sql in enumerate(keys.values()))
    names = [f"key_{at}" for at in range(len(keys))]
    grouped = f" group by {', '.join(names)}" if names else ""
    labels = _labels(grouping)
    clusters = ",\n".join(
        f"{name} as (select {''.join(f'{key}, ' for key in names)}{summed} from "
        f"(select {made}{cluster} as cluster, {inner} from ahead as p where {condition} group by all){grouped})"
        for name, (cluster, condition, inner, summed) in _CLUSTERS.items()
    )
    joined = " ".join(
        f"left join {name} on {' and '.join(f'{name}.{key} is not distinct from s.{key}' for key in names) or 'true'}"
        for name in (*_CLUSTERS, "waiting")
    )
    shown = ", ".join([*(f"{name} as {column}" for name, column in zip(names, keys, strict=True)), *labels])
    return f"""with
ahead as materialized ({rows}),
waiting as (select {made}sum(p.booked * p.weight)::bigint as waiting from ({waiting}) as p{grouped}),
summed as (
    select {made}{"".join(f"{sql} as {name}, " for name, sql in labels.items())}
        coalesce(sum(p.weight), 0)::bigint as bookings,
        coalesce(sum(p.booked * p.weight), 0)::bigint as booked,
        sum(p.no_show_chance::decimal(18, 12) * p.weight)::double as expected_no_shows,
        {_sum_in_order("p.no_show_chance * (1 - p.no_show_chance) * p.weight")} as independent,
        {_sum_in_order(f"{_DEVIATION} * p.weight")} as deviations,
        {_sum_in_order(f"{_DEVIATION} * p.contact_share")} as seen_deviations,
        max(p.session_correlation) as session_correlation,
        max(p.contact_correlation) as contact_correlation
    from ahead as p{grouped}
),
{clusters},
with_variance as (
    select s.*, coalesce(by_seats.sessions, 0) as sessions, by_seats.seats, coalesce(waiting.waiting, 0) as waiting,
        greatest(s.independent, s.independent + s.session_correlation * by_session.pairs
            + coalesce(s.contact_correlation * by_contact.pairs, 0) + by_rate.pairs
            - 2 * s.contact_correlation * s.deviations * s.seen_deviations) as variance
    from summed as s {joined}
),
with_numbers as (
    select *, case when expected_no_shows > 0 and expected_no_shows < bookings then numbers_within(likely_numbers(
        bookings, expected_no_shows / bookings, correlation_of_sum(bookings, expected_no_shows, variance),
        greatest(10, 10 * sqrt(variance))
    )) else struct_pack(
        held := 1.0::double, low := expected_no_shows::bigint, high := expected_no_shows::bigint
    ) end as numbers
    from with_variance
)
select
    {shown}{", " if shown else ""}sessions, bookings, booked, seats, waiting, expected_no_shows,
    numbers.low as no_shows_low, numbers.high as no_shows_high
from with_numbers
order by {_order(grouping, names)}"""


def _sum_in_order(floats: str) -> str:
    """A sum of floats from the smallest on: its last digits depend on the order, and threads add up in any."""
    return f"sum({floats} order by {floats})"


def sums_of_roster_sql(grouping: Grouping | None, as_of: dt.datetime, days: int) -> str:
    """The sums of `sums_ahead_sql` over the rows of `ahead_of_roster_sql`, kept apart by the roster's `part`."""
    return sums_ahead_sql(grouping, *ahead_of_roster_sql(as_of, days), "part")


def ahead_of_roster_sql(as_of: dt.datetime, days: int) -> tuple[str, str]:
    """The statements for the bookings of `roster` that start within some days of a moment (naive, UTC).

    Those booked and those on a waiting list, each with the roster's `part`. Chances are taken from all bookings,
    whatever the roster leaves out.
    """
    moment, until = literal(as_of), literal(days_after(as_of, days))
    booked, waiting = (
        f"select a.*, r.part from {relation}({moment}) as a "
        f"join roster as r on r.booking_id = a.booking_id and r.session_id = a.session_id where a.starts_at < {until}"
        for relation in ("bookings_ahead_at", "waiting_at")
    )
    return booked, waiting


def rows_ahead_sql(relation: str, node: Node, until: dt.datetime | None, parameters: Parameters) -> str:
    """The rows of `bookings_ahead_at` or `waiting_at` that pass a filter and start before a moment (naive, UTC).

    Adds the values that the statement binds, `as_of` excepted, to `parameters`.
    """
    kept = []
    if until:
        parameters["until"] = until
        kept.append("a.starts_at < $until")
    if node != EVERYTHING:
        pairs = f"select p.booking_id, p.session_id from booking_session as p where {where_sql(node, parameters)}"
        kept.append(f"(a.booking_id, a.session_id) in ({pairs})")
    return f"select a.* from {relation}($as_of) as a" + (f" where {' and '.join(kept)}" if kept else "")


def upcoming_sessions_view_sql() -> str:
    """The view `upcoming_sessions`: every session ahead at the moment that the views are set to."""
    text = sums_ahead_sql(GROUPINGS["session"], "from bookings_ahead_at(as_of_now())", "from waiting_at(as_of_now())")
    meaning = "Sessions that have not begun: booked, waiting, and how many no-shows are expected, with a 95 % interval"
    return (
        f"create or replace view upcoming_sessions as {text}; comment on view upcoming_sessions is {literal(meaning)}"
    )


def _labels(grouping: Grouping | None) -> dict[str, str]:
    """The columns that name a group, with the aggregates that they are."""
    if grouping is None:
        return {}
    if grouping.name == "session":
        return {name: f"max(p.{name})" for name in _OF_A_SESSION}
    return {grouping.name: grouping.label} if grouping.label else {}


def _order(grouping: Grouping | None, names: list[str]) -> str:
    if grouping is not None and grouping.name == "session":
        return ", ".join(["starts_at", *names])
    return ", ".join(["expected_no_shows desc", *names])
