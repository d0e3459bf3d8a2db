"""The headline as data: the rate over all in numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.headline import sources as read
from reports.sections.headline.sources import SourceMarks

# Below this share of due bookings marked, the bounds lead: the rate of the marked may not speak for the rest.
ENOUGH_COVERAGE = 0.8
# All outcomes are alike by chance as well, if there are few: not if less than this could still be the other one.
_HARDLY_ANY = 0.05


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures that lead the report.

    Counts are of bookings due (a course booking counts once per session), None if withheld from a shared report.
    Rates are shares from 0 to 1, None if there was nothing to divide: `no_show_rate` is missed_bookings /
    rated_bookings with its 95 % interval, over `effective_n` = rated_bookings / `design_effect`. `coverage` and the
    bounds, which hold whatever happened to the unmarked, are over the sources that record both sides;
    `coverage_reason` says why there is no coverage. `sources` is how attendance is recorded.
    `is_empty` says that nothing was ever loaded, `cancelled_bookings` how many cancelled ones would be due, None if
    that is withheld.
    """

    bookings: int | None
    marked_bookings: int | None
    attended_bookings: int | None
    no_shows: int | None
    unmarked_bookings: int | None
    presumed_attended: int | None
    presumed_missed: int | None
    excused: int | None
    rated_bookings: int | None
    missed_bookings: int | None
    register_marked: int | None
    register_no_shows: int | None
    register_excused: int | None
    late_cancelled: int | None
    lost_seat_rate: float | None
    no_show_rate: float | None
    no_show_rate_low: float | None
    no_show_rate_high: float | None
    design_effect: float | None
    effective_n: float | None
    coverage: float | None
    bound_low: float | None
    bound_high: float | None
    enough_coverage: float = ENOUGH_COVERAGE
    sources: tuple[SourceMarks, ...] = ()
    coverage_reason: str | None = None
    is_empty: bool = False
    cancelled_bookings: int | None = None

    @property
    def is_withheld(self) -> bool:
        """Whether a count that the rate is made of is withheld, or that of the bookings if none of them is marked."""
        is_bare = self.bookings is None and self.rated_bookings == 0
        return self.rated_bookings is None or self.missed_bookings is None or is_bare

    @property
    def is_presumed(self) -> bool:
        """Whether bookings without a mark are presumed to have come or stayed away."""
        return read.is_presumed(self.sources)

    @property
    def has_registers(self) -> bool:
        """Whether a source records both sides, so that coverage, bounds and registers to fill in make sense."""
        return read.has_registers(self.sources)

    @property
    def limit(self) -> str | None:
        """`at least` or `at most`, if presumed bookings move the rate one way; else None."""
        return read.limit_of(self.sources)

    @property
    def presumption(self) -> str:
        """The presumption in words; empty if nothing is presumed."""
        return read.why(self.sources)

    @property
    def one(self) -> str:
        """The noun for the denominator of the rate: a marked booking; with presumed ones any booking."""
        return "booking" if self.is_presumed else "marked booking"

    @property
    def basis(self) -> str:
        """The same in the heads of tables: No-shows of marked."""
        return "bookings" if self.is_presumed else "marked"

    @property
    def registered(self) -> int | None:
        """The due bookings that coverage is a share of."""
        known = self.register_marked is not None and self.unmarked_bookings is not None
        return (self.register_marked or 0) + (self.unmarked_bookings or 0) if known else None

    @property
    def bounds_lead(self) -> bool:
        """Whether so few bookings are marked that the possible range comes before the rate.

        The range holds for sources that record both sides; where others stand beside them it is not that of all.
        """
        return self.coverage is not None and self.coverage < self.enough_coverage and not self.is_presumed

    @property
    def figure(self) -> str:
        """The big number: the rate, or the bounds if they lead; "unknown" if nothing is marked."""
        if self.is_withheld:
            return "withheld"
        if self.rated_bookings == 0:
            return "unknown"
        if self.bounds_lead:
            return words.interval(self.bound_low, self.bound_high)
        return f"{self.limit} {words.percent(self.no_show_rate)}" if self.limit else words.percent(self.no_show_rate)

    @property
    def is_rated(self) -> bool:
        """Whether there is a rate to show."""
        return not self.is_withheld and bool(self.rated_bookings)

    @property
    def has_one_outcome(self) -> bool:
        """Whether all rated bookings have the same outcome, so that no groups of them can differ."""
        return self.is_rated and self.missed_bookings in (0, self.rated_bookings)

    @property
    def has_doubtful_marks(self) -> bool:
        """Whether all rated bookings have the same outcome, and so many that it is hardly chance."""
        low, high = self.no_show_rate_low, self.no_show_rate_high
        known = low is not None and high is not None
        return known and self.has_one_outcome and min(high or 0.0, 1 - (low or 0.0)) < _HARDLY_ANY

    @property
    def is_unrated(self) -> bool:
        """Whether bookings are due and none of them has an outcome."""
        return bool(self.bookings) and self.rated_bookings == 0

    @property
    def sentence(self) -> str:
        """The rate with its denominator: About 1 in 9: 412 of 3,708 marked bookings."""
        return say(self, SENTENCES, self._values())

    @property
    def text(self) -> str:
        """One plain sentence for a terminal."""
        return self._plain_sentence().replace(words.NBSP, " ")

    def _plain_sentence(self) -> str:
        return say(self, PLAIN, self._values() | {"sentence": self.sentence})

    def _values(self) -> dict[str, str]:
        missed, rated = self.missed_bookings or 0, self.rated_bookings or 0
        counted = words.of(self.missed_bookings, self.rated_bookings)
        marked = words.percent_against(self.coverage, self.enough_coverage)
        coverage = f"coverage {marked}" if self.coverage is not None else "coverage withheld"
        return {
            "figure": self.figure,
            "counted": f"{counted} {self.one}s did not come",
            "counts": counted,
            "odds": words.odds(missed, rated) if rated else "",
            "rate": words.percent(self.no_show_rate),
            "due": words.plural(self.bookings, "past booking"),
            "cancelled": words.plural(self.cancelled_bookings, "past booking"),
            "presumption": self.presumption,
            "interval": f"{words.INTERVAL} {words.interval(self.no_show_rate_low, self.no_show_rate_high)}",
            "coverage": coverage,
            "low": words.percent(self.bound_low),
            "high": words.percent(self.bound_high),
        }


def _has_nothing(each: Headline) -> bool:
    return not each.is_withheld and each.bookings == 0 and not each.is_empty


SENTENCES: Sequence[Sentence[Headline]] = (
    Sentence("The counts are too small to be shared.", lambda each: each.is_withheld),
    Sentence(
        "Nothing has been loaded yet. Load an export with noshow ingest, or fetch with noshow pull.",
        lambda each: not each.is_withheld and each.bookings == 0 and each.is_empty,
    ),
    Sentence(
        "Every booked session was cancelled ({cancelled}), so there is nothing to count.",
        lambda each: _has_nothing(each) and bool(each.cancelled_bookings),
    ),
    Sentence(
        "No booked session is over yet, so there is nothing to count.",
        lambda each: _has_nothing(each) and not each.cancelled_bookings,
    ),
    Sentence(
        "None of {due} is marked as attended or not attended.", lambda each: not each.is_withheld and each.is_unrated
    ),
    Sentence("{counted}. {presumption}", lambda each: each.is_rated and each.is_presumed),
    Sentence(
        "{counted} ({rate}), but too few are marked to lead with that.",
        lambda each: each.is_rated and each.bounds_lead,
    ),
    Sentence("{odds}: {counted}.", lambda each: each.is_rated and not each.is_presumed and not each.bounds_lead),
)
# For a terminal.
PLAIN: Sequence[Sentence[Headline]] = (
    Sentence("No-show rate {figure}. {sentence}", lambda each: not each.is_rated),
    Sentence(
        "No-show rate {figure} ({counts}; {interval}, {coverage} where both sides are recorded). {presumption}",
        lambda each: each.is_rated and each.is_presumed and each.has_registers,
    ),
    Sentence(
        "No-show rate {figure} ({counts}; {interval}). {presumption}",
        lambda each: each.is_rated and each.is_presumed and not each.has_registers,
    ),
    Sentence(
        "No-show rate between {low} and {high}: {rate} of the marked ({counted}), {coverage}.",
        lambda each: each.is_rated and each.bounds_lead,
    ),
    Sentence(
        "No-show rate {rate}: {counted} ({interval}, {coverage}).",
        lambda each: each.is_rated and not each.is_presumed and not each.bounds_lead,
    ),
)
