"""An expression that would take all time or memory is refused by its section and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import queries
from pipeline.mapping.reading import read_mapping

MAPPING = """
[booking]
id = "visit"
status = "'CONFIRMED'"
eventId = "visit"
startDate = "'2026-03-02T18:00:00Z'"
totalParticipants = "{expression}"
"""
ROWS = "visit,n\n1,200000\n2,200000\n"
# On a row, and before any row is read.
COUNTING = "(with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t)::int"
ENDLESS = "(select sum(a.x * b.x) from range(n::int) as a(x), range(n::int) as b(x))::int % 2 + 1"


@pytest.mark.parametrize(
    "expression",
    [
        "list_sum(range(3e9::bigint))",
        "list_sum(range(3000000000))",
        "len(repeat('x', 3000000000))",
        "len(range(1, 9e9))",
    ],
)
def test_a_size_that_no_machine_has_is_refused_at_the_check(tmp_path: Path, expression: str) -> None:
    (tmp_path / "m.toml").write_text(MAPPING.format(expression=expression))
    with pytest.raises(queries.DataRefused, match=r"\[booking\] totalParticipants: .*sizes over 1,000,000"):
        read_mapping(tmp_path / "m.toml")


@pytest.mark.parametrize("expression", [ENDLESS, COUNTING + " + n::int"])
def test_an_expression_that_takes_too_long_is_stopped(
    expression: str, load_mapped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.mapping.bounds.SECONDS", 0.3)
    outcome = load_mapped(MAPPING.format(expression=expression), ROWS)
    assert "[booking] totalParticipants: it takes longer than 0.3 seconds" in outcome.refused.message


def test_ordinary_sizes_are_used(load_mapped: Any) -> None:
    some = "len(range(3)) + len(repeat('x', 2)) + len(range(9000000, 9000005))"
    assert load_mapped(MAPPING.format(expression=some), ROWS).loaded == 2
