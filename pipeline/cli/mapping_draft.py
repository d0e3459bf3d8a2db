"""Draft a mapping of a file, and ask on a terminal what is not certain."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from pipeline.mapping.drafting.drafts import draft_of
from pipeline.mapping.drafting.guess import Question
from pipeline.mapping.drafting.looking import look_at
from pipeline.mapping.drafting.writing import mapping_text
from pipeline.printable import printable
from pipeline.settings import read_settings
from queries.errors import OutputFailed, UsageError
from queries.files import write_atomically


def run(file: Path, out: Path | None, answers: Sequence[str], force: bool, encoding: str) -> None:
    """Write the draft and say what is open. Raises `UsageError` for an answer to no question, or if `out` is there."""
    path = out or Path(f"{_stem(file)}.toml")
    if path.exists() and not force:
        raise UsageError("mapping.exists", f"{path} is there already", "Name another with -o, or add --force")
    look = look_at(file, encoding)
    draft = draft_of(look, read_settings().site_zone)
    given = _answers(draft.questions, answers)
    if sys.stdin.isatty() and sys.stdout.isatty():
        _ask([question for question in draft.questions if question.place not in given], given)
    option = f" --encoding {look.encoding}" if look.encoding != "utf-8" else ""
    try:
        write_atomically(path, mapping_text(draft, f"{file.name}{option}", given).encode("utf-8"))
    except OSError as error:
        raise OutputFailed("mapping.write", f"{path}: {error.strerror}", "Name another file with -o") from error
    typer.echo(printable(f"Mapping: {path}", limit=10_000))
    left = [question for question in draft.questions if question.place not in given]
    for question in left:
        typer.echo(printable(f"Open: {question.text} [{question.name}]", limit=10_000))
    if left:
        typer.echo('Write the answers into the mapping in the place of each "?", or give them with --answer.')
    typer.echo(f"Next: noshow mapping check {shlex.quote(str(file))} --mapping {shlex.quote(str(path))}{option}")


def _stem(file: Path) -> str:
    bare = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    return bare.stem


def _answers(questions: Sequence[Question], answers: Sequence[str]) -> dict[tuple[str, ...], str]:
    """The answers given as options, by the place of their questions."""
    given: dict[tuple[str, ...], str] = {}
    for answer in answers:
        name, sign, value = answer.rpartition("=")
        meant = [question for question in questions if question.name.casefold() == name.strip().casefold()]
        if not sign or not meant:
            asked = ", ".join(question.name for question in questions) or "nothing is open"
            raise UsageError("mapping.answer", f"{answer!r} answers no question", f"Questions: {asked}")
        for question in meant:
            given[question.place] = _valid(question, value.strip())
    return given


def _valid(question: Question, value: str) -> str:
    for choice in question.choices:
        if value.casefold() == choice.casefold():
            return choice
    raise UsageError(
        "mapping.answer", f"{value!r} is not an answer to {question.name}", f"One of: {', '.join(question.choices)}"
    )


def _ask(questions: Sequence[Question], given: dict[tuple[str, ...], str]) -> None:
    """Ask one question after the other; an empty answer leaves it open."""
    for question in questions:
        typer.echo(printable(question.text, limit=10_000))
        for number, choice in enumerate(question.choices, 1):
            typer.echo(printable(f"  {number}  {choice}"))
        while True:
            said = typer.prompt("Number or word, nothing to leave it open", default="", show_default=False).strip()
            number = int(said) if said.isascii() and said.isdigit() else 0
            if not said:
                break
            if 1 <= number <= len(question.choices):
                given[question.place] = question.choices[number - 1]
                break
            try:
                given[question.place] = _valid(question, said)
                break
            except UsageError as error:
                typer.echo(printable(str(error)))
