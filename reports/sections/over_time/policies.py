"""The rate before and after each change of policy, beside that of the groups that the policy left alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from queries.measures.between_periods import INDEPENDENT, BetweenPeriods
from queries.measures.differences import DifferenceVerdict, Rated, policy_verdict
from queries.model.stretches import Stretches
from reports.drawing import words
from reports.drawing.sentences import Sentence, difference_values, say
from reports.scope.options import Policy
from reports.sections.headline.change import rated_over

_DAY = dt.timedelta(days=1)
# The names of comparisons: the groups that a policy changed, and its controls.
_CHANGED, _CONTROLS = "policy {}", "left alone by policy {}"


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The rate before and after a change of policy, that of its controls, and whether the policy made a difference.

    `controls_before` and `controls_after` are None without controls. `verdict` is `difference` in words.
    `bookings` are those rated after it times the size of the difference, 0 unless one is found.
    """

    date: dt.date
    what: str
    before: str
    after: str
    controls_before: str | None
    controls_after: str | None
    difference: DifferenceVerdict
    verdict: str
    bookings: int = 0

    @property
    def made_fewer(self) -> bool:
        """Whether the policy is found to have made the rate lower."""
        found = self.difference
        return found.answer == "found" and found.difference is not None and found.difference.difference < 0

    @property
    def effect(self) -> str:
        """The change and the side it moved the rate to, if it did: reminders (fewer no-shows)."""
        return f"{self.what} ({'fewer' if self.made_fewer else 'more'} no-shows)"

    @property
    def made_more(self) -> bool:
        """Whether the policy is found to have made the rate higher."""
        return self.difference.answer == "found" and not self.made_fewer


SENTENCES: Sequence[Sentence[DifferenceVerdict]] = (
    Sentence(
        "Expected from those left alone: {expected}. The difference of {points} ({interval}) is more than chance would "
        "explain.",
        lambda each: each.answer == "found",
    ),
    Sentence(
        "Expected from those left alone: {expected}. No difference was found; one of {detectable} would have been "
        "found four times out of five.",
        lambda each: each.answer == "not found",
    ),
    Sentence(
        "{points} ({interval}). Nothing was left alone to compare with: whatever else changed then, such as the "
        "season, would look the same.",
        lambda each: each.missing == "controls",
    ),
    Sentence("Nothing marked on one side of the date: no comparison.", lambda each: each.missing == "bookings"),
    Sentence(
        "No booking here is of the locations or services that this policy names.",
        lambda each: each.missing == "groups",
    ),
)


NAMES_UNKNOWN = DifferenceVerdict("not tested", None, missing="groups")


def stretches_of(policies: Sequence[Policy]) -> dict[str, Stretches]:
    """The periods before and after each policy, of the groups that it changed and of its controls."""
    found: dict[str, Stretches] = {}
    for at, (policy, first, end) in enumerate(_with_edges(policies)):
        dates = (first, policy.date - _DAY), (policy.date, end if end == dt.date.max else end - _DAY)
        found[_CHANGED.format(at)] = Stretches(*dates, policy.where, policy.names)
        if policy.names:
            found[_CONTROLS.format(at)] = Stretches(*dates, policy.where, policy.names, is_named=False)
    return found


def _with_edges(policies: Sequence[Policy]) -> list[tuple[Policy, dt.date, dt.date]]:
    """Each policy with the date of the one before it (else the first there is) and of the next (else the last)."""
    dates = [policy.date for policy in policies]
    return list(zip(policies, [dt.date.min, *dates], [*dates[1:], dt.date.max], strict=False))


def policies_of(
    by_day: pl.DataFrame,
    policies: Sequence[Policy],
    by_group: Mapping[str, pl.DataFrame] | None = None,
    between: Mapping[str, BetweenPeriods] | None = None,
) -> tuple[BeforeAfter, ...]:
    """Each policy from the one before it (else the first day) to the next one (else the last day).

    `by_group` has counts by day and `location` or `service`, under that name, for policies that name some of them.
    `between` is `Frames.between`, by the names of `stretches_of`.
    """
    found = []
    for at, (policy, first, end) in enumerate(_with_edges(policies)):
        alike = [(between or {}).get(name.format(at), INDEPENDENT) for name in (_CHANGED, _CONTROLS)]
        found.append(_before_after(by_day, by_group or {}, policy, first, end, *alike))
    return tuple(found)


def _before_after(
    by_day: pl.DataFrame,
    by_group: Mapping[str, pl.DataFrame],
    policy: Policy,
    first: dt.date,
    end: dt.date,
    of_changed: BetweenPeriods,
    of_controls: BetweenPeriods,
) -> BeforeAfter:
    changed, controls = by_day, None
    if policy.names and policy.where in by_group:
        days = by_group[policy.where]
        is_named = pl.col(policy.where).str.to_lowercase().is_in([name.lower() for name in policy.names])
        named = is_named.fill_null(value=False)
        changed, others = days.filter(named), days.filter(~named)
        now, then = _sides(others, policy.date, first, end, of_controls)
        controls = (now, then) if now.rated and then.rated else None
    after, before = _sides(changed, policy.date, first, end, of_changed)
    unknown = bool(policy.names) and changed.is_empty()
    verdict = NAMES_UNKNOWN if unknown else policy_verdict(after, before, controls)
    return BeforeAfter(
        policy.date,
        policy.what,
        words.rate_of(before.missed, before.rated),
        words.rate_of(after.missed, after.rated),
        words.rate_of(controls[1].missed, controls[1].rated) if controls else None,
        words.rate_of(controls[0].missed, controls[0].rated) if controls else None,
        verdict,
        policy_in_words(verdict),
        _bookings(verdict, after),
    )


def _bookings(verdict: DifferenceVerdict, after: Rated) -> int:
    is_found = verdict.answer == "found" and verdict.difference is not None
    return round(abs(verdict.difference.difference) * after.rated) if is_found and verdict.difference else 0


def _sides(
    days: pl.DataFrame, date: dt.date, first: dt.date, end: dt.date, between: BetweenPeriods
) -> tuple[Rated, Rated]:
    """The bookings from a date on and those before it."""
    day = pl.col("day")
    after = rated_over(days.filter((day >= date) & (day < end)), between)
    before = rated_over(days.filter((day >= first) & (day < date)), between)
    return after, before


# Of all changes of policy.
TITLES: Sequence[Sentence[Sequence[BeforeAfter]]] = (
    Sentence("Found to have made a difference: {found}.", lambda every: any(_answers(each, "found") for each in every)),
    Sentence(
        "No change of policy is found to have made a difference.",
        lambda every: (
            not any(_answers(each, "found") for each in every) and any(_answers(each, "not found") for each in every)
        ),
    ),
    Sentence(
        "Whether a change of policy made a difference was not tested.",
        lambda every: all(_answers(each, "not tested") for each in every),
    ),
)


def _answers(each: BeforeAfter, answer: str) -> bool:
    return each.difference.answer == answer


def all_policies_in_words(every: Sequence[BeforeAfter]) -> str:
    """Which changes of policy made a difference; fewer no-shows or more."""
    found = [each.effect for each in every if _answers(each, "found")]
    return say(every, TITLES, {"found": words.listed(found) if found else ""})


def policy_in_words(verdict: DifferenceVerdict) -> str:
    """Whether a policy made a difference, as a sentence."""
    values = difference_values(verdict.difference, verdict.detectable)
    return say(verdict, SENTENCES, values | {"expected": words.percent(verdict.expected)})
