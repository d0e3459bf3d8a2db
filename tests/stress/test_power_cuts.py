"""Power cuts at random moments: 1,000 in all, run on request, as `pytest tests/stress/test_power_cuts.py -s`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.power_workloads import WORKLOADS, cut_each

CUTS = {
    "the first loads": 200,
    "loads": 150,
    "marks": 100,
    "marks by blocks": 100,
    "erase": 150,
    "unload": 100,
    "saved pulls": 100,
    "doctor --recover": 100,
}


def test_every_workload_is_cut() -> None:
    assert CUTS.keys() == WORKLOADS.keys()
    assert sum(CUTS.values()) == 1000


@pytest.mark.parametrize("name", CUTS)
def test_power_cuts(tmp_path: Path, name: str) -> None:
    outcomes = cut_each(name, tmp_path, CUTS[name], seed=20)
    print(f"\n{name}: {outcomes}")
    assert outcomes.cuts == CUTS[name]
