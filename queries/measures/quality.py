"""Data quality: the steps from all rows to the rate, flags, quarantine by rule and loads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl

from queries.database import frame_of
from queries.gathered import gathered
from queries.model.fact import OUTCOMES_MARKED
from queries.moments import as_of_instant, naive_utc
from queries.statements import measure_sql

# Each step: key, words, indentation, and the condition on the grouped pairs that belong to it.
_CONFIRMED = pl.col("place") == "confirmed"
_DUE = _CONFIRMED & pl.col("is_due")
_MARKED = _DUE & pl.col("outcome").is_in(OUTCOMES_MARKED)
_STEPS = (
    ("pairs", "Bookings, each with every session it covers", 0, pl.lit(True)),
    (
        "other_status",
        "not confirmed: pending, declined, waiting or only created",
        1,
        pl.col("place") == "other_status",
    ),
    ("cancelled", "booking cancelled, its session past or still to come", 1, pl.col("place") == "cancelled"),
    ("session_cancelled", "session cancelled by the business", 1, pl.col("place") == "session_cancelled"),
    (
        "no_session",
        "session not known yet: its calendar event or start was not loaded",
        1,
        pl.col("place") == "no_session",
    ),
    ("confirmed", "confirmed, with a session", 1, _CONFIRMED),
    ("not_due", "not over yet", 2, _CONFIRMED & ~pl.col("is_due")),
    ("due", "past", 2, _DUE),
    (
        "presumed_attended",
        "not marked, presumed to have come",
        3,
        _DUE & (pl.col("outcome") == "presumed_attended"),
    ),
    (
        "presumed_missed",
        "not marked, presumed to have stayed away",
        3,
        _DUE & (pl.col("outcome") == "presumed_missed"),
    ),
    ("excused", "excused: ill, injured or justified", 3, _DUE & (pl.col("outcome") == "excused")),
    (
        "unmarked",
        "not marked: unknown, neither came nor stayed away",
        3,
        _DUE & (pl.col("outcome") == "unmarked"),
    ),
    ("marked", "marked", 3, _MARKED),
    ("attended", "attended", 4, _DUE & (pl.col("outcome") == "attended")),
    ("not_attended", "did not attend: no-shows", 4, _DUE & (pl.col("outcome") == "not_attended")),
)


def waterfall(
    con: duckdb.DuckDBPyConnection, where: Mapping[str, Any] | None = None, as_of: dt.datetime | str | None = None
) -> pl.DataFrame:
    """The steps that lead from all pairs of booking and session to the attended and the missed.

    Columns: step, label (words), rows (Int64), level (indentation, Int64). Rows one level below a step add up to it.
    """
    with gathered(con, where, as_of) as found:
        return waterfall_of(found.measure("waterfall"))


def waterfall_of(pairs: pl.DataFrame) -> pl.DataFrame:
    """The waterfall from its pairs by place, outcome and is_due, with their rows."""
    rows = [
        {"step": step, "label": label, "rows": int(pairs.filter(chosen)["rows"].sum()), "level": level}
        for step, label, level, chosen in _STEPS
    ]
    return pl.DataFrame(rows, schema={"step": pl.String, "label": pl.String, "rows": pl.Int64, "level": pl.Int64})


def flags(con: duckdb.DuckDBPyConnection, as_of: dt.datetime | str | None = None) -> pl.DataFrame:
    """Rows that were loaded but deserve a look at the source: flag, meaning (words), rows (Int64)."""
    return frame_of(con, measure_sql("flags"), {"as_of": naive_utc(as_of_instant(as_of))})


def quarantine_by_rule(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Quarantined records by reason: kind, rule, message (one example), rows (Int64)."""
    return frame_of(con, measure_sql("quarantine_by_rule"))


def findings(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The oddities of records that the newest load of each file brought.

    Columns: load_id, records (Int64), file, finding, place, value (String). `finding` is `unmet_value`, `replaced`,
    `described_differently`, `time_uncertain` or `gone`; a null value stands for all further ones of its place.
    """
    return frame_of(con, measure_sql("findings"))


def loads(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The fate of the records of each load, the newest load first. A record counts in the load that read it last.

    Columns: load_id, read, loaded, unchanged, duplicate, left_out, stale, quarantined (now), discarded,
    replaced, superseded (Int64), file, kind (String), finished_at (Datetime, UTC); read is the sum of the other counts
    but replaced, which is a part of loaded. Loads that were taken back are left out.
    """
    return frame_of(con, measure_sql("loads"))
