"""Read texts of instants into UTC timestamps, or the name of the rule that a text breaks.

An instant needs a time zone: Z, an offset, or an IANA zone in a field beside it. Fractions of a second are optional;
the API also documents them behind a colon (2026-07-06T13:15:00:000-05:00). A local time that a clock change skips or
repeats is refused, since it does not name one moment: in Berlin, 02:30 on 2026-03-29 does not exist, and 02:30 on
2026-10-25 happens twice, at 00:30 and 01:30 UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import polars as pl

from queries.model.zones import known_zones

_SHAPE = r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::([0-5]\d)(?:[.:](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$"
_IN_UTC = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6})?Z$"
_EARLIEST = dt.datetime(2000, 1, 1)  # noqa: DTZ001  (instants are kept as naive UTC)
_YEARS_AHEAD = 5
_UTC = pl.Datetime("us")
# Arrow reads many texts ten times as fast as Polars, but takes as long to import as Polars reads 250,000.
_MANY = 10_000
# The only rule here whose fault lies in the field of the time zone, not in that of the instant.
ZONE_AT_FAULT = "timezone_unknown"
# The rules of local times in an hour that a clock change skips or repeats.
CLOCK_CHANGED = ("local_time_nonexistent", "local_time_ambiguous")


def read_instants(texts: pl.Series, zones: pl.Series, now: dt.datetime) -> tuple[pl.Series, pl.Series]:
    """Return a series of naive UTC timestamps and one of broken rules; of each pair at least one is null.

    `zones` holds the IANA zone that a text without an offset is local to, or null. `now` is naive UTC; instants more
    than 5 years after it are out of range, as are those before 2000.
    """
    if texts.null_count() == len(texts):
        return pl.Series(texts.name, [None] * len(texts), _UTC), pl.Series("rule", [None] * len(texts), pl.String)
    if (plain := _read_plain(texts)) is not None:
        frame = pl.DataFrame({"instant": plain})
        return plain, frame.select(rule=pl.when(_out_of_range(now)).then(pl.lit("instant_range")))["rule"]
    frame = _take_apart(texts, zones)
    local = _local_in_utc(frame)
    read = local.with_columns(instant=pl.coalesce("with_offset", "local")).select(
        "instant",
        rule=pl.when(pl.col("text").is_null())
        .then(None)
        .when(pl.col("wall").is_null())
        .then(pl.lit("instant_format"))
        .when(pl.col("offset").is_null() & pl.col("zone").is_null())
        .then(pl.lit("instant_no_zone"))
        .when(pl.col("local_rule").is_not_null())
        .then("local_rule")
        .when(pl.col("instant").is_null())
        .then(pl.lit("instant_format"))
        .when(_out_of_range(now))
        .then(pl.lit("instant_range")),
    )
    return read["instant"].rename(texts.name), read["rule"]


def bounds(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The earliest and the latest instant that is in range, naive UTC, as is `now`."""
    return _EARLIEST, now + dt.timedelta(days=round(365.2425 * _YEARS_AHEAD))


def _out_of_range(now: dt.datetime) -> pl.Expr:
    return ~pl.col("instant").is_between(*bounds(now))


def _read_plain(texts: pl.Series) -> pl.Series | None:
    """Read all texts at once, if each is in UTC with a Z as the API writes it; else None."""
    if not texts.str.contains(_IN_UTC).all():
        return None
    return _read_many(texts) if len(texts) >= _MANY else _read_few(texts)


def _read_few(texts: pl.Series) -> pl.Series | None:
    read = texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)
    return read if read.null_count() == texts.null_count() else None


def _read_many(texts: pl.Series) -> pl.Series | None:
    import pyarrow as pa  # late, as it is not needed for few

    try:
        arrow = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        return None
    return pl.Series(texts.name, arrow).dt.replace_time_zone(None)


def _take_apart(texts: pl.Series, zones: pl.Series) -> pl.DataFrame:
    """Columns text, zone, wall (naive local time), offset (text), with_offset (UTC, if there is an offset)."""
    part = pl.col("text").str.extract_groups(_SHAPE)
    frame = pl.DataFrame({"text": texts.cast(pl.String), "zone": zones.cast(pl.String)}).with_columns(parts=part)
    field = pl.col("parts").struct
    return (
        frame.with_row_index("row")
        .with_columns(
            date=field[0],
            time=field[1] + ":" + field[2].fill_null("00"),
            fraction=field[3].fill_null("0").str.pad_end(9, "0").str.head(6),
            offset=pl.when(field[4] == "Z").then(pl.lit("+00:00")).otherwise(field[4]),
        )
        .with_columns(offset=_with_minutes(pl.col("offset")))
        .with_columns(
            wall=(pl.col("date") + "T" + pl.col("time") + "." + pl.col("fraction")).str.to_datetime(
                "%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False
            )
        )
        .with_columns(with_offset=pl.col("wall") - _offset_duration(pl.col("offset")))
        .drop("parts")
    )


def _with_minutes(offset: pl.Expr) -> pl.Expr:
    digits = offset.str.replace(":", "", literal=True)
    return pl.when(digits.str.len_chars() == 3).then(digits + "00").otherwise(digits)


def _offset_duration(offset: pl.Expr) -> pl.Expr:
    hours = offset.str.slice(1, 2).cast(pl.Int32, strict=False)
    minutes = offset.str.slice(3, 2).cast(pl.Int32, strict=False)
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    return pl.when((hours <= 14) & (minutes < 60)).then(pl.duration(minutes=sign * (hours * 60 + minutes)))


def _local_in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the columns local (UTC of texts without an offset) and local_rule, one time zone after the other."""
    needs_zone = frame.filter(pl.col("offset").is_null() & pl.col("wall").is_not_null() & pl.col("zone").is_not_null())
    empty = pl.DataFrame(schema={"row": frame.schema["row"], "local": _UTC, "local_rule": pl.String})
    parts = [empty]
    for (zone,), rows in needs_zone.partition_by("zone", as_dict=True).items():
        parts.append(_in_zone(rows, str(zone)) if zone in known_zones() else _in_no_zone(rows))
    return frame.join(pl.concat(parts), on="row", how="left", maintain_order="left")


def _in_zone(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    # Polars gives null both for a skipped local time and for a repeated one. Read again with the earlier of two moments
    # allowed, a repeated one has a value and a skipped one is still null.
    def utc(ambiguous: Literal["null", "earliest"]) -> pl.Expr:
        return (
            pl.col("wall")
            .dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
            .dt.convert_time_zone("UTC")
            .dt.replace_time_zone(None)
        )

    return rows.select("row", local=utc("null"), either=utc("earliest")).select(
        "row",
        "local",
        local_rule=pl.when(pl.col("either").is_null())
        .then(pl.lit("local_time_nonexistent"))
        .when(pl.col("local").is_null())
        .then(pl.lit("local_time_ambiguous")),
    )


def _in_no_zone(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("row", local=pl.lit(None, _UTC), local_rule=pl.lit(ZONE_AT_FAULT))
