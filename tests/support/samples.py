"""Choose the parameters of a test that run by default; the others are long."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import pytest


def few(values: Iterable[Any], number: int) -> list[Any]:
    """The parameters of a test: the first `number` run by default, the others with `--long`.

    For values of one kind, of which a few show nearly as much as all: `parametrize("seed", few(range(20), 3))`. Tuples
    are the values of several names. If they are those of one, give `map(pytest.param, tuples)`.
    """
    rest = iter(values)
    return [*islice(rest, number), *(_long(value) for value in rest)]


def _long(value: Any) -> Any:
    if hasattr(value, "marks"):
        return value._replace(marks=(*value.marks, pytest.mark.long))
    return pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.long)
