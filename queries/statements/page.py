"""One page of a relation as a statement: filtered, ordered, from behind a given row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from queries.language.filters import Node
from queries.language.sorting import SortKey
from queries.statements.conditions import bound, where_sql
from queries.statements.literals import Parameters


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


def _behind_sql(sort: Sequence[SortKey], after: Sequence[Any], parameters: Parameters) -> str:
    """Rows that come behind the values of a row: the first key that differs decides."""
    cases: list[str] = []
    same: list[str] = []
    for key, value in zip(sort, after, strict=True):
        column = key.field.sql
        value_sql = "null" if value is None else bound(value, parameters, key.field)
        if value is None:
            behind = "false" if key.descending else f"{column} is not null"
        else:
            behind = f"({column} < {value_sql} or {column} is null)" if key.descending else f"{column} > {value_sql}"
        cases.append(" and ".join([*same, behind]))
        same.append(f"{column} is not distinct from {value_sql}")
    return f"({' or '.join(f'({case})' for case in cases)})"


def _order_sql(key: SortKey) -> str:
    return f"{key.field.sql} {'desc nulls last' if key.descending else 'asc nulls first'}"
