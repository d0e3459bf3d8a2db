"""The attack of tests/report/test_sharing.py on more data sets: at least 2,000 counts of 1 to 7, none narrowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.modules import module_of


def test_none_of_2000_small_counts_is_narrowed(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    attacks, attacked, seed = module_of("report/test_sharing.py"), 0, 0
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
