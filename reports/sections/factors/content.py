"""Factors that go with no-shows: odds of the levels of each factor, and groups compared like for like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from queries.measures.cells import Level
from queries.measures.concentration import Concentration, concentration
from queries.measures.design_effects import INDEPENDENT, DesignEffects
from queries.measures.standardised import Standardised, answered, standardised
from queries.model.factors import COMPARED
from reports.drawing import words
from reports.measured.frames import Frames
from reports.sections.factors import in_words
from reports.sections.factors.naming import level_name, words_for
from reports.sections.headline import content as headline
from reports.sections.section import Inputs

# Services and the like can have very many levels and groups.
MOST_LEVELS, MOST_GROUPS = 12, 20
# Groupings whose keys are those of levels or groups.
_GROUPED = (*COMPARED, "lead_time", "local_weekday")
Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level of a factor; `rate` is None if too few are rated, `adjusted` and `crude` are None for the reference."""

    name: str
    no_shows: int
    marked: int
    rate: float | None
    crude: OddsRatio | None
    adjusted: OddsRatio | None
    is_reference: bool
    is_confounded: bool


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A factor, its answer, the remedy that an owner has, and its levels in order; `said` if it is confounded.

    `detectable` is the odds ratio of its two levels furthest apart that would have been found four times of five.
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


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A member of staff, a location or a service, compared like for like."""

    family: str
    name: str
    group: Standardised


@dataclass(frozen=True, slots=True)
class Factors:
    """The section: factors, those found first and the largest of them first; groups; and both in sentences.

    `missing` says why nothing could be tested. `untested` has the titles of the factors left out since there are too
    few no-shows for their levels.
    """

    factors: tuple[FactorRow, ...]
    groups: tuple[GroupRow, ...]
    groups_cap: str | None
    sentences: tuple[str, ...]
    leading: str | None
    untested: tuple[str, ...] = ()
    missing: str | None = None

    @property
    def shown(self) -> tuple[GroupRow, ...]:
        """The groups that the page has room for."""
        return self.groups[:MOST_GROUPS]


@dataclass(frozen=True, slots=True)
class Concentrated:
    """How few people make the no-shows, with the sentence about it."""

    found: Concentration
    said: str


def content(inputs: Inputs) -> Factors | None:
    """The section of a report; None if fewer bookings than `min_bookings` are rated."""
    frames, min_bookings = inputs.frames, inputs.about.options.min_bookings
    cells = frames.rows["cells"]
    if cells.is_empty() or cells["rated_bookings"].sum() < min_bookings:
        return None
    names = {family: _names(frames.by[family], family) for family in COMPARED}
    return factors_of(cells, names, min_bookings, design_effects_of(frames))


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


def factors_of(
    frame: pl.DataFrame, names: Names, min_bookings: int, design_effects: DesignEffects = INDEPENDENT
) -> Factors:
    """From the measure `cells`, names of groups by family and key, and the design effects of levels and groups."""
    cells = cells_of.coded(frame, min_bookings)
    if not can_be_modelled(cells):
        return Factors((), (), None, (), None, missing=in_words.missing(cells.missed, cells.rated))
    fitted = cells_of.model(cells, list(cells.levels))
    found = associations(cells, fitted, min_bookings, design_effects)
    without = {"service": cells_of.model(cells, [name for name in cells.levels if name != "service"])}
    groups = answered(
        [
            group
            for family in COMPARED
            for group in standardised(cells, family, without.get(family, fitted), min_bookings, design_effects)
        ]
    )
    services = names["service"]
    rows = tuple(_group_row(group, names) for group in sorted(groups, key=_order))
    return Factors(
        factors=tuple(_factor_row(each, services, min_bookings) for each in found),
        groups=rows,
        groups_cap=f"{words.of(MOST_GROUPS, len(rows))} shown" if len(rows) > MOST_GROUPS else None,
        sentences=in_words.groups([(row.name, row.group) for row in rows]),
        leading=in_words.leading(found, services, cells.missed, cells.rated),
        untested=tuple(words_for(name).title for name, why in cells.left_out.items() if why == "too few"),
    )


def _names(rates: pl.DataFrame, family: str) -> dict[str, str]:
    keys = rates.filter(pl.col(f"{family}_id").is_not_null())
    named = zip(keys[f"{family}_id"].cast(pl.String), keys[family].cast(pl.String), strict=True)
    return {key: words.clean(name) for key, name in named}


def _order(group: Standardised) -> tuple[bool, bool, float, str, str]:
    """Those found first, those that lose more than expected before the others."""
    return group.answer != "found", not group.is_explained, -group.ratio, group.family, group.key


def _group_row(group: Standardised, names: Names) -> GroupRow:
    return GroupRow(group.family, names[group.family].get(group.key, words.clean(None)), group)


def _factor_row(each: Association, services: Mapping[str, str], min_bookings: int) -> FactorRow:
    named = words_for(each.factor)
    shown = _most_frequent(each.levels)
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
    )
