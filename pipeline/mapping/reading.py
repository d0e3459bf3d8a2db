"""A mapping file and a flat frame of any system's columns go in; raw frames by entity come out.

A mapping is TOML. A section per entity (service, session, booking, attendance) gives a DuckDB SQL expression for each
of its fields, over the file's columns, which are all text; `when` says which rows feed the entity; `[let]` names
expressions used more than once. Besides the columns there is `_row`, the number of the row from 1; a column of
the file that is called so, or `record`, has a _ behind its name.
`null` lists the texts that mean missing. `namespace` makes ids: a text that is no GUID becomes one that is the same
each time, so that any number or name will do as an id.
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
    """A mapping as read: per entity the SQL of each column, the condition, and what all of them share."""

    path: Path
    digest: str
    namespace: str
    null: tuple[str, ...]
    let: dict[str, str]
    fields: dict[str, dict[str, str]]
    when: dict[str, str]


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping file; a bare name such as `hotel` is that of an example that noshow brings along.

    Raises `InputNotFound` or `DataRefused` naming the section and field.
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
    """The example of that name: in the installed package, or in the repository that it is installed from."""
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


def mistake(path: Path, place: str, what: str, hint: str = "") -> DataRefused:
    """An error that names the mapping file and the place in it."""
    at = f"{path}: {place}: " if place else f"{path}: "
    return DataRefused("mapping.wrong", f"{at}{what}", hint or "Correct the mapping and load again")


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}"
