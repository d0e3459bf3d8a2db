"""The promises of a pull, tested at length: run on request, as `pytest tests/stress/test_pull.py`."""

from __future__ import annotations

from pathlib import Path

from support.api import serving
from support.pulls import kill_at_random, site
from support.records import Make
from support.serves import pull_through_kills, sampled


def test_50_kills_and_faults_of_100000_bookings(tmp_path: Path, make: type[Make]) -> None:
    with serving(site(make, 100_000)) as api:
        ended = kill_at_random(tmp_path, api, 50, share=0.05, seed=2)
        print({"pulls that ended": ended, "answers": len(api.asked)})


def test_a_pull_of_what_is_served_survives_50_kills(tmp_path: Path) -> None:
    pull_through_kills(
        sampled(tmp_path, 100_000), tmp_path / "copy" / "attendance.duckdb", kills=50, within=(0.5, 15), seed=3
    )
