"""The number of another system is read with the precision that it was written with."""

from __future__ import annotations

import numpy as np
import pytest

import queries
from queries.reconciling.said import read_said


def fits(says: str, part: int, whole: int, of: str | None = None) -> bool:
    return bool(read_said(says, of).fits(np.array([part]), np.array([whole]))[0])


@pytest.mark.parametrize(
    ("says", "part", "whole", "expected"),
    [
        ("8.1%", 805, 10_000, True),
        ("8.1%", 8_149, 100_000, True),
        ("8.1%", 815, 10_000, False),
        ("8.1 %", 8_049, 100_000, False),
        ("8,1%", 81, 1_000, True),
        ("8.10%", 805, 10_000, False),
        ("8%", 75, 1_000, True),
        ("8%", 85, 1_000, False),
        ("0.081", 81, 1_000, True),
        ("0%", 0, 5, True),
        ("100%", 5, 5, True),
        ("8%", 0, 0, False),
        ("31/385", 31, 385, True),
        ("31 of 385", 62, 770, False),
        ("1,031/2,385", 1_031, 2_385, True),
    ],
)
def test_a_number_fits_what_may_have_been_rounded_to_it(says: str, part: int, whole: int, expected: bool) -> None:
    assert fits(says, part, whole) == expected


def test_a_percentage_may_have_its_denominator_or_its_counts() -> None:
    assert fits("8.1%", 31, 385, "385")
    assert not fits("8.1%", 62, 770, "385")
    assert fits("8.1%", 31, 385, "31/385")
    assert not fits("8.1%", 62, 770, "31/385")


@pytest.mark.parametrize(
    ("says", "of"),
    [
        *[("lots", None), ("", None), ("8.1", None), ("385/31", None), ("3/0", None), ("250%", None)],
        *[("9" * 20 + "/" + "9" * 25, None), ("8.1234567890123%", None), ("٣/٥", None)],
        *[("8.1%", "many"), ("8.1%", "50/385"), ("31/385", "400")],
    ],
)
def test_a_number_that_makes_no_sense_is_refused(says: str, of: str | None) -> None:
    with pytest.raises(queries.UsageError) as caught:
        read_said(says, of)
    assert caught.value.code == "reconcile.says"
