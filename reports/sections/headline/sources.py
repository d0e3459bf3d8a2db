"""How the sources of a report record attendance, and the effect on the headline in words.

A source that records one side only leaves the other to be presumed, which moves the rate one way: up to the truth or
down to it. `marks` is the word for that, as in `queries.model.vocabularies`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from reports.drawing import words
from reports.drawing.sentences import Sentence, say

BOTH = "both"
# The marks of a source -> whether the truth is at least or at most the rate.
_LIMITS = {"no_shows": "at least", "default": "at least", "arrivals": "at most"}
_RECORDED = {
    BOTH: "who came and who did not",
    "no_shows": "only who stayed away",
    "default": "everyone as attended until somebody says otherwise",
    "arrivals": "only who came",
}


@dataclass(frozen=True, slots=True)
class SourceMarks:
    """The due bookings of sources that record attendance in one way; None if the count is not shared."""

    marks: str
    bookings: int | None


def sources_of(regimes: pl.DataFrame | None) -> tuple[SourceMarks, ...]:
    """From the measure `regimes`: those with due bookings. Without any there is nothing presumed."""
    if regimes is None or regimes.is_empty():
        return ()
    rows = regimes.select("marks", "bookings").rows()
    return tuple(SourceMarks(marks, bookings) for marks, bookings in rows if bookings != 0)


def limit_of(sources: Iterable[SourceMarks]) -> str | None:
    """`at least` or `at most`, if presumed bookings move the rate one way only; else None."""
    limits = {_LIMITS[source.marks] for source in sources if source.marks != BOTH}
    return limits.pop() if len(limits) == 1 else None


Sources = tuple[SourceMarks, ...]

WHY: Sequence[Sentence[Sources]] = (
    Sentence("", lambda sources: not is_presumed(sources)),
    Sentence(
        "Whoever was not marked is presumed to have come, so hosts who never mark look better than they are.",
        lambda sources: limit_of(sources) == "at least",
    ),
    Sentence(
        "Whoever was not recorded is presumed to have stayed away, so who slipped in unrecorded looks like a no-show.",
        lambda sources: limit_of(sources) == "at most",
    ),
    Sentence(
        "{some} presumed to have come unless somebody said otherwise, which makes the rate too low, and {others} to "
        "have stayed away unless recorded, which makes it too high: the truth may lie on either side.",
        lambda sources: is_presumed(sources) and limit_of(sources) is None,
    ),
)


def why(sources: Sources) -> str:
    """The presumption, and who looks better or worse by it; empty if nothing is presumed."""
    come, away = (_bookings_of(sources, side) for side in ("at least", "at most"))
    known = come is not None and away is not None
    values = {
        "some": f"{words.plural(come, 'booking')} {'is' if come == 1 else 'are'}" if known else "Some bookings are",
        "others": words.count(away) if known else "others",
    }
    return say(sources, WHY, values)


def _bookings_of(sources: Iterable[SourceMarks], limit: str) -> int | None:
    counts = [source.bookings for source in sources if _LIMITS.get(source.marks) == limit]
    return None if None in counts else sum(count for count in counts if count)


def is_presumed(sources: Iterable[SourceMarks]) -> bool:
    """Whether any source records one side only."""
    return any(source.marks != BOTH for source in sources)


def has_registers(sources: tuple[SourceMarks, ...]) -> bool:
    """Whether any source records both sides, so that a booking can be unmarked; so it is taken without sources."""
    return not sources or any(source.marks == BOTH for source in sources)


def no_registers(sources: Iterable[SourceMarks]) -> str:
    """Say why there is no coverage if no source records both sides."""
    recorded = words.listed([_RECORDED[source.marks] for source in sources])
    return f"the source records {recorded}, so a booking without a mark is presumed, not unknown"
