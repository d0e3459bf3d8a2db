"""The parts of a draft: guesses of fields, and the questions that only the owner can answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# How sure a guess is, in words that stand in the draft.
SURE, LIKELY, PERHAPS = "sure", "likely", "a guess"


@dataclass(frozen=True)
class Question:
    """A question about one value of the draft.

    `name` is the word or field that an answer names, `place` the keys of the value in the draft, and `choices` the
    answers that it can have. `also` are other places with the same answer. `is_column` says that the answer is a
    column, by which other guesses may change.
    """

    name: str
    place: tuple[str, ...]
    text: str
    choices: tuple[str, ...]
    also: tuple[tuple[str, ...], ...] = ()
    is_column: bool = False


@dataclass
class Guess:
    """A field of the visit in words, with the reason for it and example values."""

    field: str
    words: dict[str, Any]
    sure: str
    why: str
    examples: tuple[str, ...] = ()


@dataclass
class Draft:
    """A mapping to be: `top` stands above `[visit]`; `left` are columns that nothing was made of.

    `meanings` are those that known words of the status have.
    """

    top: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    meanings: set[str] = field(default_factory=set)

    def guess(self, field: str) -> Guess | None:
        """The guess of a field, if there is one."""
        return next((guess for guess in self.guesses if guess.field == field), None)
