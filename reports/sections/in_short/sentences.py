"""The sentences of "In short", each with the condition that makes it true; an empty one is not said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from queries.measures.group_verdicts import GroupVerdict
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.factors.content import Factors
from reports.sections.headline.figures import Headline
from reports.sections.over_time.course import Course
from reports.sections.registers.content import Keeper, Registers
from reports.sections.registers.habits import Silent
from reports.sections.where.standouts import Standout, Standouts
from reports.sections.where.verdict_words import FEW_PEOPLE
from reports.sections.worth.content import Value, Worth

# Registers to fill in are worth a sentence if more than this share of the due bookings is unmarked.
_MANY_UNMARKED = 0.02
# After so many days without a mark it is worth a sentence.
_LONG_SILENT = 28
# A week belongs to the month of its Thursday.
_MIDWEEK = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Findings:
    """The contents that sentences are made from; those that a report leaves out are None."""

    headline: Headline
    standouts: Standouts
    course: Course | None
    registers: Registers | None
    min_bookings: int
    worth: Worth | None
    share: bool = False
    factors: Factors | None = None

    @property
    def has_rate(self) -> bool:
        """Whether anything is rated, and shown."""
        return not self.headline.is_withheld and bool(self.headline.rated_bookings)

    @property
    def has_enough(self) -> bool:
        """Whether enough is rated to say more than the counts."""
        return self.has_rate and (self.headline.rated_bookings or 0) >= self.min_bookings

    @property
    def first(self) -> Standout | None:
        """The group that stands out most clearly."""
        return self.standouts.found[0] if self.standouts.found else None

    @property
    def others(self) -> int:
        """How many more groups stand out."""
        return max(0, len(self.standouts.found) - 1)

    @property
    def keeper(self) -> Keeper | None:
        """Who has the most unmarked bookings, if they are many; that need not be most of them."""
        found = self.registers
        if found is None or found.unmarked <= _MANY_UNMARKED * (self.headline.bookings or 0):
            return None
        return max(found.keepers, key=lambda keeper: keeper.unmarked)

    @property
    def silent(self) -> Silent | None:
        """Who has marked nobody for longest, if that is long and not for want of bookings."""
        for one in self.registers.silent if self.registers else ():
            if one.bookings >= self.min_bookings and (one.days is None or one.days > _LONG_SILENT):
                return one
        return None

    @property
    def value(self) -> Value | None:
        """What the empty seats were worth, if it is above 0 and in one currency."""
        values = self.worth.values if self.worth else ()
        return values[0] if len(values) == 1 and values[0].low else None


Rows = Sequence[Sentence[Findings]]

RATE: Rows = (
    Sentence("{headline}", lambda found: not found.has_rate),
    Sentence("{counted} are no-shows: too few to say more.", lambda found: found.has_rate and not found.has_enough),
    Sentence(
        "Between {bound_low} and {bound_high} of the bookings are no-shows: only {coverage} of them are marked, so "
        "nobody knows more exactly.",
        lambda found: found.has_enough and found.headline.bounds_lead,
    ),
    Sentence(
        "{limit}{rate} of the bookings are no-shows ({counted}; {interval}).{presumed}",
        lambda found: found.has_enough and not found.headline.bounds_lead,
    ),
)
FACTOR: Rows = (
    Sentence("{leading}", lambda found: found.has_enough and found.factors is not None and bool(found.factors.leading)),
    Sentence("", lambda found: not (found.has_enough and found.factors is not None and found.factors.leading)),
)
WHERE: Rows = (
    Sentence("", lambda found: not _is_about_groups(found)),
    Sentence(
        "There are too few {one}s to say where they are lost.",
        lambda found: _is_about_groups(found) and not found.standouts.tested,
    ),
    Sentence(
        "No {kinds} is found to lose more bookings than the others.",
        lambda found: _is_about_groups(found) and found.standouts.tested > 0 and found.first is None,
    ),
    Sentence("{standing}", lambda found: _is_about_groups(found) and found.first is not None and not found.others),
    Sentence(
        "{standing} 1{nbsp}other group that overlaps or stands beside it is named below.",
        lambda found: _is_about_groups(found) and found.others == 1,
    ),
    Sentence(
        "{standing} {others}{nbsp}other groups that overlap or stand beside it are named below.",
        lambda found: _is_about_groups(found) and found.others > 1,
    ),
)
CHANGE: Rows = (
    Sentence("{change}", lambda found: _is_about_groups(found)),
    Sentence("", lambda found: not _is_about_groups(found)),
)
REGISTERS: Rows = (
    Sentence("", lambda found: found.keeper is None),
    Sentence(
        "{sessions} {have} {unmarked} that nobody marked, {most} of them with {who}, the largest number: filling those "
        "in makes every figure here surer.",
        lambda found: found.keeper is not None and len(found.registers.keepers if found.registers else ()) > 1,
    ),
    Sentence(
        "{sessions} {have} {unmarked} that nobody marked, with {who}: filling those in makes every figure here surer.",
        lambda found: found.keeper is not None and len(found.registers.keepers if found.registers else ()) == 1,
    ),
)
SILENT: Rows = (
    Sentence("", lambda found: not found.has_enough or found.silent is None),
    Sentence(
        "{silent} has marked nobody {since} ({due}): ask whether anybody looks.",
        lambda found: found.has_enough and found.silent is not None and found.silent.kept_by == "staff",
    ),
    Sentence(
        "{silent}: nobody was marked {since} ({due}): ask whether anybody looks.",
        lambda found: found.has_enough and found.silent is not None and found.silent.kept_by != "staff",
    ),
)
WORTH: Rows = (
    Sentence("", lambda found: not found.has_enough or found.value is None),
    Sentence(
        "The seats left empty were worth {low} to {high} at list price.",
        lambda found: found.has_enough and found.value is not None and found.value.high > found.value.low,
    ),
    Sentence(
        "The seats left empty were worth {low} at list price.",
        lambda found: found.has_enough and found.value is not None and found.value.high <= found.value.low,
    ),
)
# In the order of reading.
QUESTIONS: Sequence[Rows] = (RATE, FACTOR, WHERE, CHANGE, REGISTERS, SILENT, WORTH)

# What a group that loses more is held against.
AGAINST: Sequence[Sentence[GroupVerdict]] = (
    Sentence("where {expected} would be expected of the same bookings", lambda each: each.like_for_like is not None),
    Sentence("{times} the {rest} of the rest", lambda each: each.like_for_like is None and each.rest_missed > 0),
    Sentence("and none elsewhere", lambda each: each.like_for_like is None and each.rest_missed == 0),
)
# Since when; not in a shared report, whose counts by week are withheld.
SINCE: Rows = (
    Sentence("", lambda found: found.share or found.standouts.since is None),
    Sentence(
        "; its rate has been higher since {month}",
        lambda found: _is_dated(found) and not found.standouts.since_may_be_season,
    ),
    Sentence(
        "; its rate has been higher since {month}, though in less than two years a yearly season would look the same",
        lambda found: _is_dated(found) and found.standouts.since_may_be_season,
    ),
)


def values_of(found: Findings) -> dict[str, str]:
    """The values of all templates; empty where there are none."""
    headline = found.headline
    counted = f"{words.of(headline.missed_bookings, headline.rated_bookings)} {headline.one}s"
    return {
        "nbsp": words.NBSP,
        "headline": headline.sentence,
        "counted": counted,
        "bound_low": words.percent(headline.bound_low),
        "bound_high": words.percent(headline.bound_high),
        "coverage": words.percent_against(headline.coverage, headline.enough_coverage),
        "limit": f"{headline.limit.capitalize()} " if headline.limit else "",
        "rate": words.percent(headline.no_show_rate),
        "interval": f"{words.INTERVAL} {words.interval(headline.no_show_rate_low, headline.no_show_rate_high)}",
        "presumed": f" {headline.presumption}" if headline.is_presumed else "",
        "leading": (found.factors.leading if found.factors else None) or "",
        "one": headline.one,
        "kinds": "service or place with counts that are shown"
        if found.share
        else "service, session series, place or person",
        "standing": _standing(found.first, found) if found.first else "",
        "others": words.count(found.others),
        "change": found.course.change_in_words if found.course else "",
        **_of_registers(found),
        **_of_value(found.value),
    }


def _is_about_groups(found: Findings) -> bool:
    return found.has_enough and found.course is not None


def _is_dated(found: Findings) -> bool:
    return not found.share and found.standouts.since is not None


def _standing(first: Standout, found: Findings) -> str:
    group, since = first.verdict, found.standouts.since
    middle = since + _MIDWEEK if since else None
    month = f"{words.month(middle)} {middle.year}" if middle else ""
    when = "in the last 26 weeks " if first.lately else ""
    lost = f"{words.percent(group.rate)} of the bookings are lost ({words.of(group.missed, group.rated)})"
    against, when_since = say(group, AGAINST, _against(group)), say(found, SINCE, {"month": month})
    few = f" {FEW_PEOPLE}" if group.few_people else ""
    return f"{first.phrase}: {when}{lost}, {against}{when_since}.{few}"


def _against(group: GroupVerdict) -> Mapping[str, str]:
    return {
        "expected": words.percent(group.like_for_like.expected_rate) if group.like_for_like else "",
        "times": words.times(group.rate / group.rest_rate) if group.rest_missed else "",
        "rest": words.percent(group.rest_rate) if group.rest_rated else "",
    }


def _of_registers(found: Findings) -> Mapping[str, str]:
    registers, keeper, silent = found.registers, found.keeper, found.silent
    return {
        "sessions": words.plural(registers.sessions, "past session") if registers else "",
        "have": "has" if registers and registers.sessions == 1 else "have",
        "unmarked": words.plural(registers.unmarked, "booking") if registers else "",
        "most": words.count(keeper.unmarked) if keeper else "",
        "who": f"{keeper.staff}{f' at {keeper.location}' if keeper.location else ''}" if keeper else "",
        "silent": silent.keeper if silent else "",
        "since": "" if silent is None else "yet" if silent.days is None else f"for {words.plural(silent.days, 'day')}",
        "due": words.plural(silent.bookings, "due booking") if silent else "",
    }


def _of_value(value: Value | None) -> Mapping[str, str]:
    return {
        "low": words.money(value.low, value.currency) if value else "",
        "high": words.money(value.high, None) if value else "",
    }
