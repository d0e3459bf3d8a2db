"""The findings that the first page of a report is written from, and the words for groups and registers among them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from queries.measures.group_verdicts import GroupVerdict
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.factors import content as factors
from reports.sections.factors.content import Factors
from reports.sections.headline import content as headline
from reports.sections.headline.figures import Headline
from reports.sections.over_time import content as over_time
from reports.sections.over_time.course import Course
from reports.sections.registers import content as registers
from reports.sections.registers.content import NO_STAFF, Keeper, Registers
from reports.sections.registers.habits import Silent
from reports.sections.section import Inputs
from reports.sections.where import content as where
from reports.sections.where.nesting import Standout
from reports.sections.where.standouts import NO_STANDOUTS, Standouts
from reports.sections.where.verdict_words import FEW_PEOPLE
from reports.sections.worth import content as worth
from reports.sections.worth.content import Value, Worth

# Registers to fill in are worth a sentence if more than this share of the due bookings is unmarked.
_MANY_UNMARKED = 0.02
# After so many days without a mark it is worth a sentence.
_LONG_SILENT = 28
# A week belongs to the month of its Thursday.
_MIDWEEK = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Findings:
    """The contents that sentences are made from; those that a report leaves out are None.

    `in_actions` are the kinds of findings that "What to do this week" has said (`reports.sections.actions`).
    """

    headline: Headline
    standouts: Standouts
    course: Course | None
    registers: Registers | None
    min_bookings: int
    worth: Worth | None
    share: bool = False
    factors: Factors | None = None
    in_actions: frozenset[str] = frozenset()

    @property
    def has_enough(self) -> bool:
        """Whether enough is rated to say more than the counts."""
        return self.headline.is_rated and (self.headline.rated_bookings or 0) >= self.min_bookings

    @property
    def first(self) -> Standout | None:
        """The group that stands out most clearly."""
        return self.standouts.found[0] if self.standouts.found else None

    @property
    def others(self) -> int:
        """How many more groups stand out."""
        return max(0, len(self.standouts.found) - 1)

    @property
    def has_many_unmarked(self) -> bool:
        """Whether so many bookings are unmarked that registers are worth a sentence."""
        found = self.registers
        return found is not None and found.unmarked > _MANY_UNMARKED * (self.headline.bookings or 0)

    @property
    def silent(self) -> Silent | None:
        """Who has marked nobody for longest, if that is long and not for want of bookings."""
        for one in self.registers.silent if self.registers else ():
            if one.bookings >= self.min_bookings and (one.days is None or one.days > _LONG_SILENT):
                return one
        return None

    @property
    def value(self) -> Value | None:
        """The list price of the no-shows, if it is above 0 and in one currency."""
        values = self.worth.values if self.worth else ()
        return values[0] if len(values) == 1 and values[0].low else None


def findings_of(inputs: Inputs) -> Findings:
    """The findings of a report; contents that it leaves out are None."""
    options = inputs.about.options
    return Findings(
        headline.content(inputs),
        inputs.content(where.standouts) or NO_STANDOUTS,
        inputs.content(over_time.content),
        inputs.content(registers.content),
        options.min_bookings,
        inputs.content(worth.content),
        options.share,
        inputs.content(factors.content),
    )


# The measure for a group that loses more.
AGAINST: Sequence[Sentence[GroupVerdict]] = (
    Sentence("where similar bookings of others have {expected}", lambda each: each.like_for_like is not None),
    Sentence("{times} the {rest} of the rest", lambda each: each.like_for_like is None and each.rest_missed > 0),
    Sentence("and none elsewhere", lambda each: each.like_for_like is None and each.rest_missed == 0),
)
# Since when; not in a shared report, whose counts by week are withheld.
SINCE: Sequence[Sentence[Findings]] = (
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


def _is_dated(found: Findings) -> bool:
    return not found.share and found.standouts.since is not None


def standing(first: Standout, found: Findings, phrase: str) -> str:
    """How much a group loses, against which rate, and since when; `phrase` is its name in the sentence."""
    group, since = first.verdict, found.standouts.since
    middle = since + _MIDWEEK if since else None
    month = f"{words.month(middle)} {middle.year}" if middle else ""
    when = "in the last 26 weeks " if first.lately else ""
    lost = (
        f"{words.percent(group.rate)} of the {found.headline.one}s are no-shows ({words.of(group.missed, group.rated)})"
    )
    when_since = say(found, SINCE, {"month": month})
    few = f" {FEW_PEOPLE}" if group.few_people else ""
    return f"{phrase}: {when}{lost}, {against(group)}{when_since}.{few}"


def against(group: GroupVerdict) -> str:
    """The measure for a group that loses more, in words."""
    values = {
        "expected": words.percent(group.like_for_like.others_rate) if group.like_for_like else "",
        "times": words.times(group.rate / group.rest_rate) if group.rest_missed else "",
        "rest": words.percent(group.rest_rate) if group.rest_rated else "",
    }
    return say(group, AGAINST, values)


@dataclass(frozen=True, slots=True)
class Holder:
    """A member of staff with registers to fill in, over all locations: bookings, and the id of the first row."""

    who: str
    unmarked: int
    id: str
    is_named: bool = True


# Beyond so many who have the same number of bookings, their names do not help.
_MOST_NAMED = 3
# Who has the registers to fill in; nobody has more than the first, whether that is most of them or not.
WHOSE: Sequence[Sentence[Sequence[Holder]]] = (
    Sentence("{most} of them with {who}, the largest number", lambda holders: len(holders) == 1),
    Sentence("{most} each with {who}, the largest number", lambda holders: 1 < len(holders) <= _MOST_NAMED),
    Sentence("no more than {most} with anybody", lambda holders: len(holders) > _MOST_NAMED),
    Sentence("", lambda holders: not holders),
)
# The same if nobody else has any.
ALL: Sequence[Sentence[Holder]] = (Sentence("all with {who}", lambda _: True),)


def holders_of(keepers: Sequence[Keeper]) -> tuple[Holder, ...]:
    """The members of staff over all their locations, the most unmarked bookings first.

    The location is named if there is one only, or if the member of staff is not known.
    """
    rows: dict[tuple[str, str], list[Keeper]] = {}
    for keeper in keepers:
        rows.setdefault((keeper.staff, "" if keeper.staff != NO_STAFF else keeper.location), []).append(keeper)
    holders = [_holder(each) for each in rows.values()]
    return tuple(sorted(holders, key=lambda each: -each.unmarked))


def _holder(rows: Sequence[Keeper]) -> Holder:
    first, places = rows[0], {row.location for row in rows}
    at = f" at {first.location}" if len(places) == 1 and first.location else ""
    most = max(rows, key=lambda row: row.unmarked)
    return Holder(f"{first.staff}{at}", sum(row.unmarked for row in rows), most.id, first.staff != NO_STAFF)


def most_of(keepers: Sequence[Keeper]) -> tuple[Holder, ...]:
    """Who has the most unmarked bookings, several if they have the same number; empty without any."""
    holders = holders_of(keepers)
    return tuple(each for each in holders if each.unmarked == holders[0].unmarked)


def register_values(keepers: Sequence[Keeper]) -> Mapping[str, str]:
    """The values of sentences about the registers of some keepers; empty if there are none."""
    holders, sessions = most_of(keepers), sum(each.sessions for each in keepers)
    unmarked = sum(each.unmarked for each in keepers)
    values = {
        "sessions": words.plural(sessions, "past session"),
        "have": "has" if sessions == 1 else "have",
        "unmarked": words.plural(unmarked, "booking"),
        "most": words.count(holders[0].unmarked) if holders else "",
        "who": words.listed([each.who for each in holders]) if holders else "",
    }
    has_all = bool(holders) and holders[0].unmarked == unmarked
    whose = say(holders[0], ALL, values) if has_all else say(holders, WHOSE, values)
    return values | {"whose": whose}


def silent_values(silent: Silent | None) -> Mapping[str, str]:
    """The values of sentences about who marks nobody; empty if there is nobody."""
    return {
        "silent": silent.keeper if silent else "",
        "since": "" if silent is None else "yet" if silent.days is None else f"for {words.plural(silent.days, 'day')}",
        "due": words.plural(silent.bookings, "past booking") if silent else "",
    }
