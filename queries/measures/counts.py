"""A connection, groupings and a filter go in; one row of counts a group comes out (Polars), ready for `rates`.

Counts are computed where the data is. `late_cancelled` is null where bookings were cancelled and no cancel time is
known; `value_absent` is null where no price is known or currencies are mixed. `sessions` counts each session once in
each group, so it adds up only over groups that no session is split between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from queries.errors import UsageError
from queries.frames import frame_of
from queries.language.filters import Node
from queries.model.groupings import Grouping
from queries.statements import counts_sql


def as_of_instant(as_of: dt.datetime | str | None = None) -> dt.datetime:
    """The moment that figures hold for, aware and in UTC: now where none is given.

    Takes an aware datetime or its ISO 8601 text; a date alone means its end in UTC.
    Raises `UsageError` for a text that is neither, or a moment without a zone.
    """
    if as_of is None:
        return dt.datetime.now(dt.UTC).replace(microsecond=0)
    try:
        moment = _end_of_day(as_of) or dt.datetime.fromisoformat(str(as_of))
    except ValueError:
        raise UsageError(
            "as_of.format",
            f"as-of {as_of!r} is no date or moment",
            "Write 2026-03-01 or 2026-03-01T18:00:00Z",
        ) from None
    if moment.tzinfo is None:
        raise UsageError("as_of.no_zone", f"as-of {as_of} has no zone", "Add Z or an offset such as +01:00")
    return moment.astimezone(dt.UTC)


def counts(
    connection: duckdb.DuckDBPyConnection,
    groupings: Sequence[Grouping],
    node: Node,
    as_of: dt.datetime,
) -> pl.DataFrame:
    """Counts of each group as of an aware moment: the group columns, then the columns of `no_show_counts`, Int64."""
    text, parameters = counts_sql(groupings, node)
    return frame_of(connection, text, parameters | {"as_of": naive_utc(as_of)})


def naive_utc(moment: dt.datetime) -> dt.datetime:
    """An aware moment as the database keeps them: UTC, without a zone."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _end_of_day(as_of: dt.datetime | str) -> dt.datetime | None:
    if not isinstance(as_of, str) or len(as_of) != 10:
        return None
    return dt.datetime.combine(dt.date.fromisoformat(as_of), dt.time(23, 59, 59), dt.UTC)
