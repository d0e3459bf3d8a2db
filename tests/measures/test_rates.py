"""Rates: the figures worked by hand, scipy, the SQL twins, and the laws that any counts obey."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest

import queries

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("by", ["wek", ["service", "service"], ["day", "week", "month"]])
def test_a_wrong_grouping_is_a_clear_mistake(con: duckdb.DuckDBPyConnection, by: Any) -> None:
    with pytest.raises(queries.UsageError) as caught:
        queries.no_show_rates(con, by=by)
    if by == "wek":
        assert "Did you mean 'week'?" in str(caught.value)
