"""The Polars type of each kind of column."""

from __future__ import annotations

import polars as pl

from queries.model.columns import KINDS

_NOT_TEXT: dict[str, pl.DataType] = {
    "attendees": pl.Int64(),
    "whole": pl.Int64(),
    "sequence": pl.Decimal(20, 0),
    "money": pl.Decimal(18, 4),
    "signed_money": pl.Decimal(18, 4),
    "instant": pl.Datetime("us"),
    "flag": pl.Boolean(),
}
DTYPES = {kind: _NOT_TEXT.get(kind, pl.String()) for kind in KINDS}
