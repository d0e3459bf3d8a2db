"""The headline as data: the rate over all in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass

from reports.drawing import words

# Below this share of due bookings marked, the bounds lead: the rate of the marked may not speak for the rest.
ENOUGH_COVERAGE = 0.8


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures that lead the report.

    Counts are of bookings due (a course booking counts once per session), None if withheld from a shared report. Rates
    are shares from 0 to 1, None if there was nothing to divide: `no_show_rate` is no_shows / marked_bookings with its
    95 % interval, `coverage` marked_bookings / bookings, and the bounds hold whatever happened to the unmarked.
    """

    bookings: int | None
    marked_bookings: int | None
    attended_bookings: int | None
    no_shows: int | None
    unmarked_bookings: int | None
    late_cancelled: int | None
    lost_seat_rate: float | None
    no_show_rate: float | None
    no_show_rate_low: float | None
    no_show_rate_high: float | None
    coverage: float | None
    bound_low: float | None
    bound_high: float | None
    enough_coverage: float = ENOUGH_COVERAGE

    @property
    def is_withheld(self) -> bool:
        """Whether a count that the rate is made of is withheld."""
        return self.marked_bookings is None or self.no_shows is None

    @property
    def bounds_lead(self) -> bool:
        """Whether so few bookings are marked that the possible range comes before the rate."""
        return self.coverage is not None and self.coverage < self.enough_coverage

    @property
    def figure(self) -> str:
        """The big number: the rate, or the bounds if they lead; "unknown" if nothing is marked."""
        if self.is_withheld:
            return "withheld"
        if self.marked_bookings == 0:
            return "unknown"
        if self.bounds_lead:
            return words.interval(self.bound_low, self.bound_high)
        return words.percent(self.no_show_rate)

    @property
    def sentence(self) -> str:
        """The rate with its denominator: About 1 in 9: 412 of 3,708 marked bookings."""
        if self.marked_bookings is None or self.no_shows is None:
            return "The counts are too small to be shared."
        if self.bookings == 0:
            return "No booked session is due yet, so there is nothing to count."
        if self.marked_bookings == 0:
            return f"None of {words.plural(self.bookings, 'due booking')} is marked as attended or not attended."
        counted = f"{words.of(self.no_shows, self.marked_bookings)} marked bookings did not come"
        if self.bounds_lead:
            rate = words.percent(self.no_show_rate)
            return f"{counted} ({rate}), but too few are marked to lead with that."
        return f"{words.odds(self.no_shows, self.marked_bookings)}: {counted}."

    @property
    def text(self) -> str:
        """One plain sentence for a terminal."""
        return self._plain_sentence().replace(words.NBSP, " ")

    def _plain_sentence(self) -> str:
        if self.is_withheld or self.marked_bookings == 0:
            return f"No-show rate {self.figure}. {self.sentence}"
        counted = f"{words.of(self.no_shows, self.marked_bookings)} marked bookings did not come"
        coverage = f"coverage {words.percent(self.coverage)}" if self.coverage is not None else "coverage withheld"
        if self.bounds_lead:
            return (
                f"No-show rate between {words.percent(self.bound_low)} and {words.percent(self.bound_high)}: "
                f"{words.percent(self.no_show_rate)} of the marked ({counted}), {coverage}."
            )
        within = words.interval(self.no_show_rate_low, self.no_show_rate_high)
        return f"No-show rate {words.percent(self.no_show_rate)}: {counted} ({words.INTERVAL} {within}, {coverage})."
