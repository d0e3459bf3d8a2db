"""Whether the calls of the lists helped."""

from __future__ import annotations

import datetime as dt

import duckdb

from queries.database import frame_of
from queries.measures.calls import CallsEffect, effect_of_calls
from queries.measures.clustering import clustering_of_all
from queries.moments import as_of_instant, naive_utc
from queries.statements import clusters_sql, measure_sql


def calls_effect(con: duckdb.DuckDBPyConnection, as_of: dt.datetime | str | None = None) -> CallsEffect:
    """The no-show rates of bookings to be called and of those held back, and what their difference says.

    Rates are of all bookings on lists (`noshow calls`) whose outcome is known, whoever was reached. `as_of` is the
    moment figures hold for (default now). Formulas: `queries/measures/calls.py`. Raises `UsageError` for a moment
    that makes no sense.
    """
    bound = {"as_of": naive_utc(as_of_instant(as_of))}
    text, _ = clusters_sql()
    strata = frame_of(con, measure_sql("calls"), bound).to_dicts()
    return effect_of_calls(strata, clustering_of_all(frame_of(con, text, bound)))
