"""Contacts with repeat no-shows, under pseudonyms or by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from reports.drawing import words
from reports.drawing.anchors import row_id
from reports.scope.pseudonyms import NameParticipant, participant_namer, pseudonym
from reports.sections.headline import content as headline
from reports.sections.section import Inputs

MOST_CONTACTS = 20
# One contact stands out with at least so many no-shows, if that is so many times those of the next.
_MANY, _FAR_ABOVE = 10, 3


@dataclass(frozen=True, slots=True)
class Repeat:
    """A contact with two or more no-shows within a year."""

    id: str
    who: str
    in_a_year: int
    no_shows: int
    marked: int
    bookings: int
    last: dt.date | None


@dataclass(frozen=True, slots=True)
class Participants:
    """Repeat no-shows, the most within a year first. `share` is their part of all no-shows, 0 to 1.

    `most` is the one with most no-shows, and `next_no_shows` the number of the next, 0 without one.

    Without `are_known` the source names no contacts; without `is_rated` no booking has an outcome.
    """

    repeats: tuple[Repeat, ...]
    total: int
    no_shows: int
    share: float | None
    cap: str | None
    are_known: bool = True
    is_rated: bool = True
    most: Repeat | None = None
    next_no_shows: int = 0

    @property
    def alone(self) -> Repeat | None:
        """The contact with so many no-shows more than any other that they are a matter of their own; None without."""
        is_far = self.most is not None and self.most.no_shows >= max(_MANY, _FAR_ABOVE * self.next_no_shows)
        return self.most if is_far else None


def content(inputs: Inputs) -> Participants:
    """The section of a report."""
    about, rows = inputs.about, inputs.frames.rows
    overall = headline.content(inputs)
    found = participants_of(
        rows["repeat_no_shows"], overall.missed_bookings or 0, about.options.names, about.pseudonym_key
    )
    is_rated = bool(overall.rated_bookings)
    return replace(found, are_known=not is_rated or not rows["concentration"].is_empty(), is_rated=is_rated)


def participants_of(rows: pl.DataFrame, all_no_shows: int, names: bool, key: str) -> Participants:
    """From the measure `repeat_no_shows`, a row a contact."""
    name_participant = participant_namer(names, key)
    ordered = rows.sort(["no_shows_in_a_year", "no_shows", "participant_id"], descending=[True, True, False])
    theirs = int(rows["no_shows"].sum())
    most = rows.sort(["no_shows", "participant_id"], descending=[True, False]).head(2)
    return Participants(
        repeats=tuple(_repeat(row, name_participant, key) for row in ordered.head(MOST_CONTACTS).to_dicts()),
        total=rows.height,
        no_shows=theirs,
        share=theirs / all_no_shows if all_no_shows else None,
        cap=f"{words.of(MOST_CONTACTS, rows.height)} shown, the most first" if rows.height > MOST_CONTACTS else None,
        most=_repeat(most.row(0, named=True), name_participant, key) if most.height else None,
        next_no_shows=int(most["no_shows"][1]) if most.height > 1 else 0,
    )


def _repeat(row: Mapping[str, Any], name_participant: NameParticipant, key: str) -> Repeat:
    return Repeat(
        id=row_id("participant", None, pseudonym(key, row["participant_id"])),
        who=name_participant(row["participant_id"], row["participant_name"]),
        in_a_year=row["no_shows_in_a_year"],
        no_shows=row["no_shows"],
        marked=row["rated_bookings"],
        bookings=row["bookings"],
        last=row["last_no_show"],
    )
