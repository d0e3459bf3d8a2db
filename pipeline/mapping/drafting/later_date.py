"""Take the later of two dates for the visit and the earlier for its booking, if their names do not settle it."""

from __future__ import annotations

import polars as pl

from pipeline.mapping.drafting.columns import Chosen, is_date
from pipeline.mapping.drafting.guess import LIKELY, SURE
from pipeline.mapping.drafting.profile import Column, day_of, order_of
from pipeline.mapping.drafting.vocabulary import fit

_ROWS_COMPARED = 1_000


def by_time(chosen: dict[str, Chosen], columns: list[Column], frame: pl.DataFrame) -> dict[str, Chosen]:
    """The choice with the dates of the visit and of its booking distinguished by which is the earlier."""
    return _with_earlier_date(_with_later_date(chosen, columns, frame), columns, frame)


def _with_earlier_date(chosen: dict[str, Chosen], columns: list[Column], frame: pl.DataFrame) -> dict[str, Chosen]:
    """The choice with the moment of the booking: `Scheduled day`, if it is never after the day of the visit."""
    date = chosen.get("date")
    if date is None or date.column.blank or "booked" in chosen:
        return chosen
    held = {one.column.name for one in chosen.values()}
    free = [column for column in columns if column.name not in held and is_date(column) and not column.blank]
    found = [one for one in free if fit("either", "dates", one.name) == 1 and _is_earlier(one, date.column, frame)]
    return chosen | {"booked": Chosen(found[0], LIKELY)} if len(found) == 1 else chosen


def _with_later_date(chosen: dict[str, Chosen], columns: list[Column], frame: pl.DataFrame) -> dict[str, Chosen]:
    """The choice with the later of two dates for the visit, if one is never after the other.

    Nobody books after a visit. Names do not always settle it: `Data do agendamento` may be the day of the visit or that
    of its booking. A name that can only be the visit's stays, since payments and the like come later.
    """
    date = chosen.get("date")
    if date is None or date.column.blank or (date.sure == SURE and not fit("either", "dates", date.column.name)):
        return chosen
    held = {one.column.name for name, one in chosen.items() if name not in ("date", "booked")}
    others = [column for column in columns if is_date(column) and not column.blank and column.name not in held]
    later = [one for one in others if one is not date.column and _is_earlier(date.column, one, frame)]
    if len(later) != 1:
        return chosen
    made = chosen | {"date": Chosen(later[0], LIKELY), "booked": Chosen(date.column, LIKELY)}
    times = [one for one in columns if one.name not in held and one.times == one.filled > 0]
    if len(times) == 1 and "time" not in chosen and not later[0].dates.with_time:
        made["time"] = Chosen(times[0], LIKELY)
    return made


def _is_earlier(first: Column, second: Column, frame: pl.DataFrame) -> bool:
    """Whether the days of one column are never after those of the other, and before them in most rows."""
    orders = [order_of(column.dates)[0] for column in (first, second)]
    pairs = frame.select(first.name, second.name).head(_ROWS_COMPARED).rows()
    days = [[day_of(text, order) for text, order in zip(pair, orders, strict=True)] for pair in pairs]
    both = [(one, other) for one, other in days if one and other]
    return bool(both) and all(a <= b for a, b in both) and sum(a < b for a, b in both) * 2 > len(both)
