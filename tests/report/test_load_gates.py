"""Limits that the loads themselves are held to."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from reports.load_gates import CHECKS, LoadLimits, Loads, load_gates

NOW = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)
_FINDINGS = {"finding": pl.String, "place": pl.String, "value": pl.String, "records": pl.Int64}


def loads(*rows: tuple[str, int, int, float], unmet: int = 0) -> Loads:
    """Loads by kind, records read and set aside, and hours before now."""
    frame = pl.DataFrame(
        [
            {"kind": kind, "read": read, "quarantined": aside, "finished_at": _naive(hours)}
            for kind, read, aside, hours in rows
        ],
        schema={"kind": pl.String, "read": pl.Int64, "quarantined": pl.Int64, "finished_at": pl.Datetime("us")},
    )
    found = [{"finding": "unmet_value", "place": "status", "value": "Late", "records": unmet}] if unmet else []
    return Loads(frame, pl.DataFrame(found, schema=_FINDINGS), NOW)


def _naive(hours: float) -> dt.datetime:
    return (NOW - dt.timedelta(hours=hours)).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("limits", "found", "passed", "words"),
    [
        (LoadLimits(max_set_aside=0.05), 0.1, False, "10.0 % of the newest records of kind attendance"),
        (LoadLimits(max_set_aside=0.1), 0.1, True, "(10 of 100); at most 10.0 %"),
        (LoadLimits(max_age=1), 2.0, False, "the newest load is 2.0 hours old (2026-03-02 00:00 UTC); at most 1 asked"),
        (LoadLimits(max_age=2), 2.0, True, "at most 2 asked for"),
        (LoadLimits(max_unmet=2), 3, False, "3 times a value that the mapping does not know (status: 'Late')"),
        (LoadLimits(max_unmet=3), 3, True, "at most 3 asked for"),
    ],
)
def test_each_limit_on_loads_is_kept_or_failed(limits: LoadLimits, found: float, passed: bool, words: str) -> None:
    # The bad marks of tonight neither drown in tonight's bookings nor in the good marks of last week.
    tonight = (("booking", 10_000, 0, 2.0), ("attendance", 60, 6, 2.0), ("attendance", 40, 4, 3.0))
    seen = loads(*tonight, ("attendance", 900, 0, 168.0), unmet=3)
    (gate,) = load_gates(seen, limits)
    assert (gate.found, gate.passed) == (found, passed)
    assert words in gate.message


def test_a_database_without_loads_passes_neither_share_nor_age() -> None:
    found = load_gates(loads(), LoadLimits(max_set_aside=1, max_age=1_000, max_unmet=0))
    assert {gate.check: gate.passed for gate in found} == {"max_set_aside": False, "max_age": False, "max_unmet": True}


def test_only_limits_that_are_set_are_checked_and_each_has_a_check() -> None:
    assert load_gates(loads(), LoadLimits()) == ()
    assert set(CHECKS) == set(LoadLimits.__slots__)
