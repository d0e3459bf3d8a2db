"""Draft a mapping of a file, and ask on a terminal about everything that is not certain."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from pipeline.cli.exits import say
from pipeline.cli.streams import STDIO, named, write_bytes
from pipeline.formats.recognition import recognised
from pipeline.mapping.drafting.drafts import ask_marks, draft_of
from pipeline.mapping.drafting.guess import Draft, Question
from pipeline.mapping.drafting.looking import Look, look_at
from pipeline.mapping.drafting.statuses import marks_of
from pipeline.mapping.drafting.writing import mapping_text
from pipeline.mapping.words.dates import MONTH_NAMED
from pipeline.mapping.words.document import OPEN
from pipeline.printable import printable
from pipeline.settings_file import NAME
from pipeline.sources import source_files
from queries.errors import OutputFailed, UsageError
from queries.files import write_atomically


def run(file: Path, out: Path | None, answers: Sequence[str], force: bool, encoding: str) -> None:
    """Write the draft and say what is open. Raises `UsageError` for an answer to no question, or if `out` is there."""
    if out == STDIO:
        _write_to_stdout(file, answers, encoding)
        return
    path = out or Path(f"{_stem(file)}.toml")
    if path.name.casefold() == NAME.name and out is None:
        # Every command would read the draft of `noshow.csv` as its settings.
        path = path.with_name(f"{_stem(file)}_mapping.toml")
    if path.name.casefold() == NAME.name:
        raise UsageError("mapping.settings", f"{path} would be read as the settings", "Name another file with -o")
    if path.exists() and not force:
        raise UsageError("mapping.exists", f"{path} is there already", "Name another with -o, or add --force")
    look = look_at(file, encoding)
    draft, given = _answered(look, answers)
    try:
        write_atomically(path, mapping_text(draft, file.name, given).encode("utf-8"))
    except OSError as error:
        raise OutputFailed("mapping.write", f"{path}: {error.strerror}", "Name another file with -o") from error
    typer.echo(printable(f"Mapping: {path}", limit=10_000))
    if title := _known_as(file):
        typer.echo(printable(f"Note: this is a known export, {title}: `noshow ingest` reads it without a mapping."))
    for note in draft.notes:
        typer.echo(printable(f"Note: {note}", limit=10_000))
    left = [question for question in draft.questions if question.place not in given]
    for question in left:
        typer.echo(printable(f"Open: {question.text} [{question.name}]", limit=10_000))
    if left:
        typer.echo('Write the answers into the mapping in the place of each "?", or give them with --answer.')
    typer.echo(f"Next: noshow mapping check {shlex.quote(_as_given(file))} --mapping {shlex.quote(str(path))}")


def _write_to_stdout(file: Path, answers: Sequence[str], encoding: str) -> None:
    """Write the draft to stdout, and its open questions to stderr. Nothing is asked: questions go to stdout, too."""
    look = look_at(file, encoding)
    draft, given = _answered(look, answers, may_ask=False)
    write_bytes(mapping_text(draft, named(file).name, given).encode("utf-8"), STDIO)
    for question in draft.questions:
        if question.place not in given:
            say(f"open: {question.text} [{question.name}]")


def _as_given(file: Path) -> str:
    return str(STDIO) if named(file) != file else str(file)


def _known_as(file: Path) -> str:
    """The title of the format that noshow reads the file in without a mapping, if there is one."""
    (source,), _ = source_files([file])
    known = recognised(source)
    return known.format.title if known and known.format else ""


def _stem(file: Path) -> str:
    bare = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    return bare.stem


def _answered(look: Look, answers: Sequence[str], may_ask: bool = True) -> tuple[Draft, dict[tuple[str, ...], str]]:
    """The draft with the answers by place: of the options first, then asked for on a terminal.

    A column that is named changes the other guesses, so the draft is made again with it.
    """
    is_terminal = may_ask and sys.stdin.isatty() and sys.stdout.isatty()
    named: dict[str, str] = {}
    left = list(answers)
    while True:
        draft = draft_of(look, named)
        columns = [question for question in draft.questions if question.is_column]
        found, left = _from_options(columns, left)
        if is_terminal:
            found |= _asked([question for question in columns if question.name not in found])
        if not found:
            break
        named |= found
    others = [question for question in draft.questions if not question.is_column]
    said, left = _from_options(others, left)
    if is_terminal:
        said |= _asked([question for question in others if question.name not in said])
    about_words = [question.name for question in others if "words" in question.place]
    if about_words and all(name in said for name in about_words):
        # The answers on words have shown which sides the file records.
        settled, why = marks_of(draft.meanings | {*said.values()})
        if settled == OPEN:
            asked = ask_marks(draft, why)
            found, left = _from_options(asked, left)
            said |= found | (_asked(asked) if is_terminal and not found else {})
            others += asked
        else:
            said.setdefault("marks", settled)
            draft.reasons["marks"] = why
    if left:
        names = ", ".join(question.name for question in draft.questions) or "nothing is open"
        raise UsageError("mapping.answer", f"{left[0]!r} answers no question", f"Questions: {names}")
    places = [(question, place) for question in others for place in (question.place, *question.also)]
    return draft, {place: said[question.name] for question, place in places if question.name in said}


def _from_options(questions: Sequence[Question], answers: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The answers to these questions by their names, and the options that answer none of them."""
    found: dict[str, str] = {}
    left = []
    for answer in answers:
        name, _, value = answer.rpartition("=")
        meant = next((question for question in questions if question.name.casefold() == name.strip().casefold()), None)
        if meant:
            found[meant.name] = _valid(meant, value.strip())
        else:
            left.append(answer)
    return found, left


def _valid(question: Question, value: str) -> str:
    if "%" in value and MONTH_NAMED in question.choices:
        return value
    for choice in question.choices:
        if value.casefold() == choice.casefold():
            return choice
    raise UsageError(
        "mapping.answer", f"{value!r} is not an answer to {question.name}", f"One of: {', '.join(question.choices)}"
    )


def _asked(questions: Sequence[Question]) -> dict[str, str]:
    """Ask one question after the other; an empty answer leaves it open."""
    found: dict[str, str] = {}
    for question in questions:
        typer.echo(printable(question.text, limit=10_000))
        for number, choice in enumerate(question.choices, 1):
            typer.echo(printable(f"  {number}  {choice}"))
        while said := typer.prompt("Number or word; Enter leaves it open", default="", show_default=False).strip():
            number = int(said) if said.isascii() and said.isdigit() else 0
            try:
                by_number = 1 <= number <= len(question.choices)
                found[question.name] = question.choices[number - 1] if by_number else _valid(question, said)
                break
            except UsageError as error:
                typer.echo(printable(str(error)))
    return found
