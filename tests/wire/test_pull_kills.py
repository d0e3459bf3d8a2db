"""Pulls that are killed at random moments are gone on with: nothing is lost, nothing is there twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.api import serving
from support.pulls import kill_at_random, site
from support.records import Make


@pytest.mark.long
@pytest.mark.parametrize(("bookings", "kills"), [(1000, 2), pytest.param(3000, 10, marks=pytest.mark.long)])
def test_kills(tmp_path: Path, make: type[Make], bookings: int, kills: int) -> None:
    with serving(site(make, bookings)) as api:
        assert kill_at_random(tmp_path, api, kills, share=0.05, seed=1)
