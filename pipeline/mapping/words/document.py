"""Turn a mapping's document with fields in words into one with SQL alone, and find its open questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.mapping.identity import NAMES
from pipeline.mapping.model import mistake
from pipeline.mapping.words.fields import field_sql
from pipeline.mapping.words.status import status_sql
from pipeline.mapping.words.texts import NotInWords
from pipeline.mapping.words.toml import inline
from pipeline.mapping.words.visit import Visit
from queries.errors import DataRefused
from queries.model.entities import ENTITIES

OPEN = "?"
VISIT = "visit"
# Keys in which a question mark may be a value of the file.
_NO_QUESTIONS = ("namespace", "null", "header", "known", "zones", "file", "format", "recognise", "join")


@dataclass
class InSql:
    """A document without words, and how its expressions were written: SQL -> the words."""

    document: dict[str, Any]
    said: dict[str, str] = field(default_factory=dict)


def in_sql(path: Path, document: Mapping[str, Any]) -> InSql:
    """Return the document with SQL in the place of words.

    Raises `DataRefused` naming the open questions, or the section and field that is wrong.
    """
    if questions := list(open_questions(document)):
        raise DataRefused(
            "mapping.open_questions",
            f"{path}: not answered yet: {', '.join(questions)}",
            f'Write the answer in the place of each "{OPEN}" and load again',
        )
    made = InSql({name: _copied(value) for name, value in document.items() if name != VISIT})
    _add_sections(path, made)
    if VISIT in document:
        _add_visit(path, document[VISIT], made)
    return made


def open_questions(document: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Places of a document with a question instead of a value: `visit.date.format`."""
    for name, value in document.items():
        here = f"{place}.{name}" if place else name
        if value == OPEN:
            yield here
        elif isinstance(value, Mapping) and (place or name not in _NO_QUESTIONS):
            yield from open_questions(value, here)
        elif isinstance(value, list):
            for part in value:
                if isinstance(part, Mapping):
                    yield from open_questions(part, here)


def _copied(value: Any) -> Any:
    return {key: _copied(part) for key, part in value.items()} if isinstance(value, Mapping) else value


def _add_sections(path: Path, made: InSql) -> None:
    """Replace the tables in the sections of the entities and in [let]."""
    for name in (*ENTITIES, "let"):
        section = made.document.get(name)
        if not isinstance(section, dict):
            continue
        if name == "booking" and isinstance(section.get("status"), dict | list):
            _add_status(path, section.pop("status"), made)
        for key, value in section.items():
            if isinstance(value, dict) and key == "attributes":
                _add_attributes(path, value, made)
            elif isinstance(value, dict):
                section[key] = _said(path, f"[{name}] {key}", value, _maker(name, key), made)


def _add_attributes(path: Path, attributes: dict[str, Any], made: InSql) -> None:
    for key, value in attributes.items():
        if isinstance(value, dict):
            attributes[key] = _said(
                path, f"[booking.attributes] {key}", value, lambda words: field_sql(words, "attribute"), made
            )


def _add_status(path: Path, status: Any, made: InSql) -> None:
    """The status of a booking in words gives its cancellation, and the mark, unless the mapping has its own."""
    sql = _or_mistake(path, "[booking] status", lambda: status_sql(status))
    booking, attendance = made.document["booking"], made.document.get("attendance")
    for section, key, name in (
        (booking, "status", "booking"),
        (booking, "cancellation", "cancellation"),
        (booking, "canceledBy", "canceled_by"),
        (attendance, "status", "mark"),
    ):
        if isinstance(section, dict):
            section.setdefault(key, sql[name])
            made.said[sql[name]] = _as_written(status)


def _maker(section: str, key: str) -> Callable[[Mapping[str, Any]], str]:
    entity = ENTITIES.get(section)
    column = entity.field_named(key) if entity else None
    kind = entity.kind(column) if entity and column else "attribute" if section == "let" else "text"
    if (section, column) == ("booking", "weight"):
        kind = "count"
    return lambda words: field_sql(words, kind, is_id=(section, column) in NAMES)


def _add_visit(path: Path, visit: Any, made: InSql) -> None:
    if not isinstance(visit, Mapping):
        raise mistake(path, VISIT, "a section is expected", f"Write [{VISIT}]")

    def make(name: str, of_table: Callable[[Mapping[str, Any]], str]) -> str:
        value = visit[name]
        if isinstance(value, str):
            return value
        if not isinstance(value, Mapping):
            raise mistake(path, f"[{VISIT}] {name}", "words in braces or SQL in quotes are expected")
        return _said(path, f"[{VISIT}] {name}", value, of_table, made)

    described = _or_mistake(path, f"[{VISIT}]", lambda: Visit(visit, make, has_zone="zone" in made.document))
    made.document.setdefault("null", [""])
    made.said = described.said | made.said
    if described.let:
        made.document["let"] = {**made.document.get("let", {}), **described.let}
    for name, fields in described.sections.items():
        own = made.document.setdefault(name, {})
        made.document[name] = {**fields, **own}
        if name == "booking" and "attributes" in visit:
            attributes = _copied(visit["attributes"])
            if isinstance(attributes, dict):
                _add_attributes(path, attributes, made)
            made.document[name].setdefault("attributes", attributes)


def _said(path: Path, place: str, words: Mapping[str, Any], make: Callable[..., str], made: InSql) -> str:
    sql: str = _or_mistake(path, place, lambda: make(words))
    made.said[sql] = _as_written(words)
    return sql


def _or_mistake(path: Path, place: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except NotInWords as error:
        raise mistake(path, place, str(error), error.hint) from None


def _as_written(words: Any) -> str:
    """Words as in a mapping, for messages: `{column = "Date", format = "day first"}`."""
    return inline(words)
