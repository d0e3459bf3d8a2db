"""The end and the steps of an axis of rates."""

from __future__ import annotations

import math

# Tops below ten percent, so that low rates do not all lie on the bottom line.
_LOW_TOPS = (0.02, 0.05)


def axis_top(highest: float) -> float:
    """The end of an axis that holds a rate: 2 %, 5 %, else the least multiple of ten percent."""
    low = next((top for top in _LOW_TOPS if highest <= top), None)
    return low if low is not None else math.ceil(round(highest * 10, 9)) / 10


def axis_steps(top: float) -> list[float]:
    """The rates to mark from 0 to the top of an axis, all of them whole percents."""
    step = 0.01 if top <= _LOW_TOPS[-1] else 0.1 if top <= 0.6 else 0.2
    return [round(step * number, 2) for number in range(round(top / step) + 1)]
