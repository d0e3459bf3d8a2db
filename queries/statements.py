"""Checked queries and groupings go in; the text of a statement and its bound values come out.

The one place in `queries` where SQL is put together: names come from the tables of fields, groupings and operators,
values are bound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from queries.language.filters import Clause, Node
from queries.language.operators import OPERATORS
from queries.language.sorting import SortKey
from queries.measures.groupings import Grouping

Parameters = dict[str, Any]
_CASTS = {"guid": "::uuid", "date": "::date", "instant": "::timestamp"}


def where_sql(node: Node, parameters: Parameters) -> str:
    """A condition over the alias p, true for the rows to keep, its values added to `parameters`."""
    if isinstance(node, Clause):
        return _clause_sql(node, parameters)
    parts = [where_sql(part, parameters) for part in node.parts]
    if node.joined == "not":
        return f"not coalesce({parts[0]}, false)"
    return f"({f' {node.joined} '.join(parts)})" if parts else "true"


def page_sql(
    relation: str, columns: str, node: Node, sort: Sequence[SortKey], after: Sequence[Any] | None, limit: int | None
) -> tuple[str, Parameters]:
    """The rows of a relation that a filter keeps, in order, from behind a row with the sort values `after`."""
    parameters: Parameters = {}
    conditions = [where_sql(node, parameters)]
    if after is not None:
        conditions.append(_behind_sql(sort, after, parameters))
    order = ", ".join(_order_sql(key) for key in sort)
    text = f"select {columns} from {relation} as p where {' and '.join(conditions)}" + (
        f" order by {order}" if order else ""
    )
    if limit is not None:
        text += " limit $page_limit"
        parameters["page_limit"] = limit
    return text, parameters


def counts_sql(groupings: Sequence[Grouping], node: Node, as_of: dt.datetime) -> tuple[str, Parameters]:
    """Counts of each group as of a moment (naive, UTC): the group columns, then those of `no_show_counts`."""
    parameters: Parameters = {"as_of": as_of}
    keys = [f"{grouping.key} as {grouping.columns[0]}" for grouping in groupings]
    labels = [f"{grouping.label} as {grouping.name}" for grouping in groupings if grouping.label]
    columns = [column for grouping in groupings for column in grouping.columns]
    grouped = f" group by {', '.join(grouping.key for grouping in groupings)}" if groupings else ""
    text = (
        f"select {', '.join([*columns, 'unnest(counts)'])} from ("
        f"select {', '.join([*keys, *labels, 'no_show_counts(p) as counts'])} "
        f"from counted_at($as_of) as p where {where_sql(node, parameters)}{grouped})"
    )
    return text, parameters


def waterfall_sql(node: Node, as_of: dt.datetime) -> tuple[str, Parameters]:
    """Pairs by where they stand as of a moment: columns place, outcome, is_due, rows."""
    parameters: Parameters = {"as_of": as_of}
    text = (
        "select p.place, p.outcome, coalesce(p.due_at <= $as_of, false) as is_due, count(*) as rows "
        f"from booking_session as p where {where_sql(node, parameters)} group by all"
    )
    return text, parameters


def _clause_sql(clause: Clause, parameters: Parameters) -> str:
    operator = OPERATORS[clause.operator]
    column = f"p.{clause.field.column}"
    if clause.value == []:
        return f"{column} is {'not ' if clause.operator == '$nin' else ''}null"
    if operator.operand == "value" and clause.value is None:
        return f"{column} is {'null' if clause.operator == '$eq' else 'not null'}"
    cast = "" if operator.operand == "boolean" else _CASTS.get(clause.field.type, "")
    text = operator.sql.format(f=column, v=_bound(clause.value, parameters, cast, operator.operand == "list"))
    if not clause.or_null:
        return text
    return f"({text} and {column} is not null)" if clause.operator == "$nin" else f"({text} or {column} is null)"


def _behind_sql(sort: Sequence[SortKey], after: Sequence[Any], parameters: Parameters) -> str:
    """Rows that come behind the values of a row: the first key that differs decides."""
    cases: list[str] = []
    same: list[str] = []
    for key, value in zip(sort, after, strict=True):
        column = f"p.{key.field.column}"
        bound = "null" if value is None else _bound(value, parameters, _CASTS.get(key.field.type, ""), False)
        if value is None:
            behind = "false" if key.descending else f"{column} is not null"
        else:
            behind = f"({column} < {bound} or {column} is null)" if key.descending else f"{column} > {bound}"
        cases.append(" and ".join([*same, behind]))
        same.append(f"{column} is not distinct from {bound}")
    return f"({' or '.join(f'({case})' for case in cases)})"


def _order_sql(key: SortKey) -> str:
    return f"p.{key.field.column} {'desc nulls last' if key.descending else 'asc nulls first'}"


def _bound(value: Any, parameters: Parameters, cast: str, many: bool) -> str:
    name = f"v{len(parameters)}"
    parameters[name] = value
    return f"${name}{cast}[]" if many and cast else f"${name}{cast}"
