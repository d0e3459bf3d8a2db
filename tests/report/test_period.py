"""Periods of a report, and those to compare them with."""

from __future__ import annotations

import datetime as dt

import pytest

from queries.errors import UsageError
from queries.gathered import Period
from reports.scope.period import period_before, period_between


def test_periods_do_not_overlap() -> None:
    settled = dt.date(2026, 3, 1)
    assert period_between(None, None, settled) is None
    assert period_between(dt.date(2026, 2, 1), None, settled) == Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    month = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert period_before(month, "previous") == Period(dt.date(2026, 1, 4), dt.date(2026, 1, 31))
    year = period_before(month, "year")
    assert (year.first, year.last, year.first.weekday()) == (dt.date(2025, 2, 2), dt.date(2025, 3, 1), 6)
    with pytest.raises(UsageError, match="overlap"):
        period_before(Period(dt.date(2025, 1, 1), dt.date(2026, 1, 1)), "year")
    with pytest.raises(UsageError, match="ends before"):
        period_between(dt.date(2026, 3, 1), dt.date(2026, 2, 1), settled)
    with pytest.raises(UsageError, match="no comparison"):
        period_before(month, "fortnight")
