"""Frames of counts and rates go in; the content of the page, as plain values, comes out. No database, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports.words import anchor, count, interval, name, one_in, part_of, percent, plural

FULL_COVERAGE = 0.8
SHOWN = 20
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure beside the headline: what it is, its value, and a line that explains it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline: the rate and its interval (None where nothing is marked), its parts, and it all in one sentence."""

    rate: float | None
    low: float | None
    high: float | None
    no_shows: int
    marked: int
    due: int
    coverage: float | None
    big: str
    lead: str
    text: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of a ranking; `low`, `rate` and `high` draw its whisker, and are None where there is too little."""

    anchor: str
    label: str
    rate: str
    parts: str
    interval: str
    unmarked: str
    absent: str
    low: float | None
    middle: float | None
    high: float | None
    sort_rate: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranked table: its rows, what was left out, and the upper end of its scale."""

    key: str
    title: str
    words: str
    column: str
    rows: tuple[Ranked, ...]
    note: str
    scale: float
    overall: float | None


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the chart; rate and limits are None where nothing was marked."""

    monday: dt.date
    no_shows: int
    marked: int
    unmarked: int
    rate: float | None
    low: float | None
    high: float | None
    partial: bool


def headline(row: Row) -> Headline:
    """The headline of a row over everything (`no_show_rates(by=())`)."""
    rate, n, due = row["no_show_rate"], row["marked_bookings"], row["bookings"]
    told = interval(row["no_show_rate_low"], row["no_show_rate_high"])
    bounds = interval(row["bound_low"], row["bound_high"])
    coverage = percent(row["coverage"], 0)
    if not n:
        big, lead = "–", _nothing_marked(due)
        text = f"No no-show rate yet: {lead}"
    elif row["coverage"] < FULL_COVERAGE:
        big = bounds
        lead = (
            f"Only {part_of(n, due)} due bookings are marked ({coverage}), so the true rate lies between {bounds}. "
            f"Of those marked, {part_of(row['no_shows'], n)} did not come: {percent(rate)}, 95\u202f% interval {told}."
        )
        text = f"No-show rate between {bounds}: {lead}"
    else:
        big = percent(rate)
        often = f", {one_in(rate)}" if one_in(rate) else ""
        lead = f"{part_of(row['no_shows'], n)} marked bookings did not come{often}. 95\u202f% interval {told}."
        text = f"No-show rate {big}: {lead} {coverage} of {count(due)} due bookings are marked."
    return Headline(
        rate, row["no_show_rate_low"], row["no_show_rate_high"], row["no_shows"], n, due, row["coverage"],
        big, lead, text, _figures(row),
    )  # fmt: skip


def _nothing_marked(due: int) -> str:
    if not due:
        return "no booked session is due yet."
    return f"none of the {plural(due, 'due booking')} is marked as attended or not attended."


def _figures(row: Row) -> tuple[Figure, ...]:
    late = row["late_cancelled"]
    unmarked, sessions = plural(row["unmarked_bookings"], "booking"), plural(row["sessions_unmarked"], "session")
    seats = "cancel times are not known" if late is None else f"no-shows and {plural(late, 'late cancellation')}"
    return (
        Figure(
            "Marked",
            percent(row["coverage"], 0),
            f"{part_of(row['marked_bookings'], row['bookings'])} due bookings; the others are unknown",
        ),
        Figure(
            "If all or none of the unmarked came",
            interval(row["bound_low"], row["bound_high"]),
            f"{unmarked} in {sessions} without a mark",
        ),
        Figure(
            "Participants absent",
            percent(row["participant_no_show_rate"]),
            f"{part_of(row['absent'], row['booked_marked'])} booked participants, parties that came in part included",
        ),
        Figure("Seats lost late", percent(row["lost_seat_rate"]), seats),
    )


def ranking(
    frame: pl.DataFrame, key: str, title: str, words: str, column: str, rest: str, shown: int = SHOWN
) -> Ranking:
    """A ranking of groups as `no_show_rates` orders them; groups without due bookings are left out."""
    groups = frame.filter(pl.col("bookings") > 0)
    rows = tuple(_ranked(row, key) for row in groups.head(shown).iter_rows(named=True))
    total = int(groups["marked_bookings"].sum())
    return Ranking(
        key,
        title,
        words,
        column,
        rows,
        "" if groups.height <= shown else f"{shown} of {groups.height:,} are shown; the rest: {rest}.",
        _scale(rows),
        int(groups["no_shows"].sum()) / total if total else None,
    )


def _ranked(row: Row, key: str) -> Ranked:
    enough = not row["too_few"] and row["no_show_rate"] is not None
    label = name(row[key])
    return Ranked(
        anchor(key, str(row.get(f"{key}_id") or row[key])),
        label,
        percent(row["no_show_rate"]) if enough else "too few to say",
        part_of(row["no_shows"], row["marked_bookings"]),
        interval(row["no_show_rate_low"], row["no_show_rate_high"]) if enough else "",
        count(row["unmarked_bookings"]),
        count(row["absent"]),
        row["no_show_rate_low"] if enough else None,
        row["no_show_rate"] if enough else None,
        row["no_show_rate_high"] if enough else None,
        row["no_show_rate"] if enough else -1.0,
    )


def _scale(rows: tuple[Ranked, ...]) -> float:
    """The end of the whiskers' scale: the next tenth above the highest limit."""
    highest = max((row.high for row in rows if row.high is not None), default=0.0)
    return min(1.0, max(0.1, (int(highest * 10) + 1) / 10))


def weeks(frame: pl.DataFrame, first_day: dt.date | None, last_full_week: dt.date) -> tuple[Week, ...]:
    """Every week from the first to the last of `no_show_rates(by="week")`, those without a booking as gaps.

    A week is partial where the data begin after its Monday, or where it is later than `last_full_week`.
    """
    known = {row["week"]: row for row in frame.filter(pl.col("week").is_not_null()).iter_rows(named=True)}
    if not known:
        return ()
    first, last = min(known), max(known)
    mondays = [first + dt.timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    return tuple(
        _week(monday, known.get(monday), _partial(monday, first, first_day, last_full_week)) for monday in mondays
    )


def _partial(monday: dt.date, first: dt.date, first_day: dt.date | None, last_full_week: dt.date) -> bool:
    return monday > last_full_week or (monday == first and first_day is not None and first_day > monday)


def _week(monday: dt.date, row: Row | None, partial: bool) -> Week:
    if row is None:
        return Week(monday, 0, 0, 0, None, None, None, partial)
    return Week(
        monday, row["no_shows"], row["marked_bookings"], row["unmarked_bookings"],
        row["no_show_rate"], row["no_show_rate_low"], row["no_show_rate_high"], partial,
    )  # fmt: skip


def weeks_in_words(course: tuple[Week, ...]) -> str:
    """What the chart shows, for someone who cannot see it."""
    told = [week for week in course if week.rate is not None and not week.partial]
    if not told:
        return "No full week has marked bookings yet."
    lowest = min(told, key=lambda week: (week.rate, week.monday))
    highest = max(told, key=lambda week: (week.rate, week.monday))
    return (
        f"{plural(len(course), 'week')} from {course[0].monday} to {course[-1].monday}. In full weeks the rate lay "
        f"between "
        f"{percent(lowest.rate)} ({part_of(lowest.no_shows, lowest.marked)}, week of {lowest.monday}) and "
        f"{percent(highest.rate)} ({part_of(highest.no_shows, highest.marked)}, week of {highest.monday})."
    )
