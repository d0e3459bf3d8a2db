"""Is the rate good? Beside it the business's own past and locations, and published rates of the same definition.

Published rates are kept in `published.tsv` with their definitions and sources. Those of another definition are named
with it and not put beside the rate.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from queries.packaged import packaged_text
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.headline import content as headline
from reports.sections.headline.change import Comparison
from reports.sections.headline.figures import Headline
from reports.sections.section import Inputs
from reports.sections.where import content as where
from reports.sections.where.rankings import Group, Ranking


@dataclass(frozen=True, slots=True)
class Published:
    """A published rate: whose, when, its definition in words, and the source.

    `kind`: missed of `marked` bookings, which is the definition of a report; of all `booked`, with cancelled or unknown
    ones among them; or `mixed`. `rate` is from 0 to 1, `missed` of `of` in `unit` (million, percent, or single ones).
    """

    name: str
    period: str
    kind: str
    missed: float
    of: float
    unit: str
    definition: str
    source: str

    @property
    def rate(self) -> float:
        """The rate as its counts give it."""
        return self.missed / self.of

    @property
    def said(self) -> str:
        """The rate as precisely as it is published: 23 %, or 7.4 % if it is worked out from counts."""
        return f"{self.missed:g}{words.NBSP}%" if self.unit == "percent" else words.percent(self.rate)


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """The own past and the own locations in words, None if unknown, and the published rates by definition.

    `verdict` says how the rate lies to those of the same definition.
    """

    past: str | None
    locations: str | None
    same: tuple[Published, ...]
    others: tuple[Published, ...]
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """The published rates of the same definition, by whether the likely range of the rate lies above or below them."""

    above: tuple[Published, ...]
    below: tuple[Published, ...]
    within: tuple[Published, ...]
    has_doubtful_marks: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no published rate is comparable."""
        return not (self.above or self.below or self.within)


HIGHER: Sequence[Sentence[Beside]] = (
    Sentence("", lambda each: not each.above),
    Sentence("is higher than {above}", lambda each: bool(each.above)),
)
LOWER: Sequence[Sentence[Beside]] = (
    Sentence("", lambda each: not each.below),
    Sentence("is lower than {below}", lambda each: bool(each.below)),
)
ALIKE: Sequence[Sentence[Beside]] = (
    Sentence("", lambda each: not each.within),
    Sentence("may equal {within}", lambda each: bool(each.within)),
)
VERDICTS: Sequence[Sentence[Beside]] = (
    Sentence("Nobody can say before the marks are checked: they are all alike.", lambda each: each.has_doubtful_marks),
    Sentence(
        "No published rate is known that counts as this report does.",
        lambda each: each.is_empty and not each.has_doubtful_marks,
    ),
    Sentence(
        "The rate {said}. Unless yours is such a business, your own past says more.",
        lambda each: not each.is_empty and not each.has_doubtful_marks,
    ),
)


def content(inputs: Inputs) -> Benchmarks | None:
    """The section of a report; None if too few bookings are rated to compare."""
    overall = headline.content(inputs)
    if (overall.rated_bookings or 0) < inputs.about.options.min_bookings or overall.is_withheld:
        return None
    return benchmarks_of(overall, inputs.content(headline.change), inputs.content(where.rankings) or ())


def benchmarks_of(overall: Headline, change: Comparison | None, rankings: Sequence[Ranking]) -> Benchmarks:
    """The rates beside that of a report; with presumed outcomes or too few marks no published rate is like it."""
    is_same = not overall.is_presumed and not overall.bounds_lead
    foreign = tuple(each for each in published() if not _is_of_these(each, overall))
    same = tuple(each for each in foreign if is_same and each.kind == "marked")
    others = tuple(each for each in foreign if each not in same)
    return Benchmarks(_past(change), _locations(rankings), same, others, verdict_of(beside(overall, same)))


def _is_of_these(each: Published, overall: Headline) -> bool:
    """Whether a published rate is of the very records of the report, which say nothing beside themselves."""
    return each.unit == "" and (each.missed, each.of) == (overall.missed_bookings, overall.rated_bookings)


def beside(overall: Headline, same: Sequence[Published]) -> Beside:
    """The published rates by how the likely range of the report's rate lies to them."""
    low, high = overall.no_show_rate_low or 0.0, 1.0 if overall.no_show_rate_high is None else overall.no_show_rate_high
    above = tuple(each for each in same if each.rate < low)
    below = tuple(each for each in same if each.rate > high)
    within = tuple(each for each in same if each not in (*above, *below))
    return Beside(above, below, within, overall.has_doubtful_marks)


def verdict_of(each: Beside) -> str:
    """How the rate lies to the published ones, in a sentence."""
    values = {side: _named(getattr(each, side)) for side in ("above", "below", "within")}
    parts = [part for rows in (HIGHER, LOWER, ALIKE) if (part := say(each, rows, values))]
    return say(each, VERDICTS, {"said": words.listed(parts) if parts else ""})


def _named(rates: Sequence[Published]) -> str:
    return words.listed([f"{each.name} ({each.said}, {each.period})" for each in rates]) if rates else ""


@cache
def published() -> tuple[Published, ...]:
    """The published rates, in the order of the file."""
    lines = packaged_text("reports", "sections", "benchmarks", "published.tsv").splitlines()
    return tuple(_published(row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _published(row: Mapping[str, str]) -> Published:
    words_of_it = (row["unit"], row["definition"], row["source"])
    return Published(row["name"], row["period"], row["kind"], float(row["missed"]), float(row["of"]), *words_of_it)


def _past(change: Comparison | None) -> str | None:
    if change is None or change.difference is None:
        return None
    return f"{change.rate_before} from {change.before}; {change.rate_now} from {change.now}"


def _locations(rankings: Sequence[Ranking]) -> str | None:
    groups = [group for ranking in rankings if ranking.kind.grouping == "location" for group in ranking.groups]
    rated = sorted((group for group in groups if group.rate is not None), key=lambda group: group.rate or 0.0)
    if len(rated) <= 1:
        return None
    low, high = words.percent(rated[0].rate), words.percent(rated[-1].rate)
    return f"{low} at each of {len(rated)}" if low == high else f"{_said(rated[0])} to {_said(rated[-1])}"


def _said(group: Group) -> str:
    return f"{words.percent(group.rate)} ({words.of(group.no_shows, group.marked)}, {group.name})"
