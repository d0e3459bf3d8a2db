"""The factors that go with no-shows in one line, which also names the groups of Where: Where is built on Factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.factors import content as factors
from reports.sections.factors.content import Factors
from reports.sections.section import Inputs
from reports.sections.when.finding import TIMES
from reports.sections.where import content as where
from reports.sections.where.standouts import NO_STANDOUTS

# Groups that are not factors, since they are compared like for like, in words.
_GROUPS = {"location": "location", "staff": "member of staff"}

# So many factors have their rates in the line.
_MOST_APART = 2


@dataclass(frozen=True, slots=True)
class Tried:
    """The factors, and the kinds of groups outside them that are found to lose more, in words."""

    factors: Factors
    groups: tuple[str, ...] = ()

    @property
    def apart(self) -> str:
        """The plain rates of the two largest of them that have some to show; the line on When has those of time."""
        rates = [factor.apart for factor in self.factors.found if factor.apart and factor.name not in TIMES]
        return "; ".join(rates[:_MOST_APART])

    @property
    def is_missed(self) -> bool:
        """Whether no factor is found."""
        return not self.factors.missing and not self.factors.found


FINDINGS: Sequence[Sentence[Tried]] = (
    Sentence("Not tested: {missing}.", lambda each: each.factors.missing is not None),
    Sentence(
        "No-shows go with {titles}, other factors being equal: {apart}.",
        lambda each: not each.factors.missing and bool(each.factors.found) and bool(each.apart),
    ),
    Sentence(
        "No-shows go with {titles}, other factors being equal.",
        lambda each: not each.factors.missing and bool(each.factors.found) and not each.apart,
    ),
    Sentence(
        "No factor is found to go with no-shows.",
        lambda each: each.is_missed and each.factors.is_telling and not each.groups,
    ),
    Sentence(
        "Apart from {groups}, no factor is found to go with no-shows.",
        lambda each: each.is_missed and each.factors.is_telling and bool(each.groups),
    ),
    Sentence(
        "There are too few bookings to say which factors go with no-shows.",
        lambda each: each.is_missed and not each.factors.is_telling and not each.groups,
    ),
    Sentence(
        "Apart from {groups}, there are too few bookings to say which factors go with no-shows.",
        lambda each: each.is_missed and not each.factors.is_telling and bool(each.groups),
    ),
)


def factors_in_words(tested: Tried) -> str:
    """The factors that no-shows go with, and how far apart the levels of the largest lie."""
    titles = [factor.title for factor in tested.factors.found]
    values = {
        "missing": tested.factors.missing or "",
        "titles": words.listed(titles) if titles else "",
        "apart": tested.apart,
        "groups": words.listed(tested.groups) if tested.groups else "",
    }
    return say(tested, FINDINGS, values)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = inputs.content(factors.content)
    standouts = inputs.content(where.standouts) or NO_STANDOUTS
    families = {each.family for each in standouts.found if not each.lately}
    groups = tuple(name for family, name in _GROUPS.items() if family in families)
    return factors_in_words(Tried(found, groups)) if found else None
