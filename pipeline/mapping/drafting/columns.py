"""Choose the column of each field by its name, and check the choice by its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.mapping.drafting.guess import LIKELY, PERHAPS, SURE
from pipeline.mapping.drafting.profile import Column
from pipeline.mapping.drafting.vocabulary import fit, is_kind_of_person, is_number_of_person, is_total

# The share of a column's values that must look like the field's; a row of totals and a few typing errors may not.
_MOST = 0.9


@dataclass(frozen=True)
class Chosen:
    """A column chosen for a field, and how sure the choice is."""

    column: Column
    sure: str


def is_date(column: Column) -> bool:
    """Whether the values of a column are dates."""
    # Of a short file one row of totals is a large share.
    totals = sum(count for value, count in column.values.items() if is_total(value))
    return column.dates.count > 0 and column.dates.count >= _MOST * (column.filled - totals)


def _is_time(column: Column) -> bool:
    return column.filled > 0 and column.share(column.times) >= _MOST


def _is_clock(column: Column) -> bool:
    """Whether the values can only be times: 4.50 may be a number."""
    return _is_time(column) and not any("." in value for value in column.values)


def _is_number(column: Column) -> bool:
    return column.filled > 0 and column.share(column.numbers) >= _MOST and not is_date(column) and not _is_time(column)


def _is_price(column: Column) -> bool:
    # 14.50 could be a time, too; the name decides.
    return column.share(column.numbers) >= 0.3 and not is_date(column)


def _is_text(column: Column) -> bool:
    return column.filled > 0 and not is_date(column) and not _is_time(column)


def _is_word(column: Column) -> bool:
    return _is_text(column) and not _is_number(column)


# Fields in the order in which they choose, each with the test of a column's values.
_TESTS: dict[str, Callable[[Column], bool]] = {
    "booked": is_date,
    "cancelled": is_date,
    "end": lambda column: is_date(column) or _is_time(column),
    "date": is_date,
    "time": _is_time,
    "client": _is_text,
    "id": _is_text,
    "first_name": _is_text,
    "last_name": _is_text,
    "name": _is_text,
    "staff": _is_text,
    "location": _is_text,
    "service": _is_text,
    "minutes": lambda column: column.filled > 0 and not is_date(column),
    "price": _is_price,
    "capacity": _is_number,
    "seats": _is_number,
    "email": _is_word,
}


def chosen_columns(columns: list[Column]) -> dict[str, Chosen]:
    """Field -> the column chosen for it. A column is chosen once; the best name wins, then the order of `_TESTS`."""
    scored = [
        (_fit(name, column), -order, -place, name, column)
        for order, (name, test) in enumerate(_TESTS.items())
        for place, column in enumerate(columns)
        if _fit(name, column) and test(column)
    ]
    found: dict[str, Chosen] = {}
    taken: set[str] = set()
    for score, _, _, name, column in sorted(scored, key=lambda one: one[:3], reverse=True):
        if name not in found and column.name not in taken:
            found[name] = Chosen(column, SURE if score == 1 else LIKELY)
            taken.add(column.name)
    _complete(found, [column for column in columns if column.name not in taken])
    return found


def _fit(name: str, column: Column) -> float:
    """How well a column's name fits a field, from 0 to 1."""
    if name == "client" and is_number_of_person(column.name):
        return 1.0
    if name in ("client", "name") and is_kind_of_person(column.name):
        return 0.0
    return fit("columns", name, column.name)


def _complete(found: dict[str, Chosen], left: list[Column]) -> None:
    """Take the only column of dates for the date, and the only one of times for its time, whatever their names."""
    for name, test in (("date", is_date), ("time", _is_clock)):
        fitting = [column for column in left if test(column)]
        if name not in found and len(fitting) == 1:
            found[name] = Chosen(fitting[0], PERHAPS)
    if "date" in found and found["date"].column.dates.with_time:
        # `Start` has day and hour, so a column of times beside it is not a part of it.
        found.pop("time", None)
