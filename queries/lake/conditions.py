"""Turn a checked filter into a narwhals expression over the rows of a lake.

The meaning is that of `queries.statements.conditions` in SQL: a missing value equals null only, and text is matched
without regard to case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import Any

import narwhals as nw

from queries.errors import UsageError
from queries.lake.columns import COLUMNS, attribute_column, is_in_lake
from queries.language.filters import Clause, Node
from queries.language.resources import Field
from queries.model.groupings import GROUPINGS, MIDNIGHT, Grouping


def condition(node: Node) -> nw.Expr:
    """The expression that is true for the rows to keep. Raises `UsageError` for a field that a lake does not have."""
    if isinstance(node, Clause):
        return _clause(node)
    parts = [condition(part) for part in node.parts]
    if node.joined == "not":
        return ~parts[0].fill_null(False)
    return reduce(and_ if node.joined == "and" else or_, parts) if parts else nw.lit(True)


def _clause(clause: Clause) -> nw.Expr:
    column = _value_of(clause.field)
    if clause.value == []:
        return ~column.is_null() if clause.operator == "$nin" else column.is_null()
    if clause.value is None:
        return column.is_null() if clause.operator == "$eq" else ~column.is_null()
    kept = _OPERATORS[clause.operator](column, _value(clause.value))
    if not clause.or_null:
        return kept
    return kept & ~column.is_null() if clause.operator == "$nin" else kept | column.is_null()


def _value_of(field: Field) -> nw.Expr:
    """The expression of a field: the fact's column, the band stored for a grouping, or names put together."""
    if not is_in_lake(field.sql):
        raise UsageError("lake.personal", "a lake does not say who booked", "Filter by participant without --lake")
    if field.type == "attribute":
        return nw.col(attribute_column(field.column))
    for name in (field.sql.removeprefix("p."), field.column):
        if name in COLUMNS:
            return nw.col(name)
    return _row_label(GROUPINGS[field.column])


def _row_label(grouping: Grouping) -> nw.Expr:
    """`Grouping.row_label`: names joined by commas, without those that are missing."""
    parts = [
        nw.col(name).dt.to_string(grouping.time_format).str.replace_all(MIDNIGHT, "", literal=True)
        if name == "local_start"
        else nw.col(name)
        for name in grouping.names
    ]
    return nw.concat_str(parts, separator=", ", ignore_nulls=True)


def _value(value: Any) -> Any:
    """A value as the lake holds it: instants have their zone."""
    if isinstance(value, list):
        return [_value(each) for each in value]
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def _lower(column: nw.Expr) -> nw.Expr:
    return column.str.to_lowercase()


def _one_of(column: nw.Expr, values: list[Any]) -> nw.Expr:
    # Comparisons, not `is_in`: in a comparison an engine takes the type of the value from the column.
    return reduce(or_, (column == nw.lit(value) for value in values))


_OPERATORS: dict[str, Callable[[nw.Expr, Any], nw.Expr]] = {
    "$eq": lambda column, value: column == nw.lit(value),
    "$ne": lambda column, value: (column != nw.lit(value)) | column.is_null(),
    "$gt": lambda column, value: column > nw.lit(value),
    "$gte": lambda column, value: column >= nw.lit(value),
    "$lt": lambda column, value: column < nw.lit(value),
    "$lte": lambda column, value: column <= nw.lit(value),
    "$in": _one_of,
    "$nin": lambda column, values: ~_one_of(column, values).fill_null(False),
    "$hasSome": _one_of,
    "$exists": lambda column, wanted: ~column.is_null() if wanted else column.is_null(),
    "$isEmpty": lambda column, wanted: _empty(column) if wanted else ~_empty(column),
    "$startsWith": lambda column, value: _lower(column).str.starts_with(value.lower()),
    "$endsWith": lambda column, value: _lower(column).str.ends_with(value.lower()),
    "$contains": lambda column, value: _lower(column).str.contains(value.lower(), literal=True),
}


def _empty(column: nw.Expr) -> nw.Expr:
    return column.is_null() | (column == nw.lit("")).fill_null(False)
