"""The classes that describe a table: its columns, the kind of each, and the entity they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its DuckDB type, the rules every column of the kind obeys, its type in the query language."""

    sql: str
    rules: tuple[str, ...] = ()
    field_type: str = "text"
    is_number: bool = False


# An instant has no rules here: they need the clock and the zone beside it, and are applied when rows are typed.
KINDS = {
    "guid": Kind("uuid", ("control_char", "id_format"), "guid"),
    "opaque": Kind("varchar", ("control_char", "text_length")),
    "event": Kind("varchar", ("control_char", "event_id_length")),
    "word": Kind("varchar", ("control_char", "text_length")),
    "text": Kind("varchar", ("control_char", "text_length")),
    "zone": Kind("varchar", ("timezone_unknown",)),
    "attendees": Kind("bigint", ("attendees_range",), "number", is_number=True),
    "whole": Kind("bigint", ("number_range",), "number", is_number=True),
    # An unsigned number of 64 bits.
    "sequence": Kind("decimal(20, 0)", ("number_range",), "number", is_number=True),
    "money": Kind("decimal(18, 4)", ("number_range",), "number", is_number=True),
    # The rest to pay: below 0 it is to be refunded.
    "signed_money": Kind("decimal(18, 4)", (), "number", is_number=True),
    "instant": Kind("timestamp", field_type="instant"),
    "flag": Kind("boolean", field_type="flag"),
    # Named values as one JSON object, see `queries.model.attributes`.
    "attributes": Kind("varchar", ("control_char", "text_length", "attributes_form")),
}

MONEY_KINDS = ("money", "signed_money")

# The SDK writes these wire names with an underscore before them, at every depth.
_SDK_RENAMES = frozenset({"id", "createdDate", "updatedDate"})


@dataclass(frozen=True, slots=True)
class Asked:
    """How a listing lets its callers filter and sort by a column.

    `english` names it in sentences; `wire` is the API's name of the field, if it is not the column's path; `type` its
    type in the query language, if it does not follow from the column's kind and choices.
    """

    english: str
    wire: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind (a key of `KINDS`), its path in the API's object, its meaning.

    A plain column needs no more than its row: it is read from `wire`, else from the first of `also` that has a value,
    typed, validated, stored, and written back to `wire`. An `irregular` one says why a function has to read and write
    it. `unsaid` says why the API has no word for it: a listing leaves it out, so `noshow serve` followed by
    `noshow pull` loses it. Paths have dots. `is_written_as_text` marks a number that the API writes as text.

    The meaning is the comment of the stored column. Databases keep the comment they were made with, so a new wording
    needs a migration that sets it.
    """

    name: str
    kind: str
    wire: str
    meaning: str
    also: tuple[str, ...] = ()
    required: bool = False
    choices: tuple[str, ...] = ()
    further_rules: tuple[str, ...] = ()
    is_written_as_text: bool = False
    is_personal: bool = False
    irregular: str = ""
    unsaid: str = ""
    asked: Asked | None = None

    @property
    def sql_type(self) -> str:
        """The DuckDB type."""
        return KINDS[self.kind].sql

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that a value is held to, in order."""
        return (*KINDS[self.kind].rules, *(["status_unknown"] if self.choices else []), *self.further_rules)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The paths that may hold it, in the API's spelling and the SDK's: `location.id`, `location._id`."""
        return tuple(spelt for path in (self.wire, *self.also) for spelt in _spellings(path))

    @property
    def is_own_time(self) -> bool:
        """Whether a record without this time is of no use: start and end, and times that must be there.

        A record stands without its other times, such as when it was booked, cancelled or changed.
        """
        return self.kind == "instant" and (self.required or self.name in ("starts_at", "ends_at"))

    @property
    def field_type(self) -> str:
        """Its type in the query language."""
        own = self.asked.type if self.asked else ""
        return own or ("choice" if self.choices else KINDS[self.kind].field_type)


def _spellings(path: str) -> tuple[str, ...]:
    *parents, end = path.split(".")
    return (path, ".".join([*parents, f"_{end}"])) if end in _SDK_RENAMES else (path,)


# Compared and hashed by identity: functions cached by entity then need not hash every column at each call.
@dataclass(frozen=True, eq=False)
class Entity:
    """One table: its columns in order, its key, and the columns that order two versions of a row.

    `sequence` orders versions of one id, if both have it, before `version` does.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    version: tuple[str, ...]
    sequence: str | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def plain(self) -> tuple[Column, ...]:
        """The columns that are read from their paths and written to them."""
        return tuple(column for column in self.columns if not column.irregular)

    @cached_property
    def personal(self) -> tuple[Column, ...]:
        """The columns that identify a person: they are erased on request and never passed on."""
        return tuple(column for column in self.columns if column.is_personal)

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """Every name that a flat file or a mapping may give a column -> the column's name."""
        # If two columns fit a name, its owner by column name wins, then by path, then by the end of a path. Of two ends
        # alike, such as `location.name` and `resource.name`, the first column's is meant: `reversed` writes it last.
        ends = {column.wire.rsplit(".", 1)[-1]: column.name for column in reversed(self.columns)}
        paths = {column.wire: column.name for column in self.columns}
        aliases = ends | paths | {name: name for name in self.names}
        return aliases | {f"_{name}": aliases[name] for name in _SDK_RENAMES if name in aliases}

    def column(self, name: str) -> Column:
        """The column of that name."""
        return self._by_name[name]

    def kind(self, name: str) -> str:
        """The kind of a column, a key of `KINDS`."""
        return self.column(name).kind

    def wire(self, name: str) -> str:
        """The source's own path of a column, with dots."""
        return self.column(name).wire

    def sql_type(self, name: str) -> str:
        """The DuckDB type of a column."""
        return self.column(name).sql_type

    def field_named(self, name: str) -> str | None:
        """The column of that name in a flat file or a mapping: its own name, wire path or end of the path; or None."""
        return self.aliases.get(name.strip())

    def with_columns(self, *added: Column) -> Entity:
        """The same entity with further columns after its own."""
        return replace(self, columns=(*self.columns, *added))

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


def by_name(entities: Iterable[Entity]) -> dict[str, Entity]:
    """The entities by name, in order."""
    return {entity.name: entity for entity in entities}
