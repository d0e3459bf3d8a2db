"""Counts by session number and enrolments go in; the drop-off of courses and who missed the majority come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.measures.courses import with_standing
from queries.measures.rates import with_rates
from reports.page import words

SHOWN = 50
# A participant's id and name (or None) as a row, to what the report calls them.
Called = Callable[[str | None, str | None], str]


@dataclass(frozen=True, slots=True)
class Number:
    """A session of a course by its number, over all courses: rate and interval are None where too few are marked."""

    number: int
    no_shows: int | None
    marked: int | None
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One who missed the majority: the course, what was attended so far, and the most that is still possible."""

    who: str
    service: str
    location: str
    attended: int
    missed: int
    unmarked: int
    not_due: int
    so_far: float | None
    best: float | None


@dataclass(frozen=True, slots=True)
class Courses:
    """Courses: how many enrolments, the drop-off by session number, who missed the majority, worst prospects first."""

    enrolments: int
    numbers: tuple[Number, ...]
    summary: str
    missed: tuple[Enrolment, ...]
    missed_total: int
    cap: str | None


def courses_of(
    numbers: pl.DataFrame, enrolments: pl.DataFrame, called: Called | None, min_bookings: int
) -> Courses | None:
    """From counts by session number and enrolments with their counts; None where nobody is enrolled.

    Where nobody can be `called` anything, those who missed the majority are counted and not listed.
    """
    if not enrolments.height:
        return None
    drop_off = tuple(_number(row, min_bookings) for row in with_rates(numbers).sort("session_number").to_dicts())
    missed = (
        with_standing(enrolments)
        .filter("missed_majority")
        .sort(["best_still_possible", "no_shows", "booking_id"], descending=[False, True, False])
    )
    return Courses(
        enrolments=enrolments.height,
        numbers=drop_off,
        summary=_summary(drop_off),
        missed=tuple(_enrolment(row, called) for row in missed.head(SHOWN).to_dicts()) if called else (),
        missed_total=missed.height,
        cap=f"{words.of(SHOWN, missed.height)} shown" if missed.height > SHOWN else None,
    )


def _number(row: Mapping[str, Any], min_bookings: int) -> Number:
    counts = (row["session_number"], row["no_shows"], row["marked_bookings"])
    if (row["marked_bookings"] or 0) < min_bookings:
        return Number(*counts, None, None, None)
    return Number(*counts, row["no_show_rate"], row["no_show_rate_low"], row["no_show_rate_high"])


def _summary(numbers: tuple[Number, ...]) -> str:
    told = [number for number in numbers if number.rate is not None]
    if len(told) < 2:
        return "Too few marked bookings to tell how attendance changes from session to session."
    first, last = told[0], told[-1]
    return (
        f"At session {first.number}, {words.percent(first.rate)} of the enrolled stay away "
        f"({words.of(first.no_shows, first.marked)}); at session {last.number}, {words.percent(last.rate)} "
        f"({words.of(last.no_shows, last.marked)})."
    )


def _enrolment(row: Mapping[str, Any], called: Called) -> Enrolment:
    return Enrolment(
        who=called(row["participant_id"], row["participant_name"]),
        service=words.clean(row["service"]),
        location=words.clean(row["location"], ""),
        attended=row["attended_bookings"],
        missed=row["no_shows"],
        unmarked=row["unmarked_bookings"],
        not_due=row["not_due"],
        so_far=row["attended_so_far"],
        best=row["best_still_possible"],
    )
