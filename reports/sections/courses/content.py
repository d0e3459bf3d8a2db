"""How attendance of courses drops off from session to session, and who missed the majority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.measures.clustering import Clustering
from queries.measures.courses import with_standing
from queries.measures.rates import with_rates
from reports.drawing import words
from reports.scope.pseudonyms import NameParticipant, participant_namer
from reports.sections.courses.in_words import Number, drop_off_in_words
from reports.sections.section import Inputs

MOST_ENROLMENTS = 50


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An enrolment with the majority missed: the course, the share attended so far, and the best still possible."""

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
    """How many enrolments, the drop-off by session number, and who missed the majority, worst prospects first."""

    enrolments: int
    numbers: tuple[Number, ...]
    summary: str
    missed: tuple[Enrolment, ...]
    missed_total: int
    cap: str | None


def content(inputs: Inputs) -> Courses | None:
    """The section of a report; without a list of people if the source does not say who booked."""
    about, rows = inputs.about, inputs.frames.rows
    can_name = "participants" not in about.left_out
    return courses_of(
        rows["course_numbers"],
        rows["enrolments"],
        inputs.frames.clustering,
        participant_namer(about.options.names, about.pseudonym_key) if can_name else None,
        about.options.min_bookings,
    )


def courses_of(
    numbers: pl.DataFrame,
    enrolments: pl.DataFrame,
    clustering: Clustering,
    name_participant: NameParticipant | None,
    min_bookings: int,
) -> Courses | None:
    """From counts by session number and enrolments with their counts; None if nobody is enrolled.

    Without `name_participant` those who missed the majority are counted and not listed.
    """
    if not enrolments.height:
        return None
    rates = with_rates(numbers, clustering).sort("session_number")
    drop_off = tuple(_number(row, min_bookings) for row in rates.to_dicts())
    missed = (
        with_standing(enrolments)
        .filter("missed_majority")
        .sort(["best_still_possible", "no_shows", "booking_id"], descending=[False, True, False])
    )
    return Courses(
        enrolments=enrolments.height,
        numbers=drop_off,
        summary=drop_off_in_words(drop_off),
        missed=tuple(_enrolment(row, name_participant) for row in missed.head(MOST_ENROLMENTS).to_dicts())
        if name_participant
        else (),
        missed_total=missed.height,
        cap=f"{words.of(MOST_ENROLMENTS, missed.height)} shown" if missed.height > MOST_ENROLMENTS else None,
    )


def _number(row: Mapping[str, Any], min_bookings: int) -> Number:
    counts = (row["session_number"], row["missed_bookings"], row["rated_bookings"])
    if (row["rated_bookings"] or 0) < min_bookings:
        return Number(*counts, None, None, None)
    return Number(*counts, row["no_show_rate"], row["no_show_rate_low"], row["no_show_rate_high"])


def _enrolment(row: Mapping[str, Any], name_participant: NameParticipant) -> Enrolment:
    return Enrolment(
        who=name_participant(row["participant_id"], row["participant_name"]),
        service=words.clean(row["service"]),
        location=words.clean(row["location"], ""),
        attended=row["attended_bookings"],
        missed=row["no_shows"],
        unmarked=row["unmarked_bookings"],
        not_due=row["not_due"],
        so_far=row["attended_so_far"],
        best=row["best_still_possible"],
    )
