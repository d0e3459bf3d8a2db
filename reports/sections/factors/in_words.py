"""Sentences about factors, each with the condition that makes it true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from queries.measures.associations import FEWEST_EVENTS, Association, LevelOdds, OddsRatio
from queries.measures.concentration import Concentration
from queries.model.groupings import LEAD_TIME_BANDS
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.factors.naming import SHORT_NOTICE, beyond, level_name, level_phrase, words_for

_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Compared:
    """The material of the sentence on a factor: its two levels furthest apart, other factors equal, in words.

    `high` and `low` are no-shows and rated bookings; `odds` is the adjusted odds ratio of the high level. `equal` has
    their rates with the other factors equal, those of the table. `beyond` is the band of lead time from which on every
    rate is above that of all, with the share of no-shows and of bookings from there on; None for other factors. `far`
    has the no-shows and rated bookings from there on if the high level is one of these bands, else None.
    """

    title: str
    remedy: str
    of_high: str
    of_low: str
    high: tuple[int, int]
    low: tuple[int, int]
    odds: OddsRatio
    equal: str
    beyond: tuple[str, float, float] | None = None
    far: tuple[int, int] | None = None

    @property
    def differs_plainly(self) -> bool:
        """Whether the plain rates show the difference that is clear with other factors equal."""
        return self.odds.is_clear and self.rates[0] > self.rates[1]

    @property
    def rates(self) -> tuple[float, float]:
        """The plain rates of both levels."""
        return self.high[0] / self.high[1], self.low[0] / self.low[1]

    @property
    def has_most_beyond(self) -> bool:
        """Whether over half of the no-shows are of the long lead times, and more than of all bookings."""
        return self.beyond is not None and self.beyond[1] > _MOST and self.beyond[2] < self.beyond[1]


# Of a factor that is found and that an owner can act on.
DIFFERENCES: Sequence[Sentence[Compared]] = (
    Sentence(
        "Of the {of_high}, {high} are no-shows; of the {of_low}, none ({low_counts}).",
        lambda found: found.odds.is_clear and found.high[0] > 0 and found.low[0] == 0,
    ),
    Sentence(
        "Of the {of_high}, {high} are no-shows: {times} the {low} of the {of_low}. Everything else being "
        "equal, {equal}.",
        lambda found: found.odds.is_clear and found.low[0] > 0 and found.rates[0] > found.rates[1],
    ),
    Sentence(
        "Everything else being equal, more of the {of_high} are no-shows than of the {of_low}: {equal}. The plain "
        "rates, {high} and {low}, do not show it.",
        lambda found: found.odds.is_clear and found.rates[0] <= found.rates[1],
    ),
    Sentence(
        "No-shows go with {title}, everything else being equal.",
        lambda found: not found.odds.is_clear,
    ),
)
# The plain rates of both levels, for a line of several factors.
APART: Sequence[Sentence[Compared]] = (
    Sentence("{high_rate} of {of_high}, {low_rate} of {of_low}", lambda found: found.differs_plainly),
    Sentence("", lambda found: not found.differs_plainly),
)
# Follows it.
MOST: Sequence[Sentence[Compared]] = (
    Sentence(
        " Most no-shows ({share}) are of bookings made {band}, which are {share_of_all} of all.",
        lambda found: found.has_most_beyond,
    ),
    Sentence("", lambda found: not found.has_most_beyond),
)
# Of a confounded factor, why its plain rates mislead.
CONFOUNDED: Sequence[Sentence[Association]] = (
    Sentence(
        "{plain} {other} explains it: where both occur ({strata}), it is {within} against {other_within}.",
        lambda each: each.turned is not None,
    ),
    Sentence(
        "{plain} Other factors explain it: everything else being equal, it is the other way round{equal}.",
        lambda each: each.turned is None and each.plainly_apart.odds.high < 1,
    ),
    Sentence(
        "{plain} Other factors explain it: everything else being equal, no difference shows{equal}.",
        lambda each: each.turned is None and each.plainly_apart.odds.low <= 1 <= each.plainly_apart.odds.high,
    ),
    Sentence(
        "{plain} Other factors explain it: everything else being equal, little of the difference is left{equal}.",
        lambda each: each.turned is None and each.plainly_apart.odds.low > 1,
    ),
)
CONCENTRATED: Sequence[Sentence[Concentration]] = (
    Sentence(
        "It was not tested how few people make the no-shows: {missing}.",
        lambda found: found.half is None or found.chance is None,
    ),
    Sentence(
        "Half of the no-shows{known} are made by {half} of {people}; if all ran the same risk, it would be {chance}.",
        lambda found: found.answer == "found" and is_below_chance(found),
    ),
    Sentence(
        "Half of the no-shows{known} are made by {half} of {people}, as many as if all ran the same risk, though "
        "their risks differ.",
        lambda found: found.answer == "found" and found.half is not None and not is_below_chance(found),
    ),
    Sentence(
        "Half of the no-shows{known} are made by {half} of {people}. That their risks differ is not found: if all "
        "ran the same risk, it would be {chance}.",
        lambda found: found.answer == "not found" and found.half is not None,
    ),
)


def is_below_chance(found: Concentration) -> bool:
    """Whether fewer people make half of the no-shows than would if all ran the same risk."""
    return found.half is not None and found.chance is not None and found.half < round(found.chance)


def leading(found: Sequence[Association], services: Mapping[str, str], missed: int, rated: int) -> str | None:
    """The sentences about the largest effect that is found and can be acted on; None without any.

    `missed` and `rated` are the no-shows and rated bookings of all.
    """
    for each in found:
        remedy = _remedy(each)
        if each.answer == "found" and each.apart.is_credible and remedy:
            compared = compared_of(each, services, remedy, missed, rated)
            return f"{in_words(compared)} You can act on this: {remedy}."
    return None


def _remedy(each: Association) -> str | None:
    """The remedy that an owner has, which for lead time depends on the side that is missed more."""
    is_short = each.factor == "lead_time" and each.apart.high < each.apart.low
    return SHORT_NOTICE if is_short else words_for(each.factor).remedy


def in_words(found: Compared) -> str:
    """The sentence on a factor, and whether most no-shows are of long lead times."""
    values = compared_values(found)
    return say(found, DIFFERENCES, values) + say(found, MOST, values)


def apart_in_words(found: Compared) -> str:
    """The plain rates of both levels; empty if they do not show the difference that is clear, others equal."""
    return say(found, APART, compared_values(found))


def compared_values(found: Compared) -> dict[str, str]:
    """The values of sentences on two levels of a factor."""
    band, share, share_of_all = found.beyond or ("", 0.0, 0.0)
    return {
        "title": found.title,
        "of_high": found.of_high,
        "of_low": found.of_low,
        "high": words.rate_of(*found.high),
        "low": words.rate_of(*found.low),
        "low_counts": words.of(*found.low),
        "high_rate": words.percent(found.rates[0]),
        "low_rate": words.percent(found.rates[1]),
        "times": words.times(found.rates[0] / found.rates[1]) if found.low[0] else "",
        "equal": found.equal,
        "band": band,
        "share": words.percent(share),
        "share_of_all": words.percent(share_of_all),
    }


def rate_with_others_equal(each: Association, level: LevelOdds) -> tuple[float, float, float] | None:
    """The rate of a level if all else were as with the reference, and its interval; None for the reference itself, or
    if that has no rate between 0 and 1.
    """
    reference = next((one.missed / one.rated for one in each.levels if one.level == each.reference), 0.0)
    return level.adjusted.of_rate(reference) if level.adjusted and 0 < reference < 1 else None


def _equal(each: Association, high: LevelOdds, low: LevelOdds, odds: OddsRatio) -> str:
    """The rates of two levels as the table has them: "it would be 21.4 % (likely range …) against 6.5 %".

    Without a rate of the reference, that at so many times the odds of the plain rate of the low level.
    """
    known = rate_with_others_equal(each, high), rate_with_others_equal(each, low)
    if all(known) or (any(known) and each.reference in (high.level, low.level)):
        rates = [_rate_in_words(level, rate) for level, rate in zip((high, low), known, strict=True)]
        return f"it would be {rates[0]} against {rates[1]}"
    plain = low.missed / low.rated
    return f"it would be {_ranged(*odds.of_rate(plain))} against {words.percent(plain)}"


def _rate_in_words(level: LevelOdds, rate: tuple[float, float, float] | None) -> str:
    return _ranged(*rate) if rate else words.percent(level.missed / level.rated)


def _ranged(rate: float, low: float, high: float) -> str:
    return f"{words.percent(rate)} ({words.RANGE} {words.interval(low, high)})"


def compared_of(each: Association, services: Mapping[str, str], remedy: str, missed: int, rated: int) -> Compared:
    """The two levels of a factor that are furthest apart."""
    high, low = each.levels[each.apart.high], each.levels[each.apart.low]
    run = _far_run(each.levels, missed, rated) if each.factor == "lead_time" else ()
    return Compared(
        title=words_for(each.factor).title,
        remedy=remedy,
        of_high=level_phrase(each.factor, high.level, services),
        of_low=level_phrase(each.factor, low.level, services),
        high=(high.missed, high.rated),
        low=(low.missed, low.rated),
        odds=each.apart.odds,
        equal=_equal(each, high, low, each.apart.odds),
        beyond=_beyond(run, missed, rated),
        far=(sum(one.missed for one in run), sum(one.rated for one in run)) if high in run else None,
    )


def _far_run(levels: Sequence[LevelOdds], missed: int, rated: int) -> Sequence[LevelOdds]:
    """The longest run of bands at the far end that all lie above the rate of all; none if it is all of them."""
    known = [level for level in levels if level.level is not None and level.rated]
    first = len(known)
    while first and known[first - 1].missed * rated > missed * known[first - 1].rated:
        first -= 1
    return known[first:] if first else ()


def _beyond(run: Sequence[LevelOdds], missed: int, rated: int) -> tuple[str, float, float] | None:
    """Those bands in words, with their shares of the no-shows and of the bookings; None without any."""
    if not run or run[0].level is None:
        return None
    return beyond(run[0].level), sum(one.missed for one in run) / missed, sum(one.rated for one in run) / rated


def confounded(each: Association, services: Mapping[str, str]) -> str:
    """Why the plain rates of a confounded factor mislead, by those within the strongest other factor or by those with
    the others equal."""
    high, low = (each.levels[at] for at in (each.plainly_apart.high, each.plainly_apart.low))
    names = [level_phrase(each.factor, level.level, services) for level in (high, low)]
    plain = (
        f"Of the {names[0]}, {words.rate_of(high.missed, high.rated)} are no-shows; "
        f"of the {names[1]}, {words.rate_of(low.missed, low.rated)}."
    )
    odds, turned = each.plainly_apart.odds, each.turned
    values = {"plain": plain, "equal": f": {_equal(each, high, low, odds)}" if low.missed else ""}
    if turned:
        values |= {
            "other": words.capital(words_for(turned.factor).title),
            "strata": _strata(turned.factor, turned.strata, services),
            "within": words.rate_of(turned.missed, turned.rated),
            "other_within": words.rate_of(turned.other_missed, turned.other_rated),
        }
    return say(each, CONFOUNDED, values)


def _strata(factor: str, strata: Sequence[str | None], services: Mapping[str, str]) -> str:
    names = [level_name(factor, level, services) for level in strata]
    if factor == "lead_time" and len(names) > 1 and names == list(LEAD_TIME_BANDS[1:][-len(names) :]):
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
    values = {
        "known": " of known people" if found.is_partial else "",
        "half": words.count(found.half),
        "people": words.plural(found.people, "person", "people"),
        "chance": words.count(None if found.chance is None else round(found.chance)),
        "missing": found.missing or "",
    }
    return say(found, CONCENTRATED, values)
