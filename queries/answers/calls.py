"""Whether the calls of the lists helped."""

from __future__ import annotations

import datetime as dt

import duckdb
import polars as pl

from queries.database import frame_of
from queries.measures.calls import CallsEffect, effect_of_calls
from queries.measures.clustering import clustering_of_all
from queries.moments import as_of_instant, naive_utc
from queries.statements import clusters_sql, measure_sql


def calls_effect(con: duckdb.DuckDBPyConnection, as_of: dt.datetime | str | None = None) -> CallsEffect:
    """The no-show rates of bookings to be called and of those held back, and the verdict on their difference.

    Rates are of all bookings on lists (`noshow calls`) whose outcome is known, whoever was reached. `as_of` is the
    moment figures hold for (default now). Formulas: `queries/measures/calls.py`. Raises `UsageError` for a moment
    that makes no sense.
    """
    text, _ = clusters_sql()
    clusters = frame_of(con, text, {"as_of": naive_utc(as_of_instant(as_of))})
    return effect_of_calls(call_sums(con, as_of).to_dicts(), clustering_of_all(clusters))


def call_sums(con: duckdb.DuckDBPyConnection, as_of: dt.datetime | str | None = None) -> pl.DataFrame:
    """The sums of `queries/measures/calls.sql` by hold_back (Float64), all others Int64; no rows without a list."""
    if not con.execute("select 1 from call_list limit 1").fetchall():
        # Without a list the outcomes of all bookings need not be looked at.
        return pl.DataFrame(schema={"hold_back": pl.Float64})
    return frame_of(con, measure_sql("calls"), {"as_of": naive_utc(as_of_instant(as_of))})
