"""Factors that go with no-shows: the odds of the levels of each factor, and how few people make the no-shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from queries.measures import cells as cells_of
from queries.measures.associations import (
    Answer,
    Association,
    LevelOdds,
    OddsRatio,
    associations,
    can_be_modelled,
)
from queries.measures.cells import Cells, Level
from queries.measures.concentration import Concentration, concentration
from queries.measures.design_effects import INDEPENDENT, DesignEffects
from queries.model.factors import COMPARED
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.measured.frames import Frames
from reports.sections.factors import in_words
from reports.sections.factors.in_words import Compared
from reports.sections.factors.naming import level_name, words_for
from reports.sections.headline import content as headline
from reports.sections.over_time.weeks_and_months import is_by_month
from reports.sections.section import Inputs

if TYPE_CHECKING:
    from queries.measures.logistic import Fit

# Odds that need a larger ratio than this to be found, or are known less closely than within so many times, say nothing:
# too few bookings differ in this factor alone.
MOST_ODDS, WIDEST = 10.0, 100.0
# Services can have very many levels.
MOST_LEVELS = 12
# "Not found" says something of a factor if this odds ratio of its levels would have been found: about twice the rate.
_TELLING_ODDS = 2.0
# Groupings whose keys are those of levels or groups.
_GROUPED = (*COMPARED, "lead_time", "local_weekday")
# Factors that monthly totals say nothing of.
_OF_TIME = ("local_weekday", "local_hours")


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level of a factor; `rate` is None if too few are rated, `adjusted` and `crude` are None for the reference.

    `equal` is the rate at the adjusted odds against that of the reference, with its interval: the rate if all else
    were as there. It is None for the reference, and if the reference has no such rate.
    """

    name: str
    no_shows: int
    marked: int
    rate: float | None
    crude: OddsRatio | None
    adjusted: OddsRatio | None
    is_reference: bool
    is_confounded: bool
    equal: tuple[float, float, float] | None = None

    @property
    def is_told(self) -> bool:
        """Whether its rate with the other factors equal is known closely enough to be shown."""
        return self.equal is not None and self.adjusted is not None and self.adjusted.high <= WIDEST * self.adjusted.low


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A factor, its answer, the remedy that an owner has, and its levels in order; `said` if it is confounded.

    `detectable` is the odds ratio of its two levels furthest apart that would have been found four times of five.
    `compared` has these two levels if the factor is found and has a remedy. `apart` has their plain rates in words,
    empty if the factor is not found or the plain rates would mislead.
    """

    name: str
    title: str
    answer: Answer
    p_value: float
    size: float
    detectable: float
    is_confounded: bool
    remedy: str | None
    levels: tuple[LevelRow, ...]
    cap: str | None
    said: str | None
    compared: Compared | None = None
    apart: str = ""

    @property
    def is_telling(self) -> bool:
        """Whether a difference that matters would have been found, so that "not found" says something."""
        return self.detectable <= _TELLING_ODDS

    @property
    def detectable_points(self) -> float:
        """The difference from the rate of the most frequent level at the odds that would have been found."""
        counts = next(((level.no_shows, level.marked) for level in self.levels if level.is_reference), (0, 0))
        rate = counts[0] / counts[1] if counts[1] else 0.0
        return OddsRatio(self.detectable, 0.0, 0.0).of_rate(rate)[0] - rate

    @property
    def can_be_said(self) -> bool:
        """Whether enough bookings differ in this factor alone for an answer that says something."""
        return self.detectable <= MOST_ODDS and self.detectable_points > 0

    @property
    def verdict(self) -> str:
        """Its answer in words, and the difference from the most frequent level that would have been found."""
        return say(self, VERDICTS, {"points": words.points(self.detectable_points).removeprefix("+")})


VERDICTS: Sequence[Sentence[FactorRow]] = (
    Sentence("found", lambda each: each.answer == "found" and not each.is_confounded),
    Sentence(
        "found with other factors equal, while the plain rates mislead",
        lambda each: each.answer == "found" and each.is_confounded,
    ),
    Sentence(
        "not found: other factors explain the plain rates",
        lambda each: each.answer != "found" and each.is_confounded,
    ),
    Sentence(
        "not found ({points} would be)",
        lambda each: each.answer == "not found" and not each.is_confounded and each.can_be_said,
    ),
    Sentence(
        "cannot be said: too few bookings differ in this alone",
        lambda each: each.answer == "not found" and not each.is_confounded and not each.can_be_said,
    ),
    Sentence("not tested", lambda each: each.answer == "not tested" and not each.is_confounded),
)


@dataclass(frozen=True, slots=True)
class Factors:
    """The section: factors, those found first and the largest of them first, and the sentence on the first of them.

    `missing` says why nothing could be tested. `untested` has the titles of the factors left out since there are too
    few no-shows for their levels.
    """

    factors: tuple[FactorRow, ...]
    leading: str | None
    untested: tuple[str, ...] = ()
    missing: str | None = None

    @property
    def found(self) -> list[FactorRow]:
        """The factors that no-shows go with, the largest first."""
        return [factor for factor in self.factors if factor.answer == "found"]

    @property
    def is_telling(self) -> bool:
        """Whether a difference that matters would have been found by one factor at least."""
        return any(factor.is_telling for factor in self.factors)

    @property
    def title(self) -> str:
        """The finding of the table."""
        titles = [factor.title for factor in self.found]
        return say(self, TITLES, {"titles": words.listed(titles) if titles else ""})


TITLES: Sequence[Sentence[Factors]] = (
    Sentence("No-shows go with {titles}, other factors being equal.", lambda each: bool(each.found)),
    Sentence("None of these factors is found to go with no-shows.", lambda each: not each.found and each.is_telling),
    Sentence(
        "There are too few bookings to say which of these factors go with no-shows.",
        lambda each: not each.found and not each.is_telling,
    ),
)


@dataclass(frozen=True, slots=True)
class Modelled:
    """The bookings by all factors and the model of their no-shows; `fit` is None if there are too few of them."""

    cells: Cells
    fit: Fit | None
    design_effects: DesignEffects


@dataclass(frozen=True, slots=True)
class Concentrated:
    """How few people make the no-shows, with the sentence about it."""

    found: Concentration
    said: str

    @property
    def is_below_chance(self) -> bool:
        """Whether people are found to differ, and fewer make half of the no-shows than would by chance."""
        return self.found.answer == "found" and in_words.is_below_chance(self.found)


def content(inputs: Inputs) -> Factors | None:
    """The section of a report; None if fewer bookings than `min_bookings` are rated."""
    found = inputs.content(modelled)
    names = _names(inputs.frames.by["service"], "service")
    return factors_of(found, names, inputs.about.options.min_bookings) if found else None


def modelled(inputs: Inputs) -> Modelled | None:
    """The model that the section rests on; None if fewer bookings than `min_bookings` are rated."""
    frames, min_bookings = inputs.frames, inputs.about.options.min_bookings
    cells = frames.rows["cells"]
    if is_by_month(frames.by["day"]):
        cells = cells.drop(_OF_TIME, strict=False)
    if cells.is_empty() or cells["rated_bookings"].sum() < min_bookings:
        return None
    return model_of(cells, min_bookings, design_effects_of(frames))


def model_of(frame: pl.DataFrame, min_bookings: int, design_effects: DesignEffects = INDEPENDENT) -> Modelled:
    """From the measure `cells` and the design effects of levels and groups."""
    cells = cells_of.coded(frame, min_bookings)
    fit = cells_of.model(cells, list(cells.levels)) if can_be_modelled(cells) else None
    return Modelled(cells, fit, design_effects)


def design_effects_of(frames: Frames) -> DesignEffects:
    """The design effects that the counts have: of all bookings, groups, bands of lead time and weekdays.

    Counts without design effects are taken as independent bookings.
    """
    known: dict[tuple[str, Level], float] = {}
    for name in _GROUPED:
        rates = frames.by[name]
        keys = rates[rates.columns[0]].cast(pl.String)
        known |= {(name, key): effect for key, effect in zip(keys, _design_effects(rates), strict=False)}
    (whole,) = _design_effects(frames.overall) or (1.0,)
    return DesignEffects(whole, known)


def _design_effects(rates: pl.DataFrame) -> list[float]:
    return rates["design_effect"].fill_null(1.0).to_list() if "design_effect" in rates.columns else []


def concentrated(inputs: Inputs) -> Concentrated | None:
    """How few people make the no-shows; None from a lake, which does not say who booked, or without rated bookings."""
    rated = headline.content(inputs).rated_bookings
    if "concentration" in inputs.about.left_out or not rated:
        return None
    found = concentration(inputs.frames.rows["concentration"], rated)
    return Concentrated(found, in_words.concentrated(found))


def factors_of(modelled: Modelled, services: Mapping[str, str], min_bookings: int) -> Factors:
    """From the model and the names of services by key."""
    cells, fit = modelled.cells, modelled.fit
    if fit is None:
        return Factors((), None, missing=in_words.missing(cells.missed, cells.rated))
    found = associations(cells, fit, min_bookings, modelled.design_effects)
    return Factors(
        factors=tuple(_factor_row(each, cells, services, min_bookings) for each in found),
        leading=in_words.leading(found, services, cells.missed, cells.rated),
        untested=tuple(words_for(name).title for name, why in cells.left_out.items() if why == "too few"),
    )


def _names(rates: pl.DataFrame, family: str) -> dict[str, str]:
    keys = rates.filter(pl.col(f"{family}_id").is_not_null())
    named = zip(keys[f"{family}_id"].cast(pl.String), keys[family].cast(pl.String), strict=True)
    return {key: words.clean(name) for key, name in named}


def _factor_row(each: Association, cells: Cells, services: Mapping[str, str], min_bookings: int) -> FactorRow:
    named = words_for(each.factor)
    shown = _most_frequent(each.levels)
    is_found = each.answer == "found"
    compared = in_words.compared_of(each, services, named.remedy or "", cells.missed, cells.rated) if is_found else None
    return FactorRow(
        name=each.factor,
        title=named.title,
        answer=each.answer,
        p_value=each.p_value,
        size=each.size,
        detectable=each.detectable,
        is_confounded=each.is_confounded,
        remedy=named.remedy,
        levels=tuple(_level_row(each, level, services, min_bookings) for level in shown),
        cap=f"{words.of(len(shown), len(each.levels))} shown" if len(shown) < len(each.levels) else None,
        said=in_words.confounded(each, services) if each.is_confounded else None,
        compared=compared if named.remedy else None,
        apart=in_words.apart_in_words(compared) if compared and not each.is_confounded else "",
    )


def _most_frequent(levels: Sequence[LevelOdds]) -> tuple[LevelOdds, ...]:
    most = sorted(range(len(levels)), key=lambda at: (-levels[at].rated, at))[:MOST_LEVELS]
    return tuple(levels[at] for at in sorted(most))


def _level_row(each: Association, level: LevelOdds, services: Mapping[str, str], min_bookings: int) -> LevelRow:
    return LevelRow(
        name=level_name(each.factor, level.level, services),
        no_shows=level.missed,
        marked=level.rated,
        rate=level.missed / level.rated if level.rated >= min_bookings else None,
        crude=level.crude,
        adjusted=level.adjusted,
        is_reference=level.level == each.reference,
        is_confounded=level.is_confounded,
        equal=in_words.rate_with_others_equal(each, level),
    )
