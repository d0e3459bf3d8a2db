"""The resources to query: tables of fields, each with its wire name, column, type and operators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from queries.language.limits import MAX_LIMIT
from queries.model.attributes import attribute_named, attribute_sql
from queries.model.columns import Column, Entity
from queries.model.entities import ENTITIES
from queries.model.fact import FACT, Fact, FactColumn, fact_columns
from queries.model.groupings import GROUPINGS, Grouping

JOINS = ("$and", "$or", "$not")
EQUALITY = ("$eq", "$ne", "$in", "$nin", "$exists", "$hasSome")
ORDER = (*EQUALITY, "$gt", "$gte", "$lt", "$lte")
TEXT = (*EQUALITY, "$isEmpty", "$startsWith", "$endsWith", "$contains")
OPERATORS_OF = {
    "guid": EQUALITY,
    "choice": EQUALITY,
    "flag": ("$eq", "$ne", "$exists"),
    "text": TEXT,
    "attribute": TEXT,
    "number": ORDER,
    "date": ORDER,
    "instant": ORDER,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its wire name, column, type (a key of `OPERATORS_OF`), name in a sentence, and the values of a choice.

    A computed field has no column of its own: its `expression` over a row `p` gives the value, `column` is its name.
    `takes` are its operators if they are not those of its type; `descends` says whether sorts may go down.
    """

    wire: str
    column: str
    type: str
    english: str
    choices: tuple[str, ...] = ()
    expression: str = ""
    takes: tuple[str, ...] = ()
    descends: bool = True

    @property
    def sql(self) -> str:
        """The field's value in SQL over a row `p`."""
        return self.expression or f"p.{self.column}"

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that the field takes."""
        return self.takes or OPERATORS_OF[self.type]


@dataclass(frozen=True, slots=True)
class Resource:
    """Rows to query: their fields, and the columns that identify a row, in order.

    `relation` is a table, a view, or a statement in brackets; `max_limit` is the most rows of a page. `listed` are the
    columns of the relation that a page has, `("*",)` all of them; without it a page has the fields. With
    `has_attributes` each attribute of the bookings is a field too. With `is_strict` requests are taken only as the API
    declares them: filters joined by `$and` alone, no columns for fields, no projection, and the query in its envelope.
    """

    name: str
    relation: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    max_limit: int = MAX_LIMIT
    listed: tuple[str, ...] = ()
    has_attributes: bool = False
    is_strict: bool = False

    @property
    def joins(self) -> tuple[str, ...]:
        """The operators between filters."""
        return JOINS[:1] if self.is_strict else JOINS

    def field(self, name: object) -> Field | None:
        """The field of that wire name, SDK name or column, or the attribute `attributes.<name>` of booked sessions."""
        if not isinstance(name, str):
            return None
        return self.names.get(name) or (_attribute(name) if self.has_attributes else None)

    @property
    def columns(self) -> str:
        """The columns that a page selects from the relation, called p."""
        if self.listed:
            return ", ".join(f"p.{column}" for column in self.listed)
        named = (f"{field.sql} as {field.column}" if field.expression else field.sql for field in self.fields)
        return ", ".join(named)

    @property
    def names(self) -> Mapping[str, Field]:
        """Every name a field goes by: `localDate`, `local_date`; `id`, `_id`."""
        columns = {} if self.is_strict else {field.column: field for field in self.fields}
        named = columns | {field.wire: field for field in self.fields}
        return named | {f"_{name}": named[name] for name in ("id", "createdDate", "updatedDate") if name in named}


def _attribute(name: str) -> Field | None:
    own = attribute_named(name)
    return Field(name, name, "attribute", own.replace("_", " "), (), attribute_sql(own)) if own else None


def _camel(column: str) -> str:
    first, *rest = column.split("_")
    return first + "".join(part.title() for part in rest)


def fields_of(entity: Entity) -> tuple[Field, ...]:
    """The fields of an entity: the columns by which a caller may filter and sort."""
    return tuple(
        Field(column.asked.wire or column.wire, column.name, column.field_type, column.asked.english, _choices(column))
        for column in entity.columns
        if column.asked
    )


def _choices(column: Column) -> tuple[str, ...]:
    return column.choices if column.field_type == "choice" else ()


# Only columns that the API has a word for: of a page of 50 that takes a seventh less time than all columns.
_LISTED_ATTENDANCE = tuple(column.name for column in ENTITIES["attendance"].plain if not column.unsaid)
ATTENDANCE = Resource("attendance", "attendance", fields_of(ENTITIES["attendance"]), ("id",), listed=_LISTED_ATTENDANCE)


def booked_session_fields(
    fact: Fact = FACT, groupings: Iterable[Grouping] = tuple(GROUPINGS.values())
) -> tuple[Field, ...]:
    """The fields of booked sessions: columns of the fact, and every key and label of a grouping.

    A key or label that is not a column of the fact, such as `week`, is a field computed from the row.
    """
    columns = fact_columns(fact)
    fields = [
        Field(_camel(column.name), column.name, column.kind, column.label, column.choices)
        for column in fact
        if column.label
    ]
    known = {field.column for field in fields}
    for grouping in groupings:
        for name, expression in ((grouping.columns[0], grouping.key), (grouping.name, grouping.row_label)):
            if expression and name not in known:
                fields.append(_computed(grouping, name, expression, columns))
                known.add(name)
    return tuple(fields)


def _computed(grouping: Grouping, name: str, expression: str, columns: Mapping[str, FactColumn]) -> Field:
    words = name.replace("_", " ")
    column = columns.get(expression.removeprefix("p."))
    if column:
        return Field(_camel(name), name, column.kind, words, column.choices, expression)
    if expression == grouping.key:
        return Field(_camel(name), name, grouping.kind, words, grouping.sequence, expression)
    return Field(_camel(name), name, "text", words, (), expression)


BOOKED_SESSION = Resource(
    "booked session", "booked_session", booked_session_fields(), ("booking_id", "session_id"), has_attributes=True
)
