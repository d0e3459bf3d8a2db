"""Read and check a mapping file, which describes another system's flat files.

A mapping is TOML:

- a section per entity (service, session, booking, attendance) gives a DuckDB SQL expression for each of its fields.
  The expressions read the columns of the file, which are all text, and `_row`, the number of the row from 1. A column
  of the file that is itself called `_row` or `record` gets a _ behind its name;
- `when` in a section is the condition on the rows that feed the entity;
- `[let]` names expressions used more than once;
- `null` lists the texts that mean missing;
- `namespace` goes into the GUIDs made of ids that are not GUIDs, see `pipeline.mapping.evaluation`.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from queries.errors import DataRefused, InputNotFound
from queries.model.columns import Entity
from queries.model.entities import ENTITIES

_TOP = {"namespace", "null", "let", *ENTITIES}


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping as read: `fields` and `when` hold SQL by entity and column, `let` by name; `digest` is its SHA-256."""

    path: Path
    digest: str
    namespace: str
    null: tuple[str, ...]
    let: dict[str, str]
    fields: dict[str, dict[str, str]]
    when: dict[str, str]


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping file; a bare name such as `hotel` stands for an example that comes with noshow.

    SQL is checked only when the mapping is first evaluated, since that takes the columns of a file.

    Raises `InputNotFound`, or `DataRefused` naming the section and field.
    """
    path = _shipped(path.name) if not path.exists() and path.name == str(path) and not path.suffix else path
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputNotFound("mapping.not_found", f"{path}: no such mapping file", "Check the path") from None
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise mistake(path, "", f"not valid TOML: {error}") from None
    for name in document.keys() - _TOP:
        raise mistake(path, name, "no such section", _nearest(name, _TOP))
    sections = {name: _texts(path, name, document[name]) for name in ("let", *ENTITIES) if name in document}
    let = sections.pop("let", {})
    if not sections:
        raise mistake(path, "", "no section for an entity", f"Sections: {', '.join(ENTITIES)}")
    return Mapping(
        path,
        hashlib.sha256(data).hexdigest(),
        str(document.get("namespace", path.stem)),
        tuple(str(text) for text in document.get("null", ())),
        let,
        {name: _columns(path, ENTITIES[name], texts) for name, texts in sections.items()},
        {name: texts.get("when", "true") for name, texts in sections.items()},
    )


def _shipped(name: str) -> Path:
    """The path of an example: in the installed package, or in the repository of an editable install."""
    package = Path(__file__).parents[1]
    folders = (package / "data" / "mappings", package.parent / "data" / "mappings")
    return next((folder / f"{name}.toml" for folder in folders if folder.is_dir()), Path(name))


def _texts(path: Path, section: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise mistake(path, section, "a section is expected", f"Write [{section}]")
    for name, expression in value.items():
        if not isinstance(expression, str):
            raise mistake(path, f"[{section}] {name}", "an SQL expression in quotes is expected")
    return value


def _columns(path: Path, entity: Entity, texts: MappingType[str, str]) -> dict[str, str]:
    columns = {}
    for name, expression in texts.items():
        if name == "when":
            continue
        column = entity.field_named(name)
        if column is None:
            raise mistake(path, f"[{entity.name}] {name}", "no such field", _nearest(name, entity.names))
        columns[column] = expression
    return columns


def mistake(path: Path, place: str, reason: str, hint: str = "") -> DataRefused:
    """An error that names the mapping file and the place in it."""
    at = f"{path}: {place}: " if place else f"{path}: "
    return DataRefused("mapping.wrong", f"{at}{reason}", hint or "Correct the mapping and load again")


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}"
