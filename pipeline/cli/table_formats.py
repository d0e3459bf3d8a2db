"""A frame goes in; its bytes as CSV, JSON or Parquet come out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from io import BytesIO

import polars as pl


def to_csv(frame: pl.DataFrame) -> bytes:
    """CSV in which no cell starts a formula when a spreadsheet opens it: such texts get a ' before them."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    formula = r"^[=+\-@\t\r]"
    safe = frame.with_columns(
        pl.when(pl.col(name).str.contains(formula)).then("'" + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name in texts
    )
    return safe.write_csv().encode()


def to_json(frame: pl.DataFrame) -> bytes:
    """A list with an object a row; dates as ISO texts."""
    rows = frame.with_columns(pl.col(pl.Decimal).cast(pl.Float64)).to_dicts()
    return (json.dumps(rows, ensure_ascii=False, indent=2, default=_iso) + "\n").encode()


def to_parquet(frame: pl.DataFrame) -> bytes:
    """Parquet, with every type as it is."""
    buffer = BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


WRITERS: dict[str, Callable[[pl.DataFrame], bytes]] = {"csv": to_csv, "json": to_json, "parquet": to_parquet}
