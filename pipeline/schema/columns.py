"""A column's name, source and rules go in; a pandera column that carries all of them comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandera.polars as pa
import polars as pl

from pipeline.schema.rules import MAX_ATTENDEES, MAX_TEXT
from pipeline.zones import known_zones

GUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
CONTROL_IN_ID = r"[\x00-\x1f\x7f]"

Rule = tuple[str, Callable[[pl.Expr], pl.Expr]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of column: its Polars and DuckDB types, and the rules that every column of the kind obeys."""

    dtype: pl.DataType
    sql: str
    rules: tuple[Rule, ...] = ()


def one_of(*values: str) -> Rule:
    """The rule that a column holds one of these values, spelt exactly so."""
    return "status_unknown", lambda column: column.is_in(list(values))


def _lacks(pattern: str) -> Callable[[pl.Expr], pl.Expr]:
    return lambda column: ~column.str.contains(pattern)


_CLEAN_ID: Rule = ("control_char", _lacks(CONTROL_IN_ID))
_CLEAN_TEXT: Rule = ("control_char", _lacks(CONTROL))
_SHORT: Rule = ("text_length", lambda column: column.str.len_chars() <= MAX_TEXT)
_GUID: Rule = ("id_format", lambda column: column.str.contains(GUID))
_EVENT_LENGTH: Rule = ("event_id_length", lambda column: column.str.len_chars().is_between(36, 250))
_ZONE: Rule = ("timezone_unknown", lambda column: column.is_in(sorted(known_zones())))
_ATTENDEES: Rule = ("attendees_range", lambda column: column.is_between(0, MAX_ATTENDEES))
_NOT_NEGATIVE: Rule = ("number_range", lambda column: column >= 0)

AFTER_START: Rule = ("ends_before_start", lambda column: (column >= pl.col("starts_at")).fill_null(True))

# An instant's own rules need the clock and the zone beside it: `pipeline.typing.typed_rows` applies them.
KINDS = {
    "guid": Kind(pl.String(), "uuid", (_CLEAN_ID, _GUID)),
    "opaque": Kind(pl.String(), "varchar", (_CLEAN_ID, _SHORT)),
    "event": Kind(pl.String(), "varchar", (_CLEAN_ID, _EVENT_LENGTH)),
    "word": Kind(pl.String(), "varchar", (_CLEAN_ID, _SHORT)),
    "text": Kind(pl.String(), "varchar", (_CLEAN_TEXT, _SHORT)),
    "zone": Kind(pl.String(), "varchar", (_ZONE,)),
    "attendees": Kind(pl.Int64(), "bigint", (_ATTENDEES,)),
    "whole": Kind(pl.Int64(), "bigint", (_NOT_NEGATIVE,)),
    # An unsigned number of 64 bits.
    "sequence": Kind(pl.Decimal(20, 0), "decimal(20, 0)", (_NOT_NEGATIVE,)),
    "money": Kind(pl.Decimal(18, 4), "decimal(18, 4)", (_NOT_NEGATIVE,)),
    "instant": Kind(pl.Datetime("us"), "timestamp"),
}


def column(kind: str, wire: str, meaning: str, *rules: Rule, required: bool = False) -> pa.Column:
    """A column of a kind, filled from the field `wire` (a path with dots), held to the kind's rules and its own."""
    return pa.Column(
        KINDS[kind].dtype,
        checks=[_check(*rule) for rule in (*KINDS[kind].rules, *rules)],
        nullable=not required,
        description=meaning,
        metadata={"kind": kind, "wire": wire},
    )


def _check(name: str, holds: Callable[[pl.Expr], pl.Expr]) -> pa.Check:
    return pa.Check(lambda data: data.lazyframe.select(holds(pl.col(data.key))), name=name)


@dataclass(frozen=True, slots=True)
class Entity:
    """One table: its pandera schema (the definition of its columns), its key, and what orders two versions of a row.

    `sequence` orders versions of one id, where both have it, before `version` does.
    """

    name: str
    meaning: str
    schema: pa.DataFrameSchema
    key: tuple[str, ...]
    version: tuple[str, ...]
    sequence: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.schema.columns)

    def kind(self, name: str) -> str:
        """The kind of a column, a key of `KINDS`."""
        return str(self._metadata(name)["kind"])

    def wire(self, name: str) -> str:
        """The source's own path of a column, with dots."""
        return str(self._metadata(name)["wire"])

    def sql_type(self, name: str) -> str:
        """The DuckDB type of a column."""
        return KINDS[self.kind(name)].sql

    def of_kind(self, *kinds: str) -> Sequence[str]:
        """The columns of these kinds, in order."""
        return [name for name in self.columns if self.kind(name) in kinds]

    def field_named(self, name: str) -> str | None:
        """The column that a flat file or a mapping means: the column's name, the wire path or the path's end."""
        return self._aliases().get(name.strip())

    def _aliases(self) -> dict[str, str]:
        ends = [(self.wire(name).rsplit(".", 1)[-1], name) for name in reversed(self.columns)]
        paths = [(self.wire(name), name) for name in self.columns]
        aliases = dict(ends) | dict(paths) | {name: name for name in self.columns}
        return aliases | {f"_{name}": aliases[name] for name in _SDK_RENAMES if name in aliases}

    def _metadata(self, name: str) -> dict[str, Any]:
        return dict(self.schema.columns[name].metadata or {})


# The SDK writes these wire names with an underscore before them.
_SDK_RENAMES = frozenset({"id", "createdDate", "updatedDate"})
