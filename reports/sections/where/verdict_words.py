"""The words for groups: every badge and sentence beside the verdicts that make it true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from queries.measures.group_verdicts import GroupVerdict
from reports.drawing import words
from reports.drawing.group_names import is_nameless
from reports.drawing.sentences import Sentence, say

# A rate within so much of that of others, as a part of it, is hardly worth naming anybody for.
_SLIGHT = 0.1


def _is_only_flagged(each: GroupVerdict) -> bool:
    """Whether a group loses more plainly, and like for like that is neither confirmed nor explained."""
    return each.answer == "not found" and each.is_flagged and not each.is_explained


def _is_as_expected(each: GroupVerdict) -> bool:
    """Whether a group loses more plainly, and no more than its bookings would elsewhere."""
    alike = each.like_for_like
    return _is_only_flagged(each) and not each.is_inseparable and alike is not None and alike.ratio <= 1


def is_slight(each: GroupVerdict) -> bool:
    """Whether a difference is found that is too small to matter, though sure: within a tenth of the rate of others."""
    alike = each.like_for_like
    theirs = alike.others_rate if alike else each.rest_rate if each.rest_rated else 0.0
    return each.answer == "found" and abs(each.rate - theirs) < _SLIGHT * theirs


# Beside a group's name; empty if there is nothing to say beyond its numbers.
BADGES: Sequence[Sentence[GroupVerdict]] = (
    Sentence(
        "more than the others",
        lambda each: each.is_found("more") and not each.few_people and not each.is_turned and not is_slight(each),
    ),
    Sentence(
        "slightly more than the others",
        lambda each: each.is_found("more") and not each.few_people and not each.is_turned and is_slight(each),
    ),
    Sentence(
        "more than the others; without three people it would not be",
        lambda each: each.is_found("more") and each.few_people is True and not each.is_turned,
    ),
    Sentence("low, but more than similar bookings of others", lambda each: each.is_found("more") and each.is_turned),
    Sentence(
        "fewer than the others", lambda each: each.is_found("fewer") and not each.is_turned and not is_slight(each)
    ),
    Sentence(
        "slightly fewer than the others",
        lambda each: each.is_found("fewer") and not each.is_turned and is_slight(each),
    ),
    Sentence("high, but fewer than similar bookings of others", lambda each: each.is_found("fewer") and each.is_turned),
    Sentence("explained by its bookings", lambda each: each.is_explained),
    Sentence(
        "more than the others, but not clearly more than similar bookings",
        lambda each: _is_only_flagged(each) and not _is_as_expected(each),
    ),
    Sentence("more than the others, but not more than similar bookings", _is_as_expected),
    Sentence("", lambda each: each.answer != "found" and not each.is_flagged and not each.is_explained),
)
# Of a group without one of those, by whether it stands out in the last 26 weeks.
LATELY: Sequence[Sentence[bool]] = (
    Sentence("more than the others in the last 26 weeks", lambda is_lately: is_lately),
    Sentence("", lambda is_lately: not is_lately),
)
# In the funnel plot, of a group without a badge.
UNMARKED: Sequence[Sentence[GroupVerdict]] = (
    Sentence("no difference found", lambda each: each.answer != "not tested"),
    Sentence("too few to say", lambda each: each.answer == "not tested"),
)
# Of a group that is compared like for like; empty if there is nothing to say.
LIKE_FOR_LIKE: Sequence[Sentence[GroupVerdict]] = (
    Sentence(
        "{has} a rate of {rate}; similar bookings over all have {expected}, so this is {ratio} as many "
        "({interval}).{few}",
        lambda each: each.answer == "found",
    ),
    Sentence(
        "{has} a rate of {rate}, {plain_ratio} the rate of all. The kind of bookings explains most of that: similar "
        "bookings over all have {expected}.",
        lambda each: each.is_explained,
    ),
    Sentence(
        "{has} a rate of {rate}, more than the others. Similar bookings over all have {expected}, and that is too "
        "small a "
        "difference to be sure of.",
        lambda each: _is_only_flagged(each) and not each.is_inseparable and not _is_as_expected(each),
    ),
    Sentence(
        "{has} a rate of {rate}, more than the others, but not more than similar bookings: over all those have "
        "{expected}.",
        _is_as_expected,
    ),
    Sentence(
        "{has} a rate of {rate}, more than the others. Hardly anybody else has bookings like these, at the same "
        "times and of "
        "the same services, so it cannot be said what makes the difference.",
        lambda each: _is_only_flagged(each) and each.is_inseparable,
    ),
    Sentence("", lambda each: each.answer != "found" and not each.is_flagged and not each.is_explained),
)


_LED = "sessions led by"
_PAIR = 2
_MOST_NAMED = 3
Found = Sequence[tuple[str, GroupVerdict]]
FEW_PEOPLE = "Without the three people who missed most it would not stand out."


@dataclass(frozen=True, slots=True)
class Family:
    """The groups of a family, their names and verdicts, and the plural for them; names may repeat.

    `has_one_outcome`: all of their bookings were kept, or all missed, so that no group can differ; `has_missed` says
    which.
    """

    many: str
    groups: Sequence[tuple[str, GroupVerdict]]
    has_one_outcome: bool = False
    has_missed: bool = False

    def found(self, side: str) -> list[tuple[str, GroupVerdict]]:
        """The groups found to lose more, or fewer, with their names, the clearest first."""
        each = [(name, one) for name, one in self.groups if one.answer == "found" and one.side == side]
        return sorted(each, key=lambda pair: (-abs(pair[1].score), pair[0]))

    @property
    def tested(self) -> int:
        """How many groups were tested."""
        return sum(each.answer != "not tested" for _, each in self.groups)

    @property
    def differs_nowhere(self) -> bool:
        """Whether groups were compared and none is found to differ."""
        return self.tested > 1 and not self.found("more") and not self.found("fewer")

    @property
    def unconfirmed(self) -> list[tuple[str, GroupVerdict]]:
        """The groups that lose more plainly, and like for like neither clearly so nor explained."""
        each = [(name, one) for name, one in self.groups if _is_only_flagged(one) and not _is_as_expected(one)]
        return sorted(each, key=lambda pair: (-abs(pair[1].score), pair[0]))

    @property
    def has_inseparable(self) -> bool:
        """Whether one of those has bookings like hardly anybody else's, so that nothing can be said of the reason."""
        return any(one.is_inseparable for _, one in self.unconfirmed)

    @property
    def is_alike(self) -> bool:
        """Whether its groups are compared like for like."""
        return any(each.like_for_like and each.like_for_like.family == each.family for _, each in self.groups)

    def is_turned(self, side: str) -> bool:
        """Whether the plain rate of a group that is found to lose more, or fewer, lies on the other side."""
        return any(each.is_turned for _, each in self.found(side))

    def than(self, side: str) -> str:
        """The bookings that those found on a side are compared with, in words."""
        return "similar bookings of others" if self.is_turned(side) else f"the {self.others}"

    @property
    def others(self) -> str:
        """The noun for all groups but one."""
        return "other" if len(self.groups) == _PAIR else "others"

    @property
    def detectable(self) -> list[tuple[float, str]]:
        """The differences that would have been found, the smallest first, and in which group each."""
        return sorted((each.detectable, name) for name, each in self.groups if each.detectable is not None)

    @property
    def is_even(self) -> bool:
        """Whether the same difference, as it is written, would have been found in every group that was tested."""
        written = {words.points(difference) for difference, _ in self.detectable}
        return len(written) == 1 and len(self.detectable) == self.tested


def _only_more(each: Family) -> bool:
    return bool(each.found("more")) and not each.found("fewer")


def _only_fewer(each: Family) -> bool:
    return bool(each.found("fewer")) and not each.found("more")


def _both(each: Family) -> bool:
    return bool(each.found("more") and each.found("fewer"))


def _neither(each: Family) -> bool:
    return not each.found("more") and not each.found("fewer")


FAMILIES: Sequence[Sentence[Family]] = (
    Sentence(
        "{more} {have_more} {slightly_more}more no-shows than {than_more}.",
        _only_more,
    ),
    Sentence(
        "{fewer} {have_fewer} {slightly_fewer}fewer no-shows than {than_fewer}.",
        _only_fewer,
    ),
    Sentence(
        "{more} {have_more} {slightly_more}more no-shows than {than_more}, {fewer} {slightly_fewer}fewer.",
        lambda each: _both(each) and not each.is_turned("fewer"),
    ),
    Sentence(
        "{more} {have_more} {slightly_more}more no-shows than {than_more}, {fewer} {slightly_fewer}fewer than "
        "{than_fewer}.",
        lambda each: _both(each) and each.is_turned("fewer"),
    ),
    Sentence(
        "{none} of these {many} is found to have more or fewer no-shows than the {others}. A difference of "
        "{detectable} would be found four times out of five for {surest}; for the {others} it would have to be larger.",
        lambda each: each.differs_nowhere and bool(each.detectable) and not each.is_even,
    ),
    Sentence(
        "{none} of these {many} is found to have more or fewer no-shows than the {others}. A difference of "
        "{detectable} would be found four times out of five.",
        lambda each: each.differs_nowhere and each.is_even,
    ),
    Sentence(
        "None of these {many} is found to have more or fewer no-shows than the {others}: hardly any of their bookings "
        "are similar, so they cannot be compared.",
        lambda each: each.differs_nowhere and not each.detectable,
    ),
    Sentence(
        "Whether these {many} differ was not tested: that takes two with enough bookings.",
        lambda each: _is_untested(each) and not each.has_one_outcome,
    ),
    Sentence(
        "Nobody missed a booking, so there is no difference to see between these {many}.",
        lambda each: _is_untested(each) and each.has_one_outcome and not each.has_missed,
    ),
    Sentence(
        "Everybody missed their booking, so there is no difference to see between these {many}.",
        lambda each: _is_untested(each) and each.has_one_outcome and each.has_missed,
    ),
)


def _is_untested(each: Family) -> bool:
    return each.tested < 2 and _neither(each)


# Follows the sentence on a family of which none is found to differ.
HIGH: Sequence[Sentence[Family]] = (
    Sentence(
        " The rate of {high} is high; whether the kind of bookings makes it so cannot be said.",
        lambda each: each.differs_nowhere and each.has_inseparable,
    ),
    Sentence(
        " The rate of {high} is high, but not clearly above that of similar bookings.",
        lambda each: each.differs_nowhere and bool(each.unconfirmed) and not each.has_inseparable,
    ),
    Sentence("", lambda each: not each.differs_nowhere or not each.unconfirmed),
)
# Of all groups that are compared like for like, of whatever family.
ALIKE: Sequence[Sentence[Family]] = (
    Sentence(
        "Compared with similar bookings of others, {more} {have_more} {slightly_more}more no-shows.",
        _only_more,
    ),
    Sentence(
        "Compared with similar bookings of others, {fewer} {have_fewer} {slightly_fewer}fewer no-shows.",
        _only_fewer,
    ),
    Sentence(
        "Compared with similar bookings of others, {more} {have_more} {slightly_more}more no-shows, {fewer} "
        "{slightly_fewer}fewer.",
        _both,
    ),
    Sentence(
        "No location, service or member of staff is found to have more or fewer no-shows than similar bookings of "
        "others.",
        _neither,
    ),
)


def badge(verdict: GroupVerdict | None) -> str | None:
    """The words beside a group's name, if any."""
    return (say(verdict, BADGES, {}) or None) if verdict else None


def lately_badge(is_lately: bool) -> str | None:
    """The words beside the name of a group that stands out in the last 26 weeks only."""
    return say(is_lately, LATELY, {}) or None


def dot_words(verdict: GroupVerdict | None, is_lately: bool = False) -> str:
    """The words of a group in the funnel plot: those beside its name in the table, if there are any."""
    said = badge(verdict) or lately_badge(is_lately)
    return said or (say(verdict, UNMARKED, {}) if verdict else "too few to say")


def like_for_like_in_words(name: str, verdict: GroupVerdict) -> str | None:
    """The sentence on a group that is compared like for like, if there is anything to say."""
    group = verdict.like_for_like
    if group is None:
        return None
    values = {
        "has": _has_itself(name, verdict.family),
        "rate": words.rate_of(group.missed, group.rated),
        "expected": words.percent(group.expected_rate),
        "ratio": f"{group.ratio:.2f}{words.NBSP}times",
        "plain_ratio": f"{group.crude_ratio:.2f}{words.NBSP}times",
        "interval": f"{words.RANGE} {group.low:.2f} to {group.high:.2f}",
        "few": f" {FEW_PEOPLE}" if verdict.few_people else "",
    }
    return say(verdict, LIKE_FOR_LIKE, values) or None


def _has_itself(name: str, family: str) -> str:
    if is_nameless(name):
        return f"{name} have"
    return f"{words.capital(_LED)} {name} have" if family == "staff" else f"{name} has"


def family_in_words(family: Family) -> str:
    """The sentence on all groups of a family."""
    detectable, surest = family.detectable[0] if family.detectable else (0.0, "")
    values = _found_values(family) | {
        "many": family.many,
        "none": "Compared with similar bookings, none" if family.is_alike else "None",
        "than_more": family.than("more"),
        "than_fewer": family.than("fewer"),
        "others": family.others,
        "surest": surest,
        "detectable": words.points(detectable).removeprefix("+"),
    }
    inseparable = [each for each in family.unconfirmed if each[1].is_inseparable]
    values["high"] = _named(inseparable or family.unconfirmed)
    said = say(family, FAMILIES, values) + say(family, HIGH, values)
    # A name keeps its first letter, whatever it is.
    return words.capital(said) if said.startswith(_LED) else said


def alike_in_words(family: Family) -> str:
    """The sentence on all groups that are compared like for like."""
    return say(family, ALIKE, _found_values(family))


def _found_values(family: Family) -> dict[str, str]:
    more, fewer = family.found("more"), family.found("fewer")
    return {
        "more": _named(more),
        "have_more": _has(more),
        "slightly_more": _slightly(more),
        "slightly_fewer": _slightly(fewer),
        "fewer": _named(fewer),
        "have_fewer": _has(fewer),
    }


def _slightly(found: Found) -> str:
    """An adverb if all of these groups differ slightly; badges say which of several do."""
    return "slightly " if found and all(is_slight(each) for _, each in found) else ""


def _has(found: Found) -> str:
    return "has" if len(found) == 1 and found[0][1].family != "staff" and not is_nameless(found[0][0]) else "have"


def _named(found: Found) -> str:
    """A list in words, cut off if it gets long, with semicolons between names with commas; empty without any.

    A member of staff misses nothing: it is the sessions that they lead that have no-shows.
    """
    shown = found[:_MOST_NAMED]
    led = [name for name, one in shown if one.family == "staff" and not is_nameless(name)]
    names = [name for name, _ in shown if name not in led]
    names += [f"{_LED} {words.listed(led)}"] if led else []
    names += [f"{len(found) - _MOST_NAMED} more"] if len(found) > _MOST_NAMED else []
    if any("," in name for name, _ in found):
        return "; ".join(names)
    return words.listed(names) if names else ""
