"""Rates by the values of attributes of the bookings, such as whether a reminder was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from queries.model.attributes import PREFIX
from reports.drawing import words
from reports.drawing.rate_rows import RateRow, rate_row
from reports.drawing.sentences import Sentence, say
from reports.sections.section import Inputs

MOST_VALUES = 25
# Of the values with a rate. They are named and no difference is claimed: bookings may differ in other things as well.
TITLES: Sequence[Sentence[Sequence[RateRow]]] = (
    Sentence("Too few bookings to compare.", lambda known: len(known) < 2),
    Sentence(
        "{low} at {low_name} ({low_counts}), {high} at {high_name} ({high_counts}).", lambda known: len(known) > 1
    ),
)


def values_in_words(values: Sequence[RateRow]) -> str:
    """The values with the lowest and the highest rate; of equal ones the first and the last."""
    known = [row for row in values if row.rate is not None]
    found: dict[str, str] = {}
    if known:
        ordered = sorted(known, key=lambda row: row.rate or 0.0)
        for end, row in (("low", ordered[0]), ("high", ordered[-1])):
            found |= {end: words.percent(row.rate), f"{end}_name": row.name}
            found[f"{end}_counts"] = words.of(row.no_shows, row.marked)
    return say(known, TITLES, found)


@dataclass(frozen=True, slots=True)
class ByAttribute:
    """The rates by one attribute: its name, the name of its frame, its values by number of bookings, and a cap."""

    name: str
    frame: str
    values: tuple[RateRow, ...]
    cap: str | None

    @property
    def title(self) -> str:
        """The lowest and the highest rate of its values."""
        return values_in_words(self.values)


def content(inputs: Inputs) -> tuple[ByAttribute, ...]:
    """A table for each attribute of the options, in their order."""
    frames = inputs.frames.by
    return tuple(by_attribute(name, frames[f"{PREFIX}{name}"]) for name in inputs.about.options.attributes)


def by_attribute(name: str, rates: pl.DataFrame) -> ByAttribute:
    """From rates by the grouping `attributes.<name>`; bookings without the attribute stand last.

    Without values if no booking has the attribute.
    """
    key = f"{PREFIX}{name}"
    due = rates.filter(pl.col("bookings") > 0).sort(
        pl.col(key).is_null(), "bookings", key, descending=[False, True, False], nulls_last=True
    )
    if not due[key].is_not_null().any():
        return ByAttribute(name, key, (), None)
    rows = tuple(rate_row(value_in_words(row[key]), row) for row in due.head(MOST_VALUES).to_dicts())
    cap = f"{words.of(MOST_VALUES, due.height)} values shown" if due.height > MOST_VALUES else None
    return ByAttribute(name, key, rows, cap)


def value_in_words(value: str | None) -> str:
    """A value of an attribute as it is shown: true and false as yes and no."""
    named = {"true": "yes", "false": "no", None: "(not given)"}
    return named[value] if value in named else words.clean(value, "(empty)")
