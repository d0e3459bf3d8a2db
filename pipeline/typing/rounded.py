"""Recognise ids that a spreadsheet rounded: 487000123 became 4.87E+08, and so did the ids near it."""

from __future__ import annotations

import polars as pl

# Some locales write a comma: 4,87E+08.
_ROUNDED = r"^\s*[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+\s*$"


def is_rounded(texts: pl.Series) -> pl.Series:
    """Whether each text is a number in scientific notation; false for a missing one."""
    return texts.str.contains(_ROUNDED).fill_null(False)
