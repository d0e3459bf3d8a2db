"""List booked sessions, the rows of the fact."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import polars as pl

from queries.database import frame_of
from queries.language.filters import EVERYTHING, in_english, read_filter
from queries.language.resources import BOOKED_SESSION
from queries.language.sorting import read_sort
from queries.moments import as_of_instant, naive_utc
from queries.statements import page_sql


def session_frame(
    con: duckdb.DuckDBPyConnection,
    filter: Any = None,
    sort: Any = None,
    limit: int | None = None,
    as_of: dt.datetime | str | None = None,
) -> pl.DataFrame:
    """Booked sessions that are due: the columns of the view `booked_session`, by booking and session unless sorted.

    `filter` and `sort` are those of the query language over `queries.BOOKED_SESSION`; all rows unless `limit` is
    given; `as_of` is the moment they are due at. Raises `QueryError`.
    """
    node, keys = read_filter(BOOKED_SESSION, filter, "/filter"), read_sort(BOOKED_SESSION, sort, "/sort")
    text, parameters = page_sql("booked_session_at($as_of)", "p.*", node, keys, None, limit)
    return frame_of(con, text, {**parameters, "as_of": naive_utc(as_of_instant(as_of))})


def filter_in_english(where: Any) -> str:
    """A filter of booked sessions in words; "all booked sessions" if it keeps everything."""
    node = read_filter(BOOKED_SESSION, where)
    return "all booked sessions" if node == EVERYTHING else in_english(node)
