"""The design effects of groups, and of the comparison of a factor's levels. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DesignEffects:
    """The design effect of all bookings, and by factor (or family) and level (or key); each is at least 1.

    That of all stands for those not given, which is cautious: a contact has fewer bookings in a level than in all.
    """

    whole: float = 1.0
    known: Mapping[tuple[str, str | None], float] = field(default_factory=dict)

    def of(self, factor: str, level: str | None) -> float:
        """The design effect of a level's own rate."""
        return self.known.get((factor, level), self.whole)

    def between(self, factor: str, levels: Sequence[str | None]) -> float:
        """The mean design effect of differences between the levels of a factor: Rao and Scott 1981, JASA 76:221.

        With n_cl bookings of contact c in level l and a correlation r within contacts, the chi-square statistic of
        independent bookings is too large by 1 + r ((sum over l, c of n_cl²/n_l - sum over c of n_c²/n) / (L - 1) - 1).
        In design effects D = 1 + r (sum n_c²/n - 1) that is 1 + (sum of (D_l - 1) - (D - 1)) / (L - 1), and in the same
        way for sessions. A contact who misses often does so in every level: if all levels are spread alike over the
        contacts, the differences are as sure as those of independent bookings; if each contact has one level only, D.
        """
        if len(levels) < 2:
            return 1.0
        extra = sum(self.of(factor, level) - 1 for level in levels) - (self.whole - 1)
        return max(1.0, 1 + extra / (len(levels) - 1))


INDEPENDENT = DesignEffects()
