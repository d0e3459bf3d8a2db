"""The report in three to five sentences, for readers in a hurry. Claims are made only if a test supports them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from queries.measures.group_verdicts import GroupVerdict
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.factors import content as factors_section
from reports.sections.factors.content import Factors
from reports.sections.headline import content as headline_section
from reports.sections.headline.figures import Headline
from reports.sections.over_time import content as over_time_section
from reports.sections.over_time.course import Course
from reports.sections.registers import content as registers_section
from reports.sections.registers.content import Registers
from reports.sections.section import Inputs
from reports.sections.where import content as where_section
from reports.sections.where.standouts import NO_STANDOUTS, Standout, Standouts
from reports.sections.where.verdict_words import FEW_PEOPLE
from reports.sections.worth import content as worth_section
from reports.sections.worth.content import Worth

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


def content(inputs: Inputs) -> tuple[str, ...]:
    """The sentences of a report, the most important first."""
    options = inputs.about.options
    return sentences_of(
        Findings(
            headline_section.content(inputs),
            inputs.content(where_section.standouts) or NO_STANDOUTS,
            inputs.content(over_time_section.content),
            inputs.content(registers_section.content),
            options.min_bookings,
            inputs.content(worth_section.content),
            options.share,
            inputs.content(factors_section.content),
        )
    )


def sentences_of(found: Findings) -> tuple[str, ...]:
    """Sentences about the rate, the groups that stand out, the course, unmarked registers and the worth of seats."""
    if found.headline.is_withheld or not found.headline.rated_bookings:
        return (found.headline.sentence, *_registers(found))
    if found.headline.rated_bookings < found.min_bookings:
        return (_too_few(found.headline), *_registers(found))
    return (
        _overall(found.headline),
        *([found.factors.leading] if found.factors and found.factors.leading else []),
        *(
            (_where(found.standouts, found.share, found.headline.one), found.course.change_in_words)
            if found.course
            else ()
        ),
        *_registers(found),
        *_silent(found),
        *_worth(found.worth),
    )


def _too_few(headline: Headline) -> str:
    counted = words.of(headline.missed_bookings, headline.rated_bookings)
    return f"{counted} {headline.one}s are no-shows: too few to say more."


def _overall(headline: Headline) -> str:
    counted = f"{words.of(headline.missed_bookings, headline.rated_bookings)} {headline.one}s"
    if headline.bounds_lead:
        return (
            f"Between {words.percent(headline.bound_low)} and {words.percent(headline.bound_high)} of the bookings are "
            f"no-shows: only {words.percent(headline.coverage)} of them are marked, so nobody knows more exactly."
        )
    within = words.interval(headline.no_show_rate_low, headline.no_show_rate_high)
    limit = f"{headline.limit.capitalize()} " if headline.limit else ""
    presumed = f" {headline.presumption}" if headline.is_presumed else ""
    return (
        f"{limit}{words.percent(headline.no_show_rate)} of the bookings are no-shows "
        f"({counted}; {words.INTERVAL} {within}).{presumed}"
    )


def _where(found: Standouts, share: bool, counted: str) -> str:
    if not found.tested:
        return f"There are too few {counted}s to say where they are lost."
    if not found.found:
        kinds = "service or place with counts that are shown" if share else "service, session series, place or person"
        return f"No {kinds} is found to lose more bookings than the others."
    others = len(found.found) - 1
    more = (
        f" {words.plural(others, 'other group')} that {'overlaps' if others == 1 else 'overlap'} or "
        f"{'stands' if others == 1 else 'stand'} beside it {'is' if others == 1 else 'are'} flagged below."
        if others
        else ""
    )
    return _standing(found.found[0], found, share) + more


def _standing(first: Standout, found: Standouts, share: bool) -> str:
    group, since = first.verdict, found.since
    when = "in the last 26 weeks " if first.lately else ""
    lost = f"{words.percent(group.rate)} of the bookings are lost ({words.of(group.missed, group.rated)})"
    against = say(group, AGAINST, _against(group))
    when_since = f"; {_since(since, found.since_may_be_season)}" if since and not share else ""
    few = f" {FEW_PEOPLE}" if group.few_people else ""
    return f"{first.phrase}: {when}{lost}, {against}{when_since}.{few}"


def _since(start: dt.date, may_be_season: bool) -> str:
    middle = start + _MIDWEEK
    season = ", though in less than two years a yearly season would look the same" if may_be_season else ""
    return f"its rate has been higher since {words.month(middle)} {middle.year}{season}"


# What a group that loses more is held against.
AGAINST: Sequence[Sentence[GroupVerdict]] = (
    Sentence("where {expected} would be expected of the same bookings", lambda each: each.like_for_like is not None),
    Sentence("{times} the {rest} of the rest", lambda each: each.like_for_like is None and each.rest_missed > 0),
    Sentence("and none elsewhere", lambda each: each.like_for_like is None and each.rest_missed == 0),
)


def _against(group: GroupVerdict) -> dict[str, str]:
    return {
        "expected": words.percent(group.like_for_like.expected_rate) if group.like_for_like else "",
        "times": words.times(group.rate / group.rest_rate) if group.rest_missed else "",
        "rest": words.percent(group.rest_rate),
    }


def _registers(found: Findings) -> tuple[str, ...]:
    registers = found.registers
    if registers is None or registers.unmarked <= _MANY_UNMARKED * (found.headline.bookings or 0):
        return ()
    most = max(registers.keepers, key=lambda keeper: keeper.unmarked)
    who = f"{most.staff}{f' at {most.location}' if most.location else ''}"
    # Nobody has more: that is true of the first whether it is most of them or not.
    whose = (
        f"{words.count(most.unmarked)} of them with {who}, the largest number"
        if len(registers.keepers) > 1
        else f"with {who}"
    )
    said = (
        f"{words.plural(registers.sessions, 'past session')} {'has' if registers.sessions == 1 else 'have'} "
        f"{words.plural(registers.unmarked, 'booking')} that nobody marked, {whose}: "
        "filling those in makes every figure here surer."
    )
    return (said,)


def _silent(found: Findings) -> tuple[str, ...]:
    """Who has marked nobody for longest, if that is long and not for want of bookings."""
    for one in found.registers.silent if found.registers else ():
        if one.bookings >= found.min_bookings and (one.days is None or one.days > _LONG_SILENT):
            since = "yet" if one.days is None else f"for {words.plural(one.days, 'day')}"
            who = f"{one.keeper} has marked nobody" if one.kept_by == "staff" else f"{one.keeper}: nobody was marked"
            return (f"{who} {since} ({words.plural(one.bookings, 'due booking')}): ask whether anybody looks.",)
    return ()


def _worth(worth: Worth | None) -> tuple[str, ...]:
    if worth is None or len(worth.values) != 1 or not worth.values[0].low:
        return ()
    (value,) = worth.values
    upto = f" to {words.money(value.high, None)}" if value.high > value.low else ""
    return (f"The seats left empty were worth {words.money(value.low, value.currency)}{upto} at list price.",)
