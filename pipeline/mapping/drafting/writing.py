"""Write a draft as a mapping: TOML with the reason, the certainty and examples of each guess as comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.mapping.drafting.guess import Draft, Guess, Question
from pipeline.mapping.words.status import MEANINGS
from pipeline.mapping.words.toml import inline, key
from pipeline.printable import printable

_SHOWN = 40


def mapping_text(draft: Draft, source: str, answers: Mapping[tuple[str, ...], str] | None = None) -> str:
    """The text of the mapping. `answers` gives values by the place of a question; the others stay open."""
    given = answers or {}
    lines = [
        f"# A mapping of {_comment(source)}, in words. Check the guesses below, and correct those that are wrong.",
    ]
    open_ones = [question for question in draft.questions if question.place not in given]
    if open_ones:
        lines += ["#", '# Open questions: write the answer in the place of each "?". Nothing is loaded before.']
        lines += [f"# - {_comment(_asked(question))}" for question in open_ones]
    lines.append("")
    for name, value in draft.top.items():
        if reason := draft.reasons.get(name):
            lines.append(f"# {_comment(reason)}")
        lines.append(f"{name} = {inline(given.get((name,), value))}")
    lines += ["", "[visit]"]
    for guess in draft.guesses:
        if guess.field != "status":
            lines.append(f"# {_comment(_reason(guess))}")
            lines.append(f"{guess.field} = {inline(_answered(guess.words, ('visit', guess.field), given))}")
    lines += [f"# {_comment(note)}" for note in draft.notes]
    if draft.left:
        lines.append(f"# Not used: {_comment(', '.join(draft.left))}")
    status = draft.guess("status")
    if status:
        lines += _status_lines(status, given)
    return "\n".join(lines) + "\n"


def _status_lines(guess: Guess, given: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    several = guess.words.get("")
    tables = several or [guess.words]
    yield ""
    yield f"# The meanings: {', '.join(MEANINGS)}."
    for number, table in enumerate(tables):
        place = ("visit", "status", str(number)) if several else ("visit", "status")
        yield "[[visit.status]]" if several else "[visit.status]"
        table = _answered(table, place, given)
        for name, value in table.items():
            if not isinstance(value, Mapping):
                yield f"{key(name)} = {inline(value)}"
        if table.get("words"):
            yield "[visit.status.words]"
            for word, meaning in table["words"].items():
                yield f"{key(word)} = {inline(meaning)}"
        yield ""


def _answered(words: Mapping[str, Any], place: tuple[str, ...], given: Mapping[tuple[str, ...], str]) -> dict[str, Any]:
    return {
        name: _answered(value, (*place, name), given)
        if isinstance(value, Mapping)
        else given.get((*place, name), value)
        for name, value in words.items()
    }


def _reason(guess: Guess) -> str:
    examples = ", ".join(f"{value[:_SHOWN]!r}" for value in guess.examples)
    return f"{guess.sure}: {guess.why}" + (f"; for example {examples}" if examples else "")


def _asked(question: Question) -> str:
    return f"{question.text} (one of: {', '.join(question.choices)})"


def _comment(text: str) -> str:
    """A text that stays in its comment, whatever is in it."""
    return printable(text, limit=1_000)
