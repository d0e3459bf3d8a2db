"""The period a report covers, and the one it is compared with."""

from __future__ import annotations

import datetime as dt

from queries.errors import UsageError
from queries.gathered import Period, period_of
from queries.model.vocabularies import PERIODS_COMPARED

# A year back that falls on the same days of the week.
_YEAR = 364


def period_between(first: dt.date | None, last: dt.date | None, settled: dt.date) -> Period | None:
    """The period of `--from` and `--to`; an open end is the last settled day, an open start the year 2000.

    Raises `UsageError` if it ends before it begins.
    """
    if first is None and last is None:
        return None
    return period_of(first or dt.date(2000, 1, 1), last or settled - dt.timedelta(days=1))


def period_before(period: Period, compare: str) -> Period:
    """The period to compare with: the one of the same length just before, or a year (52 weeks) back.

    Raises `UsageError` if the two would overlap.
    """
    if compare not in PERIODS_COMPARED:
        raise UsageError(
            "compare.unknown", f"no comparison is called {compare!r}", f"Use {' or '.join(PERIODS_COMPARED)}"
        )
    if compare == "previous":
        return period.before(period.days)
    if period.days > _YEAR:
        raise UsageError(
            "compare.overlap",
            f"a period of {period.days} days and the one a year back would overlap",
            "Compare with `previous`, or choose at most 364 days",
        )
    return period.before(_YEAR)
