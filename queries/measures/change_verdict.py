"""The verdicts on a rate over time: it changed, no change was found, or none was tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from queries.measures.comparison import Difference, is_telling
from queries.measures.control_chart import FEWEST_POINTS

Shape = Literal["step", "spell", "trend"]
Unit = Literal["week", "month"]
Counts = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ChangeFound:
    """The rate changed. Positions [first, end) of the periods have the other rate; a trend has them all.

    `before` and `after` are the rates without and with the change: outside and inside for a step or spell, at the
    start and the end for a trend; with a season `before` is the one expected at the same time of year. `outside` and
    `inside` are the counts (rated, missed) there. `has_season`: two years or more, so that a season is allowed for.
    """

    shape: Shape
    first: int
    end: int
    before: float
    after: float
    difference: Difference
    outside: Counts
    inside: Counts
    has_season: bool
    answer: Literal["found"] = "found"

    @property
    def rises(self) -> bool:
        """Whether the rate is higher with the change than without."""
        return self.difference.difference > 0


@dataclass(frozen=True, slots=True)
class ChangeNotFound:
    """No shape is clearer than chance makes one. A step this large (0 to 1) halfway would be found in 80 %.

    `rate` is that of all periods together.
    """

    detectable: float
    has_season: bool
    rate: float
    answer: Literal["not found"] = "not found"

    @property
    def is_telling(self) -> bool:
        """Whether a change that matters would have been found, so that "not found" says that the rate is steady."""
        return is_telling(self.detectable, self.rate)


@dataclass(frozen=True, slots=True)
class ChangeNotTested:
    """Nothing could be found: fewer than `needed` periods have rated bookings, or all or none of them were missed.

    Or too many counts are withheld from a shared report, those of few no-shows: the others would be no fair choice.
    """

    missing: Literal["periods", "outcomes", "counts"]
    periods: int
    needed: int = FEWEST_POINTS
    answer: Literal["not tested"] = "not tested"


ChangeVerdict = ChangeFound | ChangeNotFound | ChangeNotTested
