"""One verdict for one set of bookings: a session series that is all of a service has the verdict on that service.

The service is compared like for like and the series plainly, so by themselves they may disagree: an evening course with
250 of 1,385 missed loses more than the other series, and fewer than other evening bookings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from queries.measures.group_verdicts import GroupKey, GroupVerdict

_SERIES = "series"
# Groups that are compared like for like; of several with the same bookings the last one gives its verdict.
_COMPARED = ("staff", "location", "service")
_COUNTED = ("week", "rated_bookings", "missed_bookings", "session_squares")


def with_one_verdict(verdicts: Mapping[GroupKey, GroupVerdict], weeks: pl.DataFrame) -> Mapping[GroupKey, GroupVerdict]:
    """The verdicts, those on series replaced by that on the same bookings as a group that is compared like for like.

    `weeks` is the measure of counts by family, group and week. Groups with the same counts in every week are taken to
    have the same bookings.
    """
    alike: dict[frozenset[Any], GroupVerdict] = {}
    for family in _COMPARED:
        histories = _histories(weeks, family)
        alike |= {
            histories[key]: verdict
            for (of, key), verdict in verdicts.items()
            if of == family and verdict.like_for_like and key in histories
        }
    same = {key: alike[history] for key, history in _histories(weeks, _SERIES).items() if history in alike}
    return {
        (family, key): replace(same[key], family=family, key=key) if family == _SERIES and key in same else verdict
        for (family, key), verdict in verdicts.items()
    }


def _histories(weeks: pl.DataFrame, family: str) -> dict[str, frozenset[Any]]:
    """The counts of every week with rated bookings, by the key of a group."""
    mine = weeks.filter((pl.col("family") == family) & (pl.col("rated_bookings") > 0))
    histories: dict[str, set[Any]] = {}
    for key, *counts in mine.select(f"{family}_id", *_COUNTED).iter_rows():
        histories.setdefault(str(key), set()).add(tuple(counts))
    return {key: frozenset(counts) for key, counts in histories.items()}
