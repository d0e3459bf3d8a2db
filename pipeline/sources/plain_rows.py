"""Split rows of CSV that have no quotes many at a time: it takes a sixth of the time of `csv.reader` row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from queries.model.rules import MAX_TEXT

BLANKS = " \t\u00a0"


@dataclass(frozen=True, slots=True)
class PlainRows:
    """Rows of one line each: a text column for each field, by its place; the lines; and how each line ends."""

    fields: list[pl.Series]
    raws: list[bytes]
    end: str


def plain_rows(lines: Sequence[str], separator: str, width: int) -> PlainRows | None:
    """The rows in some lines; or None if a line may not be a row of `width` fields and nothing else.

    That is so if there is a quote, since lines and separators may stand between quotes; if lines end in different ways;
    and if a line has another number of fields, no value at all, or a very long one.
    """
    text = "".join(lines)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    ends = len(lines) - (not lines[-1].endswith(end))
    if '"' in text or text.count(end) != ends or text.count("\r") != (ends if end == "\r\n" else 0):
        return None
    text = text.removesuffix(end)
    rows = pl.Series(text.split(end), dtype=pl.String)
    if (rows.str.len_chars() > MAX_TEXT).any() or (rows.str.strip_chars(BLANKS + separator) == "").any():
        return None
    if (rows.str.count_matches(separator, literal=True) != width - 1).any():
        return None
    fields = rows.str.split_exact(separator, width - 1).struct.unnest().get_columns()
    return PlainRows(fields, text.encode().split(end.encode()), end)
