"""How alike the bookings of two periods are, and by how much that widens the interval of their difference. Pure.

Bookings of one session lie in one period: they widen the rate of each by 1 + ρ_session (Σ n_s² / n - 1). A contact may
have booked in both. One who books as often in both adds the same to both rates, which the difference leaves out; one
who comes or goes does not: `effect_between`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from queries.measures.clustering import Clustering
from queries.model.stretches import SIDES


@dataclass(frozen=True, slots=True)
class BetweenPeriods:
    """The design effects of rates that are compared over time.

    `contacts` is that of the difference of two periods (or of the halves of a longer time) by contacts, at least 1.
    `session` is the correlation of two bookings of one session, and `sessions` the design effect of all bookings by
    sessions, for periods whose own squares are withheld.
    """

    contacts: float = 1.0
    session: float = 0.0
    sessions: float = 1.0

    def effect(self, rated: int, session_squares: int | None) -> float:
        """The design effect of one period in a comparison."""
        return self.contacts + self.of_sessions(rated, session_squares) - 1

    def of_sessions(self, rated: int, session_squares: int | None) -> float:
        """The design effect of a period by its sessions alone; without its squares that of all bookings."""
        if not rated or session_squares is None:
            return self.sessions
        return 1 + self.session * max(0.0, session_squares / rated - 1)

    def rounded_up(self) -> BetweenPeriods:
        """As others may see it: no correlation, and design effects rounded up to a tenth."""
        return BetweenPeriods(math.ceil(self.contacts * 10) / 10, 0.0, math.ceil(self.sessions * 10) / 10)


INDEPENDENT = BetweenPeriods()


def between_periods(clustering: Clustering, all_rated: int, sides: Mapping[str, Any] | None) -> BetweenPeriods:
    """From the clustering of all bookings, their number, and the sums `SIDES` of the periods; None without contacts."""
    squares = clustering.session_squares
    known = squares is not None and all_rated > 0
    sessions = 1 + clustering.session * max(0.0, (squares or 0) / all_rated - 1) if known else 1.0
    contacts = effect_between(clustering.contact, sides) if sides is not None else 1.0
    return BetweenPeriods(contacts, clustering.session, sessions)


def effect_between(correlation: float, sides: Mapping[str, Any]) -> float:
    """The design effect of the difference of two periods in which the same contacts may have booked, at least 1.

    `correlation` r is that of two bookings of a contact. With b of the B bookings before and a of the A after, over all
    contacts: 1 + r (Σ (b / B - a / A)² ÷ (1 / B + 1 / A) - 1). If all 300 people book 10 times before and 10 after, it
    is 1; if the 300 before and the 300 after are others, 1 + 9 r, as of the bookings of each period by themselves.
    If there are none on one side it is that of the bookings on the other, 1 + r (Σ n² / n - 1).
    """
    before, after, before_squares, after_squares, products = (int(sides[name] or 0) for name in SIDES)
    if not before or not after:
        n, squares = before + after, before_squares + after_squares
        return max(1.0, 1 + correlation * (squares / n - 1)) if n else 1.0
    shares = before_squares / before**2 + after_squares / after**2 - 2 * products / (before * after)
    return max(1.0, 1 + correlation * (shares / (1 / before + 1 / after) - 1))
