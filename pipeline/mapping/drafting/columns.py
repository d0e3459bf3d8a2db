"""Choose the column of each field by its name, and check the choice by its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.mapping.drafting.guess import LIKELY, PERHAPS, SURE
from pipeline.mapping.drafting.parts import fields_of
from pipeline.mapping.drafting.profile import Column
from pipeline.mapping.drafting.vocabulary import fit, is_kind_of_person, is_number_of_person, is_total

# The share of a column's values that must look like the field's; a row of totals and a few typing errors may not.
_MOST = 0.9
# The weight of a name that is known by its parts, of one that is known as a whole.
_BY_PARTS = 0.95


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
    "weight": _is_number,
    "email": _is_word,
}


def chosen_columns(columns: list[Column]) -> dict[str, Chosen]:
    """Field -> the column chosen for it. A column is chosen once; the best name wins, then the order of `_TESTS`."""
    found = _best(columns)
    place = found.get("location")
    if place and "service" not in found and name_fit("service", place.column):
        # `Aula` is a room in Spanish and a class in Portuguese: without another column for it, it is the class.
        found = _best([column for column in columns if column is not place.column])
        found["service"] = place
    _complete(found, [column for column in columns if column not in [chosen.column for chosen in found.values()]])
    return found


def _best(columns: list[Column]) -> dict[str, Chosen]:
    scored = [
        (fits * _filled(name, column), -order, -place, name, column, fits)
        for order, (name, test) in enumerate(_TESTS.items())
        for place, column in enumerate(columns)
        if (fits := name_fit(name, column)) and test(column)
    ]
    found: dict[str, Chosen] = {}
    taken: set[str] = set()
    for _, _, _, name, column, fits in sorted(scored, key=lambda one: one[:3], reverse=True):
        if name not in found and column.name not in taken:
            found[name] = Chosen(column, SURE if fits == 1 else LIKELY)
            taken.add(column.name)
    return found


def _filled(name: str, column: Column) -> float:
    """The weight of a date by its share of values: nobody who stayed away has a `Treatment start`."""
    return column.filled / column.rows if name == "date" and column.rows else 1.0


def name_fit(name: str, column: Column) -> float:
    """How well a column's name fits a field, from 0 to 1: by itself, by its parts, or by a word in it."""
    if name == "client" and is_number_of_person(column.name):
        return 1.0
    if name in ("client", "name") and is_kind_of_person(column.name):
        return 0.0
    found = fit("columns", name, column.name)
    if found == 1:
        return found
    fields, share = fields_of(column.name)
    if fields:
        return _BY_PARTS * share if name in fields else 0.0
    return found


def _complete(found: dict[str, Chosen], left: list[Column]) -> None:
    """Take the only column of dates for the date, and the only one of times for its time, whatever their names."""
    for name, test in (("date", is_date), ("time", _is_clock)):
        fitting = [column for column in left if test(column)]
        if name not in found and len(fitting) == 1:
            found[name] = Chosen(fitting[0], PERHAPS)
    products = [column for column in left if fit("columns", "product", column.name) == 1 and _is_text(column)]
    if "service" not in found and products:
        found["service"] = Chosen(products[0], LIKELY)
    if "date" not in found and "booked" in found:
        # The only date of a file is that of the visit: restaurants call it the date of the reservation.
        found["date"] = Chosen(found.pop("booked").column, PERHAPS)
    if "date" in found and found["date"].column.dates.with_time:
        # `Start` has day and hour, so a column of times beside it is not a part of it.
        found.pop("time", None)
