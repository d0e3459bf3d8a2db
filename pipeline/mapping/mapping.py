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
import uuid
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.faults import Fault
from pipeline.typing.typed_rows import NAMESPACE
from queries.errors import DataRefused, InputNotFound
from queries.model.columns import Entity
from queries.model.entities import ENTITIES
from queries.model.rules import GUID

_TOP = {"namespace", "null", "let", *ENTITIES}
# Which thing an id names, so that a booking's id and the attendance's mention of it become the same GUID.
_NAMES = {
    ("service", "id"): "service",
    ("session", "id"): "session",
    ("session", "service_id"): "service",
    ("booking", "id"): "booking",
    ("booking", "service_id"): "service",
    ("booking", "event_id"): "session",
    ("attendance", "id"): "attendance",
    ("attendance", "booking_id"): "booking",
    ("attendance", "event_id"): "session",
}


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
        raise _mistake(path, "", f"not valid TOML: {error}") from None
    for name in document.keys() - _TOP:
        raise _mistake(path, name, "no such section", _nearest(name, _TOP))
    sections = {name: _texts(path, name, document[name]) for name in ("let", *ENTITIES) if name in document}
    let = sections.pop("let", {})
    if not sections:
        raise _mistake(path, "", "no section for an entity", f"Sections: {', '.join(ENTITIES)}")
    return Mapping(
        path,
        hashlib.sha256(data).hexdigest(),
        str(document.get("namespace", path.stem)),
        tuple(str(text) for text in document.get("null", ())),
        let,
        {name: _columns(path, ENTITIES[name], texts) for name, texts in sections.items()},
        {name: texts.get("when", "true") for name, texts in sections.items()},
    )


class MappedRows:
    """Evaluates a mapping over chunks of one file, on a connection that can reach neither files nor a network."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._connection = duckdb.connect(config={"threads": 2})
        self._connection.execute("set TimeZone = 'UTC'")
        self._connection.execute("set autoinstall_known_extensions = false")
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")
        self._checked = False

    def close(self) -> None:
        """Close the connection that evaluates."""
        self._connection.close()

    def frames(self, flat: pl.DataFrame) -> tuple[dict[str, pl.DataFrame], list[Fault]]:
        """Raw frames by entity (`record` and text columns), and a fault for each expression that fails on a row."""
        self._register(flat)
        if not self._checked:
            self._check()
            self._checked = True
        faults: list[Fault] = []
        frames = {}
        for entity in self._mapping.fields:
            frame, failed = self._frame(entity)
            frames[entity] = self._with_guids(frame, ENTITIES[entity])
            faults += failed
        return frames, faults

    def _register(self, flat: pl.DataFrame) -> None:
        names = [name for name in flat.columns if name != "record"]
        rows = flat.with_columns(
            pl.col(names).replace(dict.fromkeys(self._mapping.null)) if self._mapping.null else pl.col(names)
        )
        self._connection.register("file_rows", rows.with_columns(_row=pl.col("record") + 1).to_arrow())

    def _check(self) -> None:
        """Bind each expression by itself, so that a mistake is told with its section and field."""
        for index, (name, expression) in enumerate(self._mapping.let.items()):
            self._bind("let", name, expression, self._with_let(index))
        for entity, fields in self._mapping.fields.items():
            for column, expression in {"when": self._mapping.when[entity], **fields}.items():
                self._bind(entity, column, expression, self._with_let())

    def _bind(self, section: str, field: str, expression: str, source: str) -> None:
        try:
            duckdb.SQLExpression(expression)
            self._connection.execute(f"{source} select ({expression}) from source limit 0").fetchall()
        except duckdb.Error as error:
            reason = str(error).split("\n\n")[0].replace("\n", " ")
            raise _mistake(self._mapping.path, f"[{section}] {field}", reason) from None

    def _with_let(self, names: int | None = None) -> str:
        """The common table expressions that add the named expressions, each able to use those before it."""
        steps = ["source_0 as (select * from file_rows)"]
        items = list(self._mapping.let.items())[:names]
        for step, (name, expression) in enumerate(items, 1):
            quoted = name.replace('"', '""')
            steps.append(f'source_{step} as (select *, ({expression}) as "{quoted}" from source_{step - 1})')
        return f"with {', '.join(steps)}, source as (select * from source_{len(items)})"

    def _frame(self, entity: str) -> tuple[pl.DataFrame, list[Fault]]:
        fields, when = self._mapping.fields[entity], self._mapping.when[entity]
        columns = ", ".join(f"({expression})::varchar as {column}" for column, expression in fields.items())
        try:
            return self._select(f"record, {columns}", f"coalesce(({when}), false)"), []
        except duckdb.Error:
            return self._frame_row_by_row(entity, fields, when)

    def _frame_row_by_row(
        self, entity: str, fields: MappingType[str, str], when: str
    ) -> tuple[pl.DataFrame, list[Fault]]:
        """Some row fails: find which, by asking for nulls that are not null when asked for alone."""
        faults = []
        for column, expression in {"when": when, **fields}.items():
            suspects = self._select("record", f"try(({expression})::varchar) is null")["record"].to_list()
            bad = self._failing(expression, suspects)
            faults += [Fault(record, "mapping_expression", f"/{entity}/{column}") for record in bad]
        tried = ", ".join(f"try(({expression})::varchar) as {column}" for column, expression in fields.items())
        frame = self._select(f"record, {tried}", f"coalesce(try(({when})), false)")
        return frame.filter(~pl.col("record").is_in([fault.record for fault in faults])), faults

    def _failing(self, expression: str, records: list[int]) -> list[int]:
        if not records:
            return []
        try:
            self._select(f"({expression})::varchar", f"record in (select unnest({records}))")
            return []
        except duckdb.Error:
            if len(records) == 1:
                return records
        half = len(records) // 2
        return self._failing(expression, records[:half]) + self._failing(expression, records[half:])

    def _select(self, columns: str, condition: str) -> pl.DataFrame:
        statement = f"{self._with_let()} select {columns} from source where {condition}"
        frame: pl.DataFrame = self._connection.sql(statement).pl()
        return frame

    def _with_guids(self, frame: pl.DataFrame, entity: Entity) -> pl.DataFrame:
        for column in frame.columns:
            if thing := _NAMES.get((entity.name, column)):
                frame = frame.with_columns(self._guids(frame[column], thing).alias(column))
        return frame

    def _guids(self, texts: pl.Series, thing: str) -> pl.Series:
        """GUIDs as they are; any other text as the UUIDv5 of namespace, thing and text. Long event ids stay too."""
        stays = texts.str.to_lowercase().str.contains(GUID)
        if thing == "session":
            stays = stays | texts.str.len_chars().is_between(36, 250)
        made = {
            text: str(uuid.uuid5(NAMESPACE, f"{self._mapping.namespace}/{thing}/{text}"))
            for text in texts.filter(~stays).unique().drop_nulls()
        }
        return texts.replace(made) if made else texts


def _shipped(name: str) -> Path:
    """The example of that name: in the installed package, or in the repository that it is installed from."""
    package = Path(__file__).parents[1]
    folders = (package / "data" / "mappings", package.parent / "data" / "mappings")
    return next((folder / f"{name}.toml" for folder in folders if folder.is_dir()), Path(name))


def _texts(path: Path, section: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _mistake(path, section, "a section is expected", f"Write [{section}]")
    for name, expression in value.items():
        if not isinstance(expression, str):
            raise _mistake(path, f"[{section}] {name}", "an SQL expression in quotes is expected")
    return value


def _columns(path: Path, entity: Entity, texts: MappingType[str, str]) -> dict[str, str]:
    columns = {}
    for name, expression in texts.items():
        if name == "when":
            continue
        column = entity.field_named(name)
        if column is None:
            raise _mistake(path, f"[{entity.name}] {name}", "no such field", _nearest(name, entity.names))
        columns[column] = expression
    return columns


def _mistake(path: Path, place: str, what: str, hint: str = "") -> DataRefused:
    at = f"{path}: {place}: " if place else f"{path}: "
    return DataRefused("mapping.wrong", f"{at}{what}", hint or "Correct the mapping and load again")


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}"
