"""Make objects of the API from rows: plain columns go by their paths in the table, others have a function each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from queries.model.columns import MONEY_KINDS, Column, Entity

Wire = dict[str, Any]
Row = Mapping[str, Any]
# A path with dots, and the value that stands there; None is left out.
PathValue = tuple[str, Any]


def plain_values(entity: Entity, row: Row, within: str = "") -> Iterable[PathValue]:
    """The path and the JSON value of each plain column. A path that starts with `within` goes before `wire`."""
    for name, write, path in _writers(entity, within):
        value = row[name]
        if value is not None:
            yield path, write(value)


@cache
def _writers(entity: Entity, within: str) -> list[tuple[str, Callable[[Any], Any], str]]:
    """Of each column that is written: its name, its function, and its path."""
    return [(c.name, _writer(c), _path(c, within)) for c in entity.plain if not c.unsaid]


def _path(column: Column, within: str) -> str:
    """The first of the column's paths, or the one that starts with `within`."""
    paths = (column.wire, *column.also)
    return next((path for path in paths if within and path.startswith(within)), paths[0])


def _writer(column: Column) -> Callable[[Any], Any]:
    if column.kind == "instant":
        return utc
    if column.kind in MONEY_KINDS:
        return decimal_text
    return str if column.kind == "guid" or column.is_written_as_text else _as_it_is


def decimal_text(value: Decimal) -> str:
    """An amount as the API writes it, with two decimals, or with more if it has more: 12.50, 0.125."""
    return f"{value:.2f}" if value == round(value, 2) else format(value.normalize(), "f")


def _as_it_is(value: Any) -> Any:
    return value


def object_of(values: Iterable[PathValue]) -> Wire:
    """Paths and values as one object: `("slot.eventId", "e")` stands in the object `slot`. Nothing is null."""
    whole: Wire = {}
    for path, value in values:
        if value is None:
            continue
        part, end = whole, path
        if "." in path:
            *way, end = path.split(".")
            for name in way:
                part = part.setdefault(name, {})
        part[end] = value
    return whole


def utc(moment: dt.datetime | None) -> str | None:
    """A naive UTC moment as the API writes it."""
    return moment.isoformat(timespec=precision(moment)) + "Z" if moment else None


def precision(moment: dt.datetime) -> str:
    """Milliseconds, unless more is known."""
    return "microseconds" if moment.microsecond % 1000 else "milliseconds"
