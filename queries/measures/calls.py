"""Whether calls helped: the no-show rates of bookings to be called and of those held back at random. Pure.

Bookings are compared by the arm that was drawn for them, whoever was reached (intention to treat): those who pick up
the phone would have come more often anyway. Contacts are drawn, not bookings, so that nobody is in both arms.

Each arm takes Wilson's interval over its effective number of bookings, and the difference Newcombe's, with the quantile
of Student's distribution for the number of people: few of them say less than as many bookings would. Shares held back
that differ are strata: a week with few held back and few no-shows would otherwise pass for an effect of the calls. The
strata's differences are weighed by n₁ n₀ / (n₁ + n₀) (Mantel and Haenszel 1959), and their limits by square-and-add
(Zou and Donner 2008, Statistics in Medicine 27:1693).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from queries.measures.between_periods import effect_between
from queries.measures.clustering import Clustering
from queries.measures.comparison import MATTERING_SHARE, POWER, Difference, normal_quantile, student_quantile
from queries.measures.differences import Rated, plain_difference
from queries.measures.rates import Z95
from queries.model.stretches import SIDES


@dataclass(frozen=True, slots=True)
class Arm:
    """The bookings of one arm whose outcome is known: their number, and how many were missed."""

    bookings: int
    missed: int

    @property
    def rate(self) -> float | None:
        """The no-show rate; None without bookings."""
        return self.missed / self.bookings if self.bookings else None


@dataclass(frozen=True, slots=True)
class CallsEffect:
    """Whether calls helped.

    `called` and `held_back` are the arms. `difference` is the rate of the called minus that of those held back with its
    95 % interval (-1 to 1), None if an arm has no known outcome. `answer`: the calls `helped` or `harmed` if the
    interval leaves out 0; `too few` bookings, or `not found` if a difference of a third of the rate would have been
    found in 80 %; `not tested` if no booking was held back. `more_needed` bookings, of both arms together, are lacking
    for that; None if it cannot be said, 0 if none is.

    `reported`, `reached`: bookings to be called whose call was reported as done, and those with somebody reached;
    `called_all_the_same` were to be held back; `not_due` are waited for. `listed` are all bookings on lists, `outside`
    those of them that no arm was drawn for.
    """

    answer: Literal["helped", "harmed", "not found", "too few", "not tested"]
    called: Arm
    held_back: Arm
    difference: Difference | None
    more_needed: int | None
    listed: int
    outside: int
    reported: int
    reached: int
    called_all_the_same: int
    not_due: int

    @property
    def calls_per_no_show_saved(self) -> float | None:
        """How many bookings are to be called for one no-show less; None unless the calls helped."""
        return -1 / self.difference.difference if self.answer == "helped" and self.difference else None

    @property
    def calls_per_no_show_saved_range(self) -> tuple[float, float] | None:
        """The 95 % interval of `calls_per_no_show_saved`; None unless the calls helped."""
        if self.answer != "helped" or self.difference is None:
            return None
        return -1 / self.difference.low, -1 / self.difference.high


def effect_of_calls(strata: Sequence[Mapping[str, Any]], clustering: Clustering) -> CallsEffect:
    """The effect from the rows of `calls.sql` and the clustering of all bookings of the business."""
    drawn = [row for row in strata if row["hold_back"] > 0]
    called, held_back = (
        Arm(sum(row[arm] for row in drawn), sum(row[f"{arm}_missed"] for row in drawn))
        for arm in ("called", "held_back")
    )
    tested = [row for row in drawn if row["called"] and row["held_back"]]
    effects = [_design_effect(row, clustering) for row in tested]
    difference = _pooled([_difference(row, effect) for row, effect in zip(tested, effects, strict=True)])
    more = _more_needed(called, held_back, drawn, max(effects, default=1.0))
    return CallsEffect(
        answer=_answer(difference, more) if drawn else "not tested",
        called=called,
        held_back=held_back,
        difference=difference,
        more_needed=more,
        listed=sum(row["listed_to_call"] + row["listed_held_back"] for row in strata),
        outside=sum(row["listed_to_call"] + row["listed_held_back"] for row in strata if not row["hold_back"]),
        reported=sum(row["reported"] for row in drawn),
        reached=sum(row["reached"] for row in drawn),
        called_all_the_same=sum(row["called_all_the_same"] for row in drawn),
        not_due=sum(row["not_due"] for row in drawn),
    )


def _answer(difference: Difference | None, more: int | None) -> Literal["helped", "harmed", "not found", "too few"]:
    if difference is None or not difference.is_clear:
        return "not found" if difference is not None and more == 0 else "too few"
    return "helped" if difference.high < 0 else "harmed"


def _design_effect(row: Mapping[str, Any], clustering: Clustering) -> float:
    """The design effect of the difference, at least 1: a session with bookings in both arms adds the same to both."""
    return (
        effect_between(clustering.contact, _sides(row, "contact"))
        + effect_between(clustering.session, _sides(row, "session"))
        - 1
    )


def _sides(row: Mapping[str, Any], of: str) -> dict[str, Any]:
    numbers = row["held_back"], row["called"]
    return dict(zip(SIDES, (*numbers, *(row[f"{of}_{name}"] for name in SIDES[2:])), strict=True))


def _difference(row: Mapping[str, Any], effect: float) -> tuple[float, Difference]:
    called, held_back = (Rated(row[arm], row[f"{arm}_missed"], effect) for arm in ("called", "held_back"))
    found = plain_difference(called, held_back, student_quantile(_freedom(row)))
    assert found is not None, "both arms have bookings"
    return called.rated * held_back.rated / (called.rated + held_back.rated), found


def _freedom(row: Mapping[str, Any]) -> float:
    """The degrees of freedom of a stratum: people are drawn, so it is they who count, and not bookings.

    An arm has as many as contacts of equal size that would be as much alike, n² / Σ n_c², less one; two arms are put
    together by their variances, as if their rates were equal (Welch 1947, Biometrika 34:28).
    """
    arms = [(row[arm], row[f"contact_squares_{side}"]) for arm, side in (("called", "after"), ("held_back", "before"))]
    parts = [1 / n**2 / max(n**2 / squares - 1, 1e-9) for n, squares in arms]
    return float(sum(1 / n for n, _ in arms) ** 2 / sum(parts))


def _pooled(strata: Sequence[tuple[float, Difference]]) -> Difference | None:
    """The weighed mean of independent differences; None without any."""
    total = sum(weight for weight, _ in strata)
    if not total:
        return None
    shares = [(weight / total, each) for weight, each in strata]
    mean = sum(share * each.difference for share, each in shares)
    below = math.hypot(*(share * (each.difference - each.low) for share, each in shares))
    above = math.hypot(*(share * (each.high - each.difference) for share, each in shares))
    return Difference(mean, mean - below, mean + above)


def _more_needed(called: Arm, held_back: Arm, drawn: Sequence[Mapping[str, Any]], effect: float) -> int | None:
    """How many more bookings are needed to find a difference that matters in 80 %; None if no outcome is known.

    With the share h held back, n bookings have a difference with the error √(p (1 - p) D / (n h (1 - h))), and one is
    found that exceeds it by the sum of both quantiles: n = (1.96 + 0.84)² p (1 - p) D / (h (1 - h) d²).
    """
    n, missed = called.bookings + held_back.bookings, called.missed + held_back.missed
    if not 0 < missed < n:
        return None
    rate = missed / n
    share = held_back.bookings / n if called.bookings and held_back.bookings else drawn[-1]["hold_back"]
    matters = MATTERING_SHARE * min(rate, 1 - rate)
    quantiles = Z95 + normal_quantile(1 - POWER)
    needed = quantiles**2 * rate * (1 - rate) * effect / (share * (1 - share) * matters**2)
    return max(0, math.ceil(needed) - n)
