"""Seats to offer over 500 histories of each truth: run on request, as `pytest tests/stress/test_seats.py -s`.

The lines that it prints are the table of the section "Seats to offer" in `tests/bench/RESULTS-truth.md`.
"""

from __future__ import annotations

import numpy as np
from support.simulated_sessions import CELLS, Offered, offered

SAMPLES = 500


def test_overflow_and_seats() -> None:
    found: dict[tuple[int, int], list[Offered]] = {}
    for capacity, sessions, rate, correlation in CELLS:
        for others in ((), (0.0, 0.0, 0.02)):
            made = offered(np.random.default_rng(500), capacity, sessions, rate, correlation, SAMPLES, others)
            found.setdefault((capacity, sessions), []).append(made)
    for (capacity, sessions), each in found.items():
        worst = max(one.overflow for one in each)
        seats, allowed = sum(one.seats for one in each), sum(one.true_seats for one in each)
        print(f"| {capacity} | {sessions} | {worst:.3f} | {seats:.1f} of {allowed} |")
        assert worst <= 0.055
    long = [one for (_, sessions), each in found.items() if sessions == 100 for one in each]
    share = sum(one.seats for one in long) / sum(one.true_seats for one in long)
    print(f"share of the seats of the true law at 100 sessions: {share:.2f}")
    assert share >= 0.7
