"""The table of explanations: rules by which other systems count differently, read from `explanations.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Literal

from queries.packaged import packaged_text

# What a row counts as: bookings (weights), participants, or 1.
Units = Literal["", "participants", "rows"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A row of the table, as the head of `explanations.toml` describes it.

    `value` is set in those that are made of one with `each` or `each_zone`: the value, as it is shown.
    """

    key: str
    words: str
    source: str
    missed: str = ""
    counted: str = ""
    came: str = ""
    dropped: str = ""
    date: str = ""
    last_day: int = 0
    due: str = ""
    units: Units = ""
    more: str = ""
    each: str = ""
    each_zone: bool = False
    zones: tuple[str, ...] = ()
    value: str = field(default="", kw_only=True)

    @property
    def name(self) -> str:
        """The key, with its value if it has one: `location_out: Harbour`."""
        return f"{self.key}: {self.value}" if self.value else self.key

    @property
    def sets(self) -> frozenset[str]:
        """The parts of a definition that it replaces: two explanations that set the same exclude each other."""
        own = (("period", self.date or self.last_day), ("due", self.due), ("units", self.units))
        return frozenset(part for part, is_set in own if is_set)

    @property
    def is_of_units(self) -> bool:
        """Whether it changes how much a row counts for, and not which rows count."""
        return bool(self.units or self.more)

    def of(self, value: str) -> Explanation:
        """The explanation for one value of its column or zone, in words too."""
        return replace(self, value=value, words=self.words.format(value=value))


@cache
def shipped_explanations() -> tuple[Explanation, ...]:
    """The explanations that noshow knows, in the order of the table."""
    return explanations_of(packaged_text("queries", "reconciling", "explanations.toml"))


def explanations_of(text: str) -> tuple[Explanation, ...]:
    """The explanations of a table in TOML. Raises `ValueError` for a name that a table does not have."""
    known = {each.name for each in fields(Explanation)} - {"value"}
    found = []
    for row in tomllib.loads(text)["explanation"]:
        if unknown := row.keys() - known:
            raise ValueError(f"{row.get('key')}: {', '.join(sorted(unknown))} is not a part of an explanation")
        found.append(Explanation(**{**row, "zones": tuple(row.get("zones", ()))}))
    return tuple(found)
