"""Sentences that a report may say, each with the condition that makes it true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from queries.measures.comparison import Difference
from reports.drawing import words

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Sentence(Generic[V]):
    """A template, and whether a verdict makes it true. Of the sentences on a question, a verdict makes one true."""

    text: str
    is_true: Callable[[V], bool]


def say(verdict: V, sentences: Sequence[Sentence[V]], values: Mapping[str, Any]) -> str:
    """The one sentence that is true of a verdict, filled in. Raises `ValueError` if none or several are."""
    (text,) = (sentence.text for sentence in sentences if sentence.is_true(verdict))
    return text.format(**values)


def difference_values(difference: Difference | None, detectable: float | None) -> dict[str, str]:
    """The values {points}, {interval} and {detectable} of a template; empty if they are unknown."""
    if difference is None:
        return {"points": "", "interval": "", "detectable": ""}
    return {
        "points": words.points(difference.difference),
        "interval": f"{words.RANGE} {words.points_interval(difference.low, difference.high)}",
        "detectable": words.points(detectable or 0.0).removeprefix("+"),
    }
