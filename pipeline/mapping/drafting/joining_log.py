"""Recognise a log of joining and leaving: a row for each time that somebody joined, and several rows a person."""

from __future__ import annotations

from pipeline.mapping.drafting.columns import is_date
from pipeline.mapping.drafting.profile import Column
from pipeline.mapping.drafting.vocabulary import fit

# The start of a meeting is not in such a log, only its day.
AT = "12:00"


def joined_column(columns: list[Column]) -> Column | None:
    """The column with the moment of joining, if another one has that of leaving, or None."""
    moments = [column for column in columns if is_date(column) and not column.blank]
    joined = next((column for column in moments if fit("log", "joined", column.name) == 1), None)
    left = next((column for column in columns if fit("log", "left", column.name) == 1), None)
    return joined if left else None
