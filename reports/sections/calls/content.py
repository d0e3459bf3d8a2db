"""Whether the calls of the lists helped: bookings drawn to be called against those held back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from queries.measures.calls import CallsEffect, effect_of_calls
from reports.drawing import words
from reports.drawing.sentences import Sentence, difference_values, say
from reports.sections.section import Inputs


@dataclass(frozen=True, slots=True)
class Calls:
    """The effect of calls, with `calls_per_no_show_saved` and its 95 % interval, None unless they helped."""

    effect: CallsEffect
    calls_per_no_show_saved: float | None
    calls_per_no_show_saved_range: tuple[float, float] | None

    @property
    def title(self) -> str:
        """Whether the calls helped."""
        fewest, most = self.calls_per_no_show_saved_range or (0.0, 0.0)
        values = {
            **difference_values(self.effect.difference, None),
            "more": words.plural(self.effect.more_needed, "more booking"),
            "calls": words.plural(math.ceil(self.calls_per_no_show_saved or 0), "call"),
            "range": f"{words.RANGE} {words.count(math.ceil(fewest))} to {words.count(math.ceil(most))}",
        }
        return say(self.effect, TITLES, values)


TITLES: Sequence[Sentence[CallsEffect]] = (
    Sentence(
        "The calls helped: {points} ({interval}) against bookings held back. {calls} save one no-show ({range}).",
        lambda effect: effect.answer == "helped",
    ),
    Sentence(
        "More of the bookings to be called were missed: {points} ({interval}) against those held back.",
        lambda effect: effect.answer == "harmed",
    ),
    Sentence(
        "No difference is found between bookings to be called and those held back: {points} ({interval}).",
        lambda effect: effect.answer == "not found",
    ),
    Sentence(
        "It is too early to say whether the calls help: about {more} are needed.",
        lambda effect: effect.answer == "too few" and bool(effect.more_needed),
    ),
    Sentence(
        "It is too early to say whether the calls help.",
        lambda effect: effect.answer == "too few" and not effect.more_needed,
    ),
    Sentence(
        "Nobody was held back, so nothing can be said of their effect.",
        lambda effect: effect.answer == "not tested",
    ),
)


def content(inputs: Inputs) -> Calls | None:
    """The section of a report of the whole business; None if no booking was on a list.

    A list is made for the whole business: its arms within a part, or a period, would be small and drawn for neither.
    """
    about = inputs.about
    if about.filtered or about.part is not None or about.period is not None:
        return None
    effect = effect_of_calls(inputs.frames.records["calls"].to_dicts(), inputs.frames.clustering)
    if not effect.listed:
        return None
    return Calls(effect, effect.calls_per_no_show_saved, effect.calls_per_no_show_saved_range)
