"""Moments: read the one that figures hold for, and write any as the database stores it."""

from __future__ import annotations

import datetime as dt

from queries.errors import UsageError

# Figures look back and ahead by years, and Python's dates end at the years 1 and 9999.
_YEARS = range(1900, 9999)


def as_of_instant(as_of: dt.datetime | str | None = None) -> dt.datetime:
    """The moment that figures hold for, aware and in UTC; now by default.

    Takes an aware datetime or its ISO 8601 text; a date alone means its end in UTC.
    Raises `UsageError` for a text that is neither, a moment without a zone, or one before 1900 or after 9998.
    """
    if as_of is None:
        return dt.datetime.now(dt.UTC).replace(microsecond=0)
    try:
        moment = _end_of_day(as_of) or dt.datetime.fromisoformat(str(as_of))
    except ValueError:
        raise UsageError(
            "as_of.format",
            f"as-of {as_of!r} is not a date or moment",
            "Write 2026-03-01 or 2026-03-01T18:00:00Z",
        ) from None
    if moment.tzinfo is None:
        raise UsageError("as_of.no_zone", f"as-of {as_of} has no zone", "Add Z or an offset such as +01:00")
    if moment.year not in _YEARS:
        raise UsageError("as_of.year", f"as-of {as_of} is of the year {moment.year}", "Write one from 1900 on")
    return moment.astimezone(dt.UTC)


def naive_utc(moment: dt.datetime) -> dt.datetime:
    """An aware moment as the database stores it: in UTC, without a zone."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def days_after(moment: dt.datetime, days: float) -> dt.datetime:
    """The moment some days of 24 hours after another, or the last that there is.

    Raises `UsageError` unless `days` is a number from 0 on.
    """
    if not isinstance(days, int | float) or not days >= 0:
        raise UsageError("upcoming.days", f"{days!r} days ahead", "Give a number from 0 on")
    try:
        return moment + dt.timedelta(days=days)
    except OverflowError:
        return dt.datetime.max.replace(tzinfo=moment.tzinfo)


def _end_of_day(as_of: dt.datetime | str) -> dt.datetime | None:
    if not isinstance(as_of, str) or len(as_of) != 10:
        return None
    return dt.datetime.combine(dt.date.fromisoformat(as_of), dt.time(23, 59, 59), dt.UTC)
