"""Say how many seats to offer beyond a class's capacity, from the no-shows of its sessions. Pure.

Arrivals of the booked are beta-binomial: who is booked for one session comes or stays away together to some degree (the
correlation within sessions). It is estimated from Pearson's statistic by moments (Williams 1982, Applied Statistics
31:144) and taken at its upper 80 % bound, and the doubt about the rate is added to it, since an offer too many turns
somebody away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

FEWEST_SESSIONS = 8
# Sessions that the correlation of all services counts for beside a service's own.
_SESSIONS_OF_OTHERS = 4
# The normal quantile that leaves 80 % above it.
_LOW_TAIL = -0.8416212335729143
_LARGEST = 0.9
# An extra seat is of use only if sessions fill up.
_OFTEN_FULL = 0.1


@dataclass(frozen=True, slots=True)
class History:
    """Sums over past sessions, each with n rated participants of whom k were absent; histories add up.

    `squared` is Σ n², `absent_squared` Σ k²/n.
    """

    sessions: int
    booked: int
    absent: int
    squared: float
    absent_squared: float

    @property
    def rate(self) -> float:
        """The no-show rate, with half a no-show added each way so that it is never 0 or 1."""
        return (self.absent + 0.5) / (self.booked + 1)


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Pearson's statistic over sessions, expected to be `degrees` + correlation × `sensitivity`."""

    statistic: float
    degrees: float
    sensitivity: float

    def upper_correlation(self) -> float:
        """The correlation at its upper 80 % bound, from the chi-square distribution; between 0 and 0.9."""
        if self.degrees <= 0 or self.sensitivity <= 0:
            return _LARGEST
        inflation = self.statistic / _low_chi_square(self.degrees)
        return min(_LARGEST, max(0.0, (inflation - 1) * self.degrees / self.sensitivity))


@dataclass(frozen=True, slots=True)
class Absences:
    """The law of no-shows among those booked for a session: their rate and their correlation, both in (0, 1)."""

    rate: float
    correlation: float

    def chance(self, missing: int, booked: int) -> float:
        """The beta-binomial probability that so many of the booked stay away."""
        size = 1 / self.correlation - 1
        misses, comings = self.rate * size, (1 - self.rate) * size
        choose = math.lgamma(booked + 1) - math.lgamma(missing + 1) - math.lgamma(booked - missing + 1)
        seen = _log_beta(misses + missing, comings + booked - missing)
        return math.exp(choose + seen - _log_beta(misses, comings))


@dataclass(frozen=True, slots=True)
class SeatsFound:
    """Seats that may be offered, 0 or more, and the chance that more come than there are seats if they all are taken.

    `cheapest` is the number of seats with the least expected cost, if costs are known.
    """

    seats: int
    risk: float
    law: Absences
    cheapest: int | None = None
    answer: Literal["found"] = "found"


@dataclass(frozen=True, slots=True)
class SeatsNotTested:
    """Too few sessions have rated bookings, of this service and of all together."""

    sessions: int
    needed: int = FEWEST_SESSIONS
    answer: Literal["not tested"] = "not tested"


@dataclass(frozen=True, slots=True)
class SeatCosts:
    """The cost of a seat that stays empty and of a person turned away, in the same currency."""

    empty_seat: float
    turned_away: float


SeatsVerdict = SeatsFound | SeatsNotTested


def added(histories: Iterable[History]) -> History:
    """The sums of several histories."""
    each = list(histories)
    return History(
        sum(one.sessions for one in each),
        sum(one.booked for one in each),
        sum(one.absent for one in each),
        math.fsum(one.squared for one in each),
        math.fsum(one.absent_squared for one in each),
    )


def dispersion(history: History) -> Dispersion:
    """How much a service's sessions differ: Σ (k − np)² / (n p (1 − p)), expected m − 1 + ρ (Σ(n − 1) − Σn(n − 1)/Σn).

    Ten sessions of 10 with 0, 1, 2, 1, 0, 3, 1, 0, 1, 1 absent (p = 0.1) have a statistic of 8.9 for 9 degrees.
    """
    m, n, k = history.sessions, history.booked, history.absent
    if m < 2 or not n:
        return Dispersion(0.0, 0.0, 0.0)
    p = history.rate
    statistic = (history.absent_squared - 2 * p * k + p * p * n) / (p * (1 - p))
    sensitivity = n - m - (history.squared - n) / n
    return Dispersion(statistic, m - 1.0, sensitivity)


@dataclass(frozen=True, slots=True)
class ClassSeats:
    """The verdict on a class of one capacity, a row of the measure `occupancy`, and whether it is often full."""

    row: Mapping[str, Any]
    verdict: SeatsVerdict
    is_often_full: bool

    @property
    def offered(self) -> SeatsFound | None:
        """The seats to offer; None if the class is seldom full or has too little history."""
        return self.verdict if self.is_often_full and isinstance(self.verdict, SeatsFound) else None


def seats_of_classes(
    occupancy: Sequence[Mapping[str, Any]], risk: float = 0.05, costs: SeatCosts | None = None
) -> list[ClassSeats]:
    """The seats to offer for each class with more than one seat, from the rows of `queries.occupancy`."""
    classes = [row for row in occupancy if row["service_type"] == "CLASS" and row["capacity"] > 1]
    # A service whose classes differ in capacity has one history.
    of_service: dict[str | None, list[History]] = {}
    for row in classes:
        of_service.setdefault(row["service_id"], []).append(_history(row))
    histories = {service: added(each) for service, each in of_service.items()}
    of_all = pooled(histories.values())
    return [
        ClassSeats(
            row,
            seats_verdict(row["capacity"], histories[row["service_id"]], of_all, risk, costs),
            row["full_sessions"] >= _OFTEN_FULL * row["sessions"],
        )
        for row in classes
    ]


def _history(row: Mapping[str, Any]) -> History:
    return History(
        row["rated_sessions"],
        row["booked_rated"],
        row["absent"],
        float(row["booked_rated_squared"]),
        row["absent_squared_share"],
    )


def law_of(history: History, of_all: Dispersion) -> Absences | None:
    """The law of a service's no-shows, given the dispersion of all services; None if there are too few sessions.

    With fewer than 8 sessions the correlation is that of all services, else its own, shrunk to that of all.
    """
    if not history.booked or of_all.degrees + 1 < FEWEST_SESSIONS:
        return None
    own = dispersion(history)
    correlation = of_all.upper_correlation()
    if history.sessions >= FEWEST_SESSIONS:
        share = _SESSIONS_OF_OTHERS / (own.degrees + _SESSIONS_OF_OTHERS)
        correlation = (1 - share) * own.upper_correlation() + share * correlation
    # The rate is uncertain: its variance, p (1 - p) D / n with the design effect D of whole sessions, comes on top.
    effect = 1 + correlation * (history.squared / history.booked - 1)
    return Absences(history.rate, min(_LARGEST, correlation + effect / history.booked))


def pooled(histories: Iterable[History]) -> Dispersion:
    """The dispersion of all services: each around its own rate."""
    each = [dispersion(history) for history in histories]
    return Dispersion(
        math.fsum(one.statistic for one in each),
        math.fsum(one.degrees for one in each),
        math.fsum(one.sensitivity for one in each),
    )


def seats_verdict(
    capacity: int, history: History, of_all: Dispersion, risk: float = 0.05, costs: SeatCosts | None = None
) -> SeatsVerdict:
    """The seats to offer for a class of a capacity, or why that cannot be said."""
    law = law_of(history, of_all)
    if law is None:
        return SeatsNotTested(history.sessions)
    seats = seats_to_offer(capacity, law, risk)
    cheapest = cheapest_seats(capacity, law, costs) if costs else None
    return SeatsFound(seats, overflow_chance(capacity, seats, law), law, cheapest)


def seats_to_offer(capacity: int, law: Absences, risk: float = 0.05) -> int:
    """The most seats k, up to the capacity again, with P(arrivals > capacity | capacity + k booked) at most `risk`."""
    k = 0
    while k < capacity and overflow_chance(capacity, k + 1, law) <= risk:
        k += 1
    return k


def overflow_chance(capacity: int, extra: int, law: Absences) -> float:
    """The chance that more arrive than there are seats, if so many beyond the capacity are booked.

    More than c of c + k arrive if fewer than k stay away: the beta-binomial probability of 0 to k - 1 no-shows.
    """
    return min(1.0, math.fsum(law.chance(missing, capacity + extra) for missing in range(extra)))


def cheapest_seats(capacity: int, law: Absences, costs: SeatCosts) -> int:
    """The seats k, up to the capacity again, with the least expected cost; the fewest of equals."""
    return min(range(capacity + 1), key=lambda extra: expected_cost(capacity, extra, law, costs))


def expected_cost(capacity: int, extra: int, law: Absences, costs: SeatCosts) -> float:
    """The expected cost of a session with capacity + extra booked: seats that stay empty, people turned away."""
    booked = capacity + extra
    cost = 0.0
    for missing in range(booked + 1):
        free = missing - extra
        cost += law.chance(missing, booked) * (costs.empty_seat * free if free > 0 else -costs.turned_away * free)
    return cost


def _low_chi_square(degrees: float) -> float:
    """The 20 % quantile of the chi-square distribution, by Wilson and Hilferty 1931."""
    part = 2 / (9 * degrees)
    return float(degrees * max(0.05, 1 - part + _LOW_TAIL * math.sqrt(part)) ** 3)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
