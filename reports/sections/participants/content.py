"""Contacts with repeat no-shows go in; the table of who they are, under pseudonyms or by name, comes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports.page import words
from reports.scope.options import pseudonym
from reports.sections.where.rankings import row_id

SHOWN = 20


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
    """Repeat no-shows, the most within a year first. `share` is their part of all no-shows, 0 to 1."""

    repeats: tuple[Repeat, ...]
    total: int
    no_shows: int
    share: float | None
    cap: str | None


def caller(names: bool, key: str) -> Callable[[str | None, str | None], str]:
    """What a participant (id, name) is called: a pseudonym under the key, or the name where names are asked for."""

    def called(participant_id: str | None, name: str | None) -> str:
        if participant_id is None:
            return "nobody known"
        if names and name:
            return words.clean(name)
        return pseudonym(key, participant_id)

    return called


def participants_of(rows: pl.DataFrame, all_no_shows: int, names: bool, key: str) -> Participants:
    """From the measure `repeat_no_shows`, a row a contact."""
    called = caller(names, key)
    ordered = rows.sort(["no_shows_in_a_year", "no_shows", "participant_id"], descending=[True, True, False])
    theirs = int(rows["no_shows"].sum())
    return Participants(
        repeats=tuple(_repeat(row, called, key) for row in ordered.head(SHOWN).to_dicts()),
        total=rows.height,
        no_shows=theirs,
        share=theirs / all_no_shows if all_no_shows else None,
        cap=f"{words.of(SHOWN, rows.height)} shown, the most first" if rows.height > SHOWN else None,
    )


def _repeat(row: Mapping[str, Any], called: Callable[[str | None, str | None], str], key: str) -> Repeat:
    return Repeat(
        id=row_id("participant", None, pseudonym(key, row["participant_id"])),
        who=called(row["participant_id"], row["participant_name"]),
        in_a_year=row["no_shows_in_a_year"],
        no_shows=row["no_shows"],
        marked=row["marked_bookings"],
        bookings=row["bookings"],
        last=row["last_no_show"],
    )
