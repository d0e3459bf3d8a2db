"""Read the number of another system as it was written: a percentage with its precision, or two counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from queries.errors import UsageError

# No business has more than 12 digits of bookings, and no rate needs more than 9 decimals.
_COUNTS = re.compile(r"\s*(\d[\d,]{0,14})\s*(?:/|\bof\b)\s*(\d[\d,]{0,14})\s*", re.ASCII)
_PERCENT = re.compile(r"\s*(\d{1,3}(?:[.,]\d{1,9})?)\s*%\s*", re.ASCII)
_SHARE = re.compile(r"\s*(0?[.]\d{1,9})\s*", re.ASCII)
_HINT = "Write a percentage such as 8.1%, or counts such as 31/385"


@dataclass(frozen=True, slots=True)
class Said:
    """A rate within [low, high), and the counts if they are known.

    8.1 % is [0.0805, 0.0815), since it may have been rounded. With counts, rates need not be compared.
    """

    text: str
    low: Decimal
    high: Decimal
    part: int | None = None
    whole: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether both counts are known."""
        return self.part is not None

    def fits(self, part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which counts the number may be of. Rates are compared in whole numbers: nothing is rounded twice."""
        fits: npt.NDArray[np.bool_] = whole > 0
        if self.whole is not None:
            fits &= whole == self.whole
        if self.part is not None:
            fits &= part == self.part
            return fits
        unit = 10 ** max(0, -int(self.low.as_tuple().exponent), -int(self.high.as_tuple().exponent))
        fits &= (part * unit >= whole * int(self.low * unit)) & (part * unit < whole * int(self.high * unit))
        return fits


def read_said(says: str, of: str | None = None) -> Said:
    """Read `8.1%` or `31/385`; `of` is the denominator, or both counts, of a percentage.

    Raises `UsageError` if a text is neither, or if the two contradict each other.
    """
    counts = _COUNTS.fullmatch(says)
    if counts:
        found = _of_counts(says, counts)
        if of is not None and _COUNTS.fullmatch(of) is None and _number(of) != found.whole:
            raise UsageError("reconcile.says", f"{says!r} is not of {of}", _HINT)
        return found
    rate = _rate(says)
    if of is None:
        return rate
    if both := _COUNTS.fullmatch(of):
        found = _of_counts(of, both)
        if not rate.fits(np.array([found.part]), np.array([found.whole])).all():
            raise UsageError("reconcile.says", f"{of} is not {says}", "Give counts and a percentage that agree")
        return found
    return Said(says.strip(), rate.low, rate.high, None, _number(of))


def _of_counts(text: str, counts: re.Match[str]) -> Said:
    part, whole = (_number(each) for each in counts.groups())
    if not whole or part > whole:
        raise UsageError("reconcile.says", f"{text!r} is not a rate", _HINT)
    rate = Decimal(part) / Decimal(whole)
    return Said(f"{part:,} of {whole:,}", rate, rate, part, whole)


def _rate(text: str) -> Said:
    percent, share = _PERCENT.fullmatch(text), _SHARE.fullmatch(text)
    if not percent and not share:
        raise UsageError("reconcile.says", f"{text!r} is neither a percentage nor counts", _HINT)
    value = Decimal((percent or share)[1].replace(",", "."))  # type: ignore[index]
    half = Decimal(5).scaleb(int(value.as_tuple().exponent) - 1)
    scale = -2 if percent else 0
    low, high = max(value - half, Decimal(0)).scaleb(scale), (value + half).scaleb(scale)
    if low > 1:
        raise UsageError("reconcile.says", f"{text!r} is more than all", _HINT)
    return Said(text.strip(), low, high)


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*\d[\d,]{0,14}\s*", text, re.ASCII):
        raise UsageError("reconcile.says", f"{text!r} is not a number of bookings", _HINT)
    return int(text.replace(",", ""))
