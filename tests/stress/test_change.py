"""The verdicts on change over 500 samples of each truth: run on request, as `pytest tests/stress/test_change.py -s`.

The lines that it prints are the table of the section "Change" in `tests/bench/RESULTS-truth.md`.
"""

from __future__ import annotations

from collections import Counter

import pytest
from support.simulated_periods import CELLS, Cell, verdicts, word

SAMPLES = 500
WORDS = ("not found", "step", "spell", "trend")
EVERY = [
    pytest.param(weeks, cell, id=f"{cell.name}, {weeks} weeks") for weeks, cells in CELLS.items() for cell in cells
]


@pytest.mark.parametrize(("weeks", "cell"), EVERY)
def test_each_truth_is_called_by_its_name(weeks: int, cell: Cell) -> None:
    found = verdicts(cell, SAMPLES, seed=500)
    named = Counter(word(verdict) for verdict in found)
    near = sum(verdict.answer == "found" and abs(verdict.first - (cell.at or 0)) <= 2 for verdict in found)
    place = f"{near / SAMPLES:.3f}" if cell.at is not None else ""
    print(f"| {weeks} | {cell.name} | {' | '.join(f'{named[each] / SAMPLES:.3f}' for each in WORDS)} | {place} |")
    assert named[cell.word] >= cell.at_least * SAMPLES
    assert cell.at is None or near >= 0.75 * SAMPLES
