"""Recognise ids that a spreadsheet rounded: 487000123 became 4.87E+08, and so did the ids near it."""

from __future__ import annotations

import polars as pl

# Some locales write a comma: 4,87E+08.
_ROUNDED = r"^\s*[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+\s*$"
# The same as one part of an id that a mapping makes of several: `4.87E+08 2026-06-01`. A whole mantissa does not count
# here, nor letters and digits beside it: `x1E+22y` may be part of a code.
_PART = r"(?:^|[^0-9A-Za-z.,])[0-9][.,][0-9]+[eE]\+[0-9]{2,3}(?:$|[^0-9A-Za-z])"


def is_rounded(texts: pl.Series) -> pl.Series:
    """Whether each text is a number in scientific notation, or has one as a part; false for a missing one."""
    return texts.str.contains(f"{_ROUNDED}|{_PART}").fill_null(False)
