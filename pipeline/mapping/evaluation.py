"""Evaluate a mapping over the rows of a flat file: raw frames by entity, with a fault for each failing expression.

Ids that are not GUIDs become GUIDs, the same each time, so that any number or name will do as an id: with the
namespace `studio`, the visit "1017" becomes the UUIDv5 of `studio/booking/1017`, as `[booking] id` and as
`[attendance] bookingId` alike, in this file and in the next one.
"""

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

# The thing that an id names is part of its GUID: a booking's id and the attendance's mention of it become the same
# GUID, while booking 7 and session 7 become different ones.
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
    """Evaluate a mapping over the chunks of one file.

    A mapping may come from anyone, so its SQL runs on a connection of its own that can reach neither files, nor a
    network, nor the database. `lock_configuration` keeps it from lifting these limits.
    """

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._connection = duckdb.connect(config={"threads": 2})
        self._connection.execute("set TimeZone = 'UTC'")
        self._connection.execute("set autoinstall_known_extensions = false")
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")
        self._checked = False

    def close(self) -> None:
        """Close the connection of the mapping's SQL."""
        self._connection.close()

    def frames(self, flat: pl.DataFrame) -> tuple[dict[str, pl.DataFrame], list[Fault]]:
        """Return raw frames by entity (`record` and text columns), and a fault for each expression that fails on a row.

        Raises `DataRefused` if an expression cannot be evaluated over the columns of the file at all.
        """
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
        """Bind each expression by itself, so that the message about a mistake names its section and field."""
        for index, (name, expression) in enumerate(self._mapping.let.items()):
            self._bind("let", name, expression, self._with_let(index))
        for entity, fields in self._mapping.fields.items():
            for column, expression in {"when": self._mapping.when[entity], **fields}.items():
                self._bind(entity, column, expression, self._with_let())

    def _bind(self, section: str, field: str, expression: str, source: str) -> None:
        try:
            # Refuses a text that is not one expression, such as `1) from file_rows; drop table x; select (1`, which
            # the brackets below would turn into statements.
            duckdb.SQLExpression(expression)
            self._connection.execute(f"{source} select ({expression}) from source limit 0").fetchall()
        except duckdb.Error as error:
            reason = str(error).split("\n\n")[0].replace("\n", " ")
            raise mistake(self._mapping.path, f"[{section}] {field}", reason) from None

    def _with_let(self, first: int | None = None) -> str:
        """The common table expressions that add the `first` named expressions (all by default) as columns.

        One step each, since an expression may use those before it: with a = "x" and b = "a || y", `source_1` has the
        column a, and `source_2` makes b from it.
        """
        steps = ["source_0 as (select * from file_rows)"]
        items = list(self._mapping.let.items())[:first]
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
        """Find the rows on which an expression fails, and evaluate the others."""
        # DuckDB does not say which row made a statement fail. Under `try` the failing value is null, but so is a
        # missing one: `try('abc'::int)` and `try(null::int)` look alike. So the rows with a null are only suspects,
        # and `_failing` evaluates them again without `try`.
        faults = []
        for column, expression in {"when": when, **fields}.items():
            suspects = self._select("record", f"try(({expression})::varchar) is null")["record"].to_list()
            bad = self._failing(expression, suspects)
            faults += [Fault(record, "mapping_expression", f"/{entity}/{column}") for record in bad]
        tried = ", ".join(f"try(({expression})::varchar) as {column}" for column, expression in fields.items())
        frame = self._select(f"record, {tried}", f"coalesce(try(({when})), false)")
        return frame.filter(~pl.col("record").is_in([fault.record for fault in faults])), faults

    def _failing(self, expression: str, records: list[int]) -> list[int]:
        """Bisect records for those on which an expression fails.

        A half without an error is done with at once. With one bad record of 8 the statement runs on all 8, then on
        both halves of 4, 2 and 1: 7 runs, and 41 if it is one of a million.
        """
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
        """Replace each text that is not a GUID by the UUIDv5 of namespace, thing and text."""
        stays = texts.str.to_lowercase().str.contains(GUID)
        if thing == "session":
            # The API's own event ids are opaque texts of 36 to 250 characters, valid as they are.
            stays = stays | texts.str.len_chars().is_between(36, 250)
        made = {
            text: str(uuid.uuid5(NAMESPACE, f"{self._mapping.namespace}/{thing}/{text}"))
            for text in texts.filter(~stays).unique().drop_nulls()
        }
        return texts.replace(made) if made else texts
