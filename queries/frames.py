"""The rows of a statement as a Polars frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    import polars as pl


def frame_of(
    connection: duckdb.DuckDBPyConnection, text: str, parameters: Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """The rows of a query, with its values bound."""
    frame: pl.DataFrame = connection.sql(text, params=dict(parameters or {})).pl()
    return frame
