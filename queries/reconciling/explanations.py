"""The table of explanations: rules by which other systems count differently, read from `explanations.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal, get_args

from queries.errors import UsageError
from queries.packaged import packaged_text
from queries.statements.reconcile import require_known_names

# The units that a row counts: bookings (weights), participants, or 1.
Units = Literal["", "participants", "rows"]
# The parts of an explanation in SQL, those that it has to have, and the types of all in words.
CONDITIONS = ("missed", "counted", "came", "dropped", "date", "due", "more")
_NEEDED = ("key", "words", "source")
_TYPES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list"}


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
    """The explanations of a table in TOML. Raises `ValueError` for a row that is not as the head of the table says."""
    rows = tomllib.loads(text).get("explanation", [])
    found = [_explanation(row) for row in rows]
    if twice := [key for key, count in Counter(each.key for each in found).items() if count > 1]:
        raise ValueError(f"{twice[0]}: two explanations have this key")
    return tuple(found)


def _explanation(row: Mapping[str, Any]) -> Explanation:
    key = row.get("key", "an explanation without a key")
    known = {each.name: type(each.default) for each in fields(Explanation) if each.name != "value"}
    known |= dict.fromkeys(_NEEDED, str) | {"zones": list}
    for name, value in row.items():
        if name not in known:
            raise ValueError(f"{key}: {name} is not a part of an explanation")
        if type(value) is not known[name]:
            raise ValueError(f"{key}: {name} = {value!r} is not {_TYPES[known[name]]}")
    if missing := [name for name in _NEEDED if not row.get(name)]:
        raise ValueError(f"{key}: {missing[0]} is missing")
    found = Explanation(**{**row, "zones": tuple(row.get("zones", ()))})
    if found.units not in get_args(Units):
        raise ValueError(f"{key}: units is {found.units!r}, and not {' or '.join(filter(None, get_args(Units)))}")
    if ("{value}" in found.words) != bool(found.each or found.each_zone):
        raise ValueError(
            f"{key}: words have {{value}} if there is one explanation for each value or zone, and only then"
        )
    if not any(getattr(found, part) for part in (*CONDITIONS, "last_day", "units", "each")):
        raise ValueError(f"{key}: it changes nothing")
    for part in (*CONDITIONS, "each"):
        _require_known_names(found, part)
    return found


def _require_known_names(found: Explanation, part: str) -> None:
    try:
        require_known_names(getattr(found, part))
    except UsageError as error:
        raise ValueError(f"{found.key}: {part} = {error.message}. {error.hint}") from None
