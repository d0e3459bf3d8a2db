"""The attack of tests/report/test_sharing.py on more data sets: at least 2,000 counts of 1 to 7, none narrowed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest


def _attacks() -> Any:
    path = Path(__file__).parents[1] / "report" / "test_sharing.py"
    spec = importlib.util.spec_from_file_location("attacks_on_sharing", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["attacks_on_sharing"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_none_of_2000_small_counts_is_narrowed(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    attacks, attacked, seed = _attacks(), 0, 0
    while attacked < 2000:
        seed += 1
        for con in attacks.data_sets(empty, tmp_path_factory.mktemp("shared"), seed):
            for number in range(attacks.SETS):
                as_told, tables = attacks.of_report(attacks.the_report(con, number))
                named = tuple(table for table in attacks.TABLES if table in tables)
                made = attacks.attack(con, attacks.period(number), as_told, named)
                assert made.leaks() == [], (seed, number)
                attacked += len(list(made.attacked()))
                print(f"seed {seed}, set {number}: {attacked} counts, none narrowed", flush=True)
        attacks.the_report.cache_clear()
