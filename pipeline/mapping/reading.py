"""Read and check a mapping file, which describes another system's flat files.

A mapping is TOML:

- a section per entity (service, session, booking, attendance) gives a DuckDB SQL expression for each of its fields.
  The expressions read the columns of the file, which are all text, `_row`, the number of the row from 1, and `_file`,
  the name of the file. A column of the file that is itself called `_row` or `record` gets a _ behind its name;
- a field may also be in words, a table such as `{column = "Date", format = "day first"}`, and `[visit]` describes all
  entities at once, see `pipeline.mapping.words`;
- `when` in a section is the condition on the rows that feed the entity;
- `[booking.attributes]` gives named values of a booking;
- `[let]` names expressions used more than once;
- `null` lists the texts that mean missing, `[zones]` names of time zones, `[known]` values that mean nothing;
- `marks` says what the source records of attendance;
- `[file]` says where the records lie in the file (`header` and `sheet` may stand at the top), `[dates]` which columns
  hold days and times, `zone` the zone of times that name none, `[unpivot]` which columns become rows, `[join]` which
  file belongs to each;
- `[format]` and `[recognise]` describe an export that noshow recognises by itself;
- `namespace` goes into the GUIDs made of ids that are not GUIDs, see `pipeline.mapping.identity`.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from pathlib import Path
from typing import Any

from pipeline.mapping.model import Mapping, mistake
from pipeline.mapping.planning import plan_of
from pipeline.mapping.sections import read_dates, read_format, read_join, read_layout, read_zone
from pipeline.mapping.words.document import VISIT, in_sql
from pipeline.toml_files import read_toml
from queries.errors import InputNotFound
from queries.model.attributes import MOST, NAME
from queries.model.columns import Entity
from queries.model.entities import ENTITIES
from queries.model.vocabularies import MARKS
from queries.model.zones import known_zones

__all__ = ["KEYS", "Mapping", "mistake", "read_mapping", "shipped_mappings", "shipped_path"]

FORMATS = Path(__file__).parents[1] / "formats"
# The keys that stand at the top of a mapping.
KEYS = {
    *("namespace", "null", "marks", "header", "sheet", "zone", "let", "zones", "unpivot", "known", "join"),
    *("file", "dates", "format", "recognise", VISIT, *ENTITIES),
}


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping file; a bare name such as `hotel` stands for an example that comes with noshow.

    Expressions are checked too, except that only a file shows which columns there are.

    Raises `InputNotFound`, or `DataRefused` naming the section and field.
    """
    path = shipped_path(path.name) if not path.exists() and path.name == str(path) and not path.suffix else path
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _not_found(path) from None
    try:
        document = read_toml(data)
    except ValueError as error:
        raise mistake(path, "", str(error)) from None
    for name in document.keys() - KEYS:
        raise mistake(path, name, "no such section", _nearest(name, KEYS))
    made = in_sql(path, document)
    document = made.document
    attributes = _attributes(path, document)
    sections = {name: _texts(path, name, document[name]) for name in ("let", *ENTITIES) if name in document}
    let = sections.pop("let", {})
    if not sections:
        raise mistake(path, "", "no section for an entity", f"Sections: {', '.join(ENTITIES)}")
    columns = {name: _columns(path, ENTITIES[name], texts) for name, texts in sections.items()}
    mapping = Mapping(
        path,
        hashlib.sha256(data).hexdigest(),
        str(document.get("namespace", path.stem)),
        _null(path, document),
        let,
        {name: {column: texts for column, (_, texts) in found.items()} for name, found in columns.items()},
        {name: texts.get("when", "true") for name, texts in sections.items()},
        attributes,
        {(name, column): label for name, found in columns.items() for column, (label, _) in found.items()},
        read_layout(path, document),
        _marks(path, document),
        _zones(path, document),
        _unpivot(path, document),
        _known(path, document),
        read_dates(path, document),
        read_zone(path, document),
        read_format(path, document),
        made.said,
        read_join(path, document),
    )
    plan_of(mapping)
    return mapping


def shipped_mappings() -> list[str]:
    """The names of the example mappings that come with noshow, without the formats that it recognises."""
    return sorted(path.stem for folder in _folders() if folder.is_dir() for path in folder.glob("*.toml"))


def shipped_formats() -> list[Path]:
    """The files of the formats that noshow recognises, by name."""
    return sorted(FORMATS.glob("*.toml"))


def _folders() -> tuple[Path, ...]:
    """Where the examples lie: in the installed package, or in the repository of an editable install."""
    package = Path(__file__).parents[1]
    return package / "data" / "mappings", package.parent / "data" / "mappings"


def shipped_path(name: str) -> Path:
    """The path of a mapping or format that comes with noshow, by its name."""
    folders = [folder for folder in (*_folders(), FORMATS) if folder.is_dir()]
    found = (folder / f"{name}.toml" for folder in folders if (folder / f"{name}.toml").exists())
    return next(found, folders[0] / f"{name}.toml" if folders else Path(name))


def _not_found(path: Path) -> InputNotFound:
    name = path.stem if path.parent in _folders() else path.name
    known = [*shipped_mappings(), *(one.stem for one in shipped_formats())]
    near = difflib.get_close_matches(name.removesuffix(".toml"), known, n=1)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    shown = name if path.parent in _folders() else path
    hint = f"{guess}Check the path, or name a mapping that comes with noshow: {', '.join(shipped_mappings())}"
    return InputNotFound("mapping.not_found", f"{shown}: no such mapping file", hint)


def _texts(path: Path, section: str, value: Any) -> dict[str, str]:
    table = _table(path, section, value)
    for name, expression in table.items():
        if not isinstance(expression, str):
            raise mistake(path, f"[{section}] {name}", "an SQL expression in quotes is expected")
    return table


def _table(path: Path, section: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise mistake(path, section, "a section is expected", f"Write [{section}]")
    return value


def _attributes(path: Path, document: dict[str, Any]) -> dict[str, str]:
    """Take the table of attributes out of the section of bookings."""
    booking = document.get("booking")
    if not isinstance(booking, dict) or not isinstance(booking.get("attributes"), dict):
        return {}
    texts = _texts(path, "booking.attributes", booking.pop("attributes"))
    for name in texts:
        if not NAME.fullmatch(name):
            reason = "the name of an attribute has up to 40 small letters, digits and _, and begins with a letter"
            raise mistake(path, f"[booking.attributes] {name}", reason)
    if len(texts) > MOST:
        raise mistake(path, "[booking.attributes]", f"{len(texts)} attributes; a booking has at most {MOST}")
    return texts


def _null(path: Path, document: dict[str, Any]) -> tuple[str, ...]:
    null = document.get("null", [])
    if isinstance(null, dict) or (isinstance(null, list) and any(isinstance(text, list | dict) for text in null)):
        raise mistake(path, "null", "a list of texts is expected", 'For example null = ["", "-"]')
    return tuple(map(str, null)) if isinstance(null, list) else (str(null),)


def _marks(path: Path, document: dict[str, Any]) -> str | None:
    marks = document.get("marks")
    if marks is not None and marks not in MARKS:
        raise mistake(
            path, "marks", f"{marks!r} is none of the ways to record attendance", f"One of: {', '.join(MARKS)}"
        )
    return marks


def _zones(path: Path, document: dict[str, Any]) -> dict[str, str]:
    zones = _table(path, "zones", document.get("zones", {}))
    for name, zone in zones.items():
        if zone not in known_zones():
            near = difflib.get_close_matches(str(zone), known_zones(), n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "For example 'Europe/Dublin'"
            raise mistake(path, f"[zones] {name!r}", f"{zone!r} is not an IANA time zone", hint)
    return zones


def _unpivot(path: Path, document: dict[str, Any]) -> tuple[str, ...]:
    if "unpivot" not in document:
        return ()
    table = _table(path, "unpivot", document["unpivot"])
    for name in table.keys() - {"columns"}:
        raise mistake(path, f"[unpivot] {name}", "no such field", "Did you mean 'columns'?")
    columns = table.get("columns")
    given = [columns] if isinstance(columns, str) else columns
    if not isinstance(given, list) or not given or not all(isinstance(one, str) and one for one in given):
        raise mistake(path, "[unpivot] columns", "names of columns are expected", 'For example columns = "S*"')
    return tuple(given)


def _known(path: Path, document: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    table = _table(path, "known", document.get("known", {}))
    for name, texts in table.items():
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise mistake(path, f"[known] {name}", "a list of texts is expected", f'For example {name} = ["pending"]')
    return {name: tuple(texts) for name, texts in table.items()}


def _columns(path: Path, entity: Entity, texts: MappingType[str, str]) -> dict[str, tuple[str, str]]:
    """Column -> the name that the mapping gives it, and its expression."""
    columns = {}
    for name, expression in texts.items():
        if name == "when":
            continue
        column = entity.field_named(name)
        if column is None:
            raise mistake(path, f"[{entity.name}] {name}", "no such field", _nearest(name, entity.names))
        columns[column] = (name, expression)
    return columns


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}"
