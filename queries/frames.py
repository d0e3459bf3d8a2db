"""A query and its values go in; a Polars frame comes out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
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


def measure_sql(name: str) -> str:
    """The text of one file of `queries/measures`."""
    return files("queries").joinpath("measures", f"{name}.sql").read_text(encoding="utf-8")
