"""Say once whether two periods differ, and whether a policy made a difference: found, not found or not tested. Pure.

Numbers of bookings are effective ones: divided by the design effect of their set. Two periods take Newcombe's interval;
a policy is compared with groups that it left alone by a difference in differences of logits (Card and Krueger 1994,
American Economic Review 84:772), since a season that multiplies the odds of both alike then cancels out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from queries.measures.comparison import POWER, Difference, is_telling, newcombe, normal_quantile
from queries.measures.rates import Z95

# A policy is looked at because somebody hopes for something: its difference is found at 2 %, not at 5 %, so that dates
# on which nothing happened give one in under 5 %, also if the design effects are a little too small.
_POLICY_TAIL = 0.01


@dataclass(frozen=True, slots=True)
class Rated:
    """A set of rated bookings: their number, the missed ones, and the design effect of the set."""

    rated: int
    missed: int
    design_effect: float = 1.0

    @property
    def rate(self) -> float:
        """The no-show rate; there must be a rated booking."""
        return self.missed / self.rated


@dataclass(frozen=True, slots=True)
class DifferenceVerdict:
    """Whether two rates differ; the difference (later minus earlier, with its 95 % interval) is None if not tested.

    `detectable` is the difference (0 to 1) that would be found in 80 %. `missing` says what a test lacks: bookings in
    one set, groups that the policy left alone (the plain difference is given all the same), or the groups it names.
    `expected` is the rate after a policy if it had changed as that of its controls. `rate` is that of two periods
    together, None of a policy.
    """

    answer: Literal["found", "not found", "not tested"]
    difference: Difference | None
    detectable: float | None = None
    missing: Literal["bookings", "controls", "groups"] | None = None
    expected: float | None = None
    rate: float | None = None

    @property
    def is_telling(self) -> bool:
        """Whether a difference that matters would have been found, so that "not found" says that there is none."""
        return self.detectable is not None and self.rate is not None and is_telling(self.detectable, self.rate)


def difference_between(now: Rated, before: Rated) -> DifferenceVerdict:
    """Whether the rate of one period differs from that of another."""
    plain = plain_difference(now, before)
    if plain is None:
        return DifferenceVerdict("not tested", None, missing="bookings")
    rate = (now.missed + before.missed) / (now.rated + before.rated)
    error = math.sqrt(rate * (1 - rate) * sum(each.design_effect / each.rated for each in (now, before)))
    return DifferenceVerdict("found" if plain.is_clear else "not found", plain, _detectable(error), rate=rate)


def plain_difference(now: Rated, before: Rated, z: float = Z95) -> Difference | None:
    """The difference of two rates with Newcombe's interval over effective numbers; None if a set is empty."""
    (n1, k1), (n0, k0) = ((each.rated / each.design_effect, each.missed / each.design_effect) for each in (now, before))
    return newcombe(k1, n1, k0, n0, z)


def policy_verdict(after: Rated, before: Rated, controls: tuple[Rated, Rated] | None) -> DifferenceVerdict:
    """Whether a policy made a difference, given (after, before) of the groups that it left alone, its controls.

    The difference is that of the rate after the policy from the one expected: the rate before, with the odds changed
    as those of the controls did. Before 20 % and controls from 10 to 5 %: odds of 0.25 × 0.474 make 10.6 % expected.
    Half a booking is added to every number if one of them is 0, so that every rate has odds.
    """
    if not after.rated or not before.rated:
        return DifferenceVerdict("not tested", None, missing="bookings")
    if controls is None or not all(each.rated for each in controls):
        return DifferenceVerdict("not tested", plain_difference(after, before), missing="controls")
    sets = (after, before, *controls)
    added = 0.0 if all(0 < each.missed < each.rated for each in sets) else 0.5
    of_after, of_before, now, then = (_logit(each, added) for each in sets)
    effect = of_after - of_before - (now - then)
    error = math.sqrt(sum(_logit_variance(each, added) for each in sets))
    without = of_before + now - then
    expected = _rate(without)
    low, high = (_rate(without + effect + z * error) - expected for z in (-Z95, Z95))
    # The difference of the two rates that a reader sees, which half a booking would move.
    found = after.rate - expected
    needed = normal_quantile(_POLICY_TAIL)
    # The slope of the rate in its logit turns the error into one of rates.
    detectable = _detectable(error * expected * (1 - expected), needed)
    answer: Literal["found", "not found"] = "found" if abs(effect) > needed * error else "not found"
    return DifferenceVerdict(answer, Difference(found, min(low, found), max(high, found)), detectable, None, expected)


def _detectable(error: float, needed: float = Z95) -> float:
    """The difference that exceeds `needed` standard errors with the power."""
    return (needed + normal_quantile(1 - POWER)) * error


def _logit(each: Rated, added: float) -> float:
    return math.log((each.missed + added) / (each.rated - each.missed + added))


def _logit_variance(each: Rated, added: float) -> float:
    return each.design_effect * (1 / (each.missed + added) + 1 / (each.rated - each.missed + added))


def _rate(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
