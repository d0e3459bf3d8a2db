"""Sentences about factors, each with the condition that makes it true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from queries.measures.associations import FEWEST_EVENTS, Association, LevelOdds, OddsRatio
from queries.measures.concentration import Concentration
from reports.drawing import words
from reports.sections.factors.naming import beyond, level_name, level_phrase, words_for

# Ratios between the limits are called by the words; any other by its number.
RATIOS = (
    (1.4, 1.6, "one and a half times"),
    (1.8, 2.2, "twice"),
    (2.7, 3.3, "three times"),
    (3.6, 4.4, "four times"),
)
_MOST = 0.5


def ratio_in_words(ratio: float) -> str:
    """How many times as much: `twice` within 1.8 to 2.2; 6.9 times."""
    return next((said for low, high, said in RATIOS if low <= ratio <= high), f"{ratio:.1f}{words.NBSP}times")


@dataclass(frozen=True, slots=True)
class Compared:
    """The material of the sentence on a factor: its two levels furthest apart, other factors equal, in words.

    `high` and `low` are no-shows and rated bookings; `odds` is the adjusted odds ratio of the high level. `beyond` is
    the band of lead time from which on every rate is above that of all, with the share of no-shows and of bookings
    from there on; None for other factors.
    """

    title: str
    remedy: str
    of_high: str
    of_low: str
    high: tuple[int, int]
    low: tuple[int, int]
    odds: OddsRatio
    beyond: tuple[str, float, float] | None = None

    @property
    def rates(self) -> tuple[float, float]:
        """The plain rates of both levels."""
        return self.high[0] / self.high[1], self.low[0] / self.low[1]


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence, and when it is true."""

    name: str
    is_true: Callable[[Compared], bool]
    text: Callable[[Compared], str]


def _odds(found: Compared) -> str:
    interval = f"{words.INTERVAL} {found.odds.low:.1f} to {found.odds.high:.1f}"
    return f"the odds are {found.odds.ratio:.1f}{words.NBSP}times as high ({interval})"


def _both(found: Compared) -> tuple[str, str]:
    return words.rate_of(*found.high), words.rate_of(*found.low)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# The first that is true is said.
DIFFERENCES = (
    Template(
        "none of the others",
        lambda found: found.odds.is_clear and found.high[0] > 0 and found.low[0] == 0,
        lambda found: (
            f"Of the {found.of_high}, {_both(found)[0]} are no-shows; of the {found.of_low}, none "
            f"({words.of(*found.low)})."
        ),
    ),
    Template(
        "times",
        lambda found: found.odds.is_clear and found.low[0] > 0 and found.rates[0] > found.rates[1],
        lambda found: (
            f"Of the {found.of_high}, {_both(found)[0]} are no-shows: "
            f"{ratio_in_words(found.rates[0] / found.rates[1])} the {_both(found)[1]} of the {found.of_low}. "
            f"Everything else being equal, {_odds(found)}."
        ),
    ),
    Template(
        "hidden by other factors",
        lambda found: found.odds.is_clear and found.rates[0] <= found.rates[1],
        lambda found: (
            f"Everything else being equal, {_odds(found)} for the {found.of_high} as for the {found.of_low}; "
            f"the plain rates, {_both(found)[0]} and {_both(found)[1]}, do not show it."
        ),
    ),
    Template(
        "several levels together",
        lambda found: not found.odds.is_clear,
        lambda found: f"No-shows go with {found.title}, everything else being equal.",
    ),
)
# Those that are true follow.
ADDED = (
    Template(
        "most of the no-shows",
        lambda found: found.beyond is not None and found.beyond[1] > _MOST and found.beyond[2] < found.beyond[1],
        lambda found: (
            f"Most no-shows ({words.percent(found.beyond[1])}) are of bookings made {found.beyond[0]}, which are "
            f"{words.percent(found.beyond[2])} of all."
            if found.beyond
            else ""
        ),
    ),
    Template("remedy", lambda found: True, lambda found: f"You can act on this: {found.remedy}."),
)


def leading(found: Sequence[Association], services: Mapping[str, str], missed: int, rated: int) -> str | None:
    """The sentences about the largest effect that is found and can be acted on; None without any.

    `missed` and `rated` are the no-shows and rated bookings of all.
    """
    for each in found:
        remedy = words_for(each.factor).remedy
        if each.answer == "found" and remedy:
            compared = compared_of(each, services, remedy, missed, rated)
            first = next(template for template in DIFFERENCES if template.is_true(compared))
            others = [template for template in ADDED if template.is_true(compared)]
            return " ".join(template.text(compared) for template in (first, *others))
    return None


def compared_of(each: Association, services: Mapping[str, str], remedy: str, missed: int, rated: int) -> Compared:
    """The two levels of a factor that are furthest apart."""
    high, low = each.levels[each.apart.high], each.levels[each.apart.low]
    return Compared(
        title=words_for(each.factor).title,
        remedy=remedy,
        of_high=level_phrase(each.factor, high.level, services),
        of_low=level_phrase(each.factor, low.level, services),
        high=(high.missed, high.rated),
        low=(low.missed, low.rated),
        odds=each.apart.odds,
        beyond=_beyond(each.levels, missed, rated) if each.factor == "lead_time" else None,
    )


def _beyond(levels: Sequence[LevelOdds], missed: int, rated: int) -> tuple[str, float, float] | None:
    """The longest run of bands at the far end that all lie above the rate of all, unless it is all of them."""
    known = [level for level in levels if level.level is not None and level.rated]
    first = len(known)
    while first and known[first - 1].missed * rated > missed * known[first - 1].rated:
        first -= 1
    run = known[first:]
    if not first or not run or run[0].level is None:
        return None
    return beyond(run[0].level), sum(one.missed for one in run) / missed, sum(one.rated for one in run) / rated


def confounded(each: Association, services: Mapping[str, str]) -> str:
    """Why the plain rates of a confounded factor mislead, by those within the strongest other factor or by the odds."""
    high, low = (each.levels[at] for at in (each.plainly_apart.high, each.plainly_apart.low))
    names = [level_phrase(each.factor, level.level, services) for level in (high, low)]
    plain = (
        f"Of the {names[0]}, {words.rate_of(high.missed, high.rated)} are no-shows; "
        f"of the {names[1]}, {words.rate_of(low.missed, low.rated)}."
    )
    if each.turned is None:
        odds = each.plainly_apart.odds
        alike = "no difference shows" if odds.low <= 1 else "little of the difference is left"
        said = "it is the other way round" if odds.high < 1 else alike
        interval = f"{words.INTERVAL} {odds.low:.2f} to {odds.high:.2f}"
        return (
            f"{plain} Other factors explain it: everything else being equal, {said} "
            f"(odds {odds.ratio:.2f}{words.NBSP}times as high, {interval})."
        )
    turned = each.turned
    within = words.rate_of(turned.missed, turned.rated), words.rate_of(turned.other_missed, turned.other_rated)
    return (
        f"{plain} {_capital(words_for(turned.factor).title)} explains it: where both occur "
        f"({_strata(turned.factor, turned.strata, services)}), it is {within[0]} against {within[1]}."
    )


def _strata(factor: str, strata: Sequence[str | None], services: Mapping[str, str]) -> str:
    names = [level_name(factor, level, services) for level in strata]
    if factor == "lead_time" and None not in strata and len(names) > 1:
        return beyond(names[0])
    return words.listed(names)


def missing(missed: int, rated: int) -> str:
    """Why nothing could be tested."""
    fewer = "no-shows" if missed <= rated - missed else "attended bookings"
    if min(missed, rated - missed) < FEWEST_EVENTS:
        return f"there are too few {fewer} ({words.count(min(missed, rated - missed))})"
    return "nothing is known by which the bookings differ"


def concentrated(found: Concentration) -> str:
    """How few people make half of the no-shows, beside chance."""
    if found.half is None or found.chance is None:
        return f"It was not tested how few people make the no-shows: {found.missing}."
    people = words.plural(found.people, "person", "people")
    half = f"Half of the no-shows are made by {words.count(found.half)} of {people}"
    chance = words.count(round(found.chance))
    if found.answer == "found" and found.half >= round(found.chance):
        return f"{half}, as many as if all ran the same risk, though their risks differ."
    if found.answer == "found":
        return f"{half}; if all ran the same risk, it would be {chance}."
    return f"{half}, no fewer than chance can explain ({chance} if all ran the same risk)."
