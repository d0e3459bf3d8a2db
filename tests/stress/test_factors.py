"""Factors that go with no-shows, and groups like for like, over 500 made-up samples of each kind.

`pytest tests/stress/test_factors.py -s` prints the rows of the table in tests/bench/RESULTS-truth.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from support.simulated_cells import Simulated, medical, simulate

from queries.measures.associations import associations
from queries.measures.cells import coded, model

SAMPLES = 500
NULLS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "habits 0.7, 200 contacts": {"habits": 0.7},
    "habits 0.7, 40 contacts": {"habits": 0.7, "regulars": 40},
    "session shocks 0.5": {"shocks": 0.5},
    "habits 0.7 and shocks 0.5": {"habits": 0.7, "shocks": 0.5},
    "600 bookings": {"bookings": 600},
}
PLANTED: dict[str, dict[str, Any]] = {
    "lead time, odds 1.28 a band": {"lead": 0.25},
    "the same, habits 0.7": {"lead": 0.25, "habits": 0.7},
    "one of six staff, odds 2.0, leads longer": {"lead": 0.25, "staff": 0.7},
}


def findings(samples: Iterable[Simulated]) -> Counter[str]:
    """In how many samples each thing is found."""
    counts: Counter[str] = Counter()
    for made in samples:
        cells, effect = coded(made.cells, 10), made.design_effects()
        factors = associations(cells, model(cells, list(cells.levels)), 10, effect)
        groups = made.verdicts().values()
        found = {each.factor for each in factors if each.answer == "found"}
        keys = {group.key for group in groups if group.answer == "found"}
        counts["flag"] += any(group.is_flagged for group in groups)
        counts["more"] += any(group.is_found("more") for group in groups)
        counts["factor"] += bool(found)
        counts["lead time"] += "lead_time" in found
        counts["another factor"] += bool(found - {"lead_time", "attributes.sms"})
        counts["group"] += bool(keys)
        counts["staff-1"] += "staff-1" in keys
        counts["another group"] += bool(keys - {"staff-1"})
        counts["confounded"] += any(each.is_confounded for each in factors)
        counts["sms confounded"] += any(each.is_confounded and each.turned is not None for each in factors)
    return counts


@pytest.mark.parametrize("name", NULLS)
def test_nothing_is_found_where_there_is_no_effect(name: str) -> None:
    counts = findings(simulate(seed, **NULLS[name]) for seed in range(SAMPLES))
    shown = ("factor", "flag", "group", "more", "confounded")
    print(f"\n| {name} | " + " | ".join(f"{counts[each] / SAMPLES:.3f}" for each in shown) + " |")
    assert max(counts["factor"], counts["group"]) <= 0.06 * SAMPLES
    assert counts["confounded"] <= 0.01 * SAMPLES


@pytest.mark.parametrize("name", PLANTED)
def test_planted_effects_are_found(name: str) -> None:
    counts = findings(simulate(seed, **PLANTED[name]) for seed in range(SAMPLES))
    shown = ("lead time", "another factor", "staff-1", "another group", "confounded")
    print(f"\n| {name} | " + " | ".join(f"{counts[each] / SAMPLES:.3f}" for each in shown) + " |")
    assert counts["lead time"] >= 0.98 * SAMPLES
    assert counts["another factor"] <= 0.1 * SAMPLES  # of the factors found, 5 % may be false
    if "staff" in PLANTED[name]:
        assert counts["staff-1"] >= 0.7 * SAMPLES


def test_reminders_sent_for_long_leads_only_are_confounded() -> None:
    samples = 50
    counts = findings(medical(seed) for seed in range(samples))
    print(f"\n| medical | {counts['sms confounded'] / samples:.2f} |")
    assert counts["sms confounded"] >= 0.95 * samples
