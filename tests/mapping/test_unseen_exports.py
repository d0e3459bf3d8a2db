"""Exports of booking systems in other languages, with headers and words of their own, are drafted right.

A question is never wrong, a guess may be: a draft asks about everything that it cannot know.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.mapping.drafting.drafts import draft_of
from pipeline.mapping.drafting.guess import Draft
from pipeline.mapping.drafting.looking import look_at

ASKED = "?"
# Field names in the headers: those of the draft, and the parts that it puts together.
PARTS = {"first_name": "name", "last_name": "name", "email": "client", "time": "time"}
EXPORTS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("unseen_exports.toml").read_text("utf-8"))


def fields_of(name: str) -> dict[str, str]:
    """Column -> its field, as the export says."""
    return dict(column.partition("=")[::2] for column in EXPORTS[name]["columns"])


def drafted(folder: Path, name: str) -> Draft:
    row, words = EXPORTS[name]["row"], EXPORTS[name]["words"]
    lines = [";".join(fields_of(name))]
    # The moment of a check-in stands for any value, and nobody else has one.
    given = [word.replace("*", "2026-10-01 18:02:11") for word in words] + [""] * ("*" in words)
    for number, word in enumerate([*given, *given] or ["", ""]):
        lines.append(row.format(day=10 + number, word=word))
    path = folder / "export.csv"
    path.write_text("\n".join(lines), "utf-8")
    return draft_of(look_at(path))


def columns_of(draft: Draft) -> dict[str, str]:
    """Column -> its field, as the draft guesses."""
    found: dict[str, str] = {}
    for guess in reversed(draft.guesses):
        words = guess.words
        if guess.field in ("session", "rows", "currency", "status"):
            continue
        if guess.field in ("id", "client") and "columns" in words:
            continue
        for column in words.get("columns", [words.get("column")]):
            if column != ASKED:
                found[column] = guess.field
        if "time" in words:
            found[words["time"]] = "end" if guess.field == "end" else "time"
        if guess.field == "end" and "time" in words:
            found.pop(words["column"], None)
    return found


def statuses_of(draft: Draft) -> dict[str, dict[str, str]]:
    """Column -> word -> its meaning, as the draft guesses."""
    guess = draft.guess("status")
    tables: list[dict[str, Any]] = guess.words.get("", [guess.words]) if guess else []
    return {
        table["column"]: {
            word: meaning for meaning, words in table.items() if isinstance(words, list) for word in words if word
        }
        | table.get("words", {})
        for table in tables
    }


@pytest.mark.parametrize("name", EXPORTS)
def test_an_unseen_export_is_drafted_right_but_for_its_questions(name: str, tmp_path: Path) -> None:
    fields, words = fields_of(name), EXPORTS[name]["words"]
    draft = drafted(tmp_path, name)
    wanted = {column: PARTS.get(field, field) for column, field in fields.items() if field not in ("", "status")}
    found = columns_of(draft) | {
        column: "name"
        for column, field in wanted.items()
        if field == "name" and columns_of(draft).get(column) == "client"
    }
    assert found == wanted
    status = [column for column, field in fields.items() if field == "status"]
    assert statuses_of(draft) == ({status[0]: words} if status else {ASKED: {}})
    asked = {question.name for question in draft.questions} - {"marks"}
    needed = {field for field in ("service", "status") if field not in fields.values()}
    assert asked == {word for word, meaning in words.items() if meaning == ASKED} | needed
