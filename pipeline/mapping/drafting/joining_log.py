"""Recognise a log of joining and leaving: a row for each time that somebody joined, and several rows a person."""

from __future__ import annotations

from pipeline.mapping.drafting.columns import Chosen, is_date
from pipeline.mapping.drafting.profile import Column
from pipeline.mapping.drafting.vocabulary import fit

# The start of a meeting is not in such a log, only its day.
AT = "12:00"


# Fields that differ between the rows of one person, and so are not the visit's.
OF_ROWS = ("date", "end", "time", "minutes")


def joined_in(chosen: dict[str, Chosen], columns: list[Column]) -> Column | None:
    """The column with the moment of joining, if another one has that of leaving and none has a date of the visit."""
    moments = [column for column in columns if is_date(column) and not column.blank]
    joined = next((column for column in moments if fit("log", "joined", column.name) == 1), None)
    left = next((column for column in columns if fit("log", "left", column.name) == 1), None)
    date = chosen.get("date")
    return joined if left and (date is None or date.column is joined) else None
