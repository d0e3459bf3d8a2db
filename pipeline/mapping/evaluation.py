"""Evaluate a mapping over the rows of a flat file."""

from __future__ import annotations

import uuid
from collections.abc import Mapping as MappingType

import duckdb
import polars as pl

from pipeline.faults import Fault
from pipeline.mapping.reading import Mapping, mistake
from pipeline.typing.typed_rows import NAMESPACE
from queries.model.columns import Entity
from queries.model.entities import ENTITIES
from queries.model.rules import GUID

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
            raise mistake(self._mapping.path, f"[{section}] {field}", reason) from None

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
