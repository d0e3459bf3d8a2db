"""Differences that are planted between made-up businesses and other systems: named right, and never wrong."""

from __future__ import annotations

from collections import Counter

import pytest
from support.planted_differences import measured


def require_no_wrong_claim(found: Counter[tuple[str, str]]) -> None:
    assert {way: count for (way, outcome), count in found.items() if outcome == "wrong"} == {}


def share(found: Counter[tuple[str, str]], way: str) -> float:
    return found[way, "right"] / sum(count for (each, _), count in found.items() if each == way)


def test_planted_differences_are_named_and_errors_are_not() -> None:
    found = measured([41], 2_500, (1, 2) * 10, 2)
    require_no_wrong_claim(found)
    assert share(found, "asked") >= 0.95
    # The smaller a business, the more definitions fit two counts by chance.
    assert share(found, "counts") >= 0.6


@pytest.mark.long
def test_of_80_planted_differences_95_of_100_are_named_and_none_wrong() -> None:
    """`tests/stress/reconcile.py` plants 500."""
    found = measured(range(6_000, 6_004), 5_000, (1, 2) * 10, 8)
    require_no_wrong_claim(found)
    assert share(found, "asked") >= 0.95
    assert share(found, "list") >= 0.95
    # Two counts alone leave more of them open, pairs above all, which is said.
    assert share(found, "counts") >= 0.7


@pytest.mark.long
def test_of_three_rules_a_list_names_none_that_is_not_there() -> None:
    found = measured(range(3_000, 3_003), 5_000, (3,) * 20, 0)
    assert not found["list", "wrong"]
