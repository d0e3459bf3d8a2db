"""Pulls that are killed at random moments are gone on with: nothing is lost, nothing is there twice."""

from __future__ import annotations

from pathlib import Path

from support.api import serving
from support.pulls import kill_at_random, site
from support.records import Make


def test_10_kills(tmp_path: Path, make: type[Make]) -> None:
    with serving(site(make, 3000)) as api:
        assert kill_at_random(tmp_path, api, 10, share=0.05, seed=1)
