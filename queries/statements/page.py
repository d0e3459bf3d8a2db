"""The statement for one page of a relation: filtered, ordered, and starting after a given row."""

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
    """The rows of a relation that a filter keeps, in order.

    With `after`, the sort values of a row, only rows that come after it; with `limit`, at most that many.
    """
    parameters: Parameters = {}
    conditions = [where_sql(node, parameters)]
    if after is not None:
        conditions.append(_after_sql(sort, after, parameters))
    order = ", ".join(_order_sql(key) for key in sort)
    text = f"select {columns} from {relation} as p where {' and '.join(conditions)}" + (
        f" order by {order}" if order else ""
    )
    if limit is not None:
        text += " limit $page_limit"
        parameters["page_limit"] = limit
    return text, parameters


def _after_sql(sort: Sequence[SortKey], after: Sequence[Any], parameters: Parameters) -> str:
    """The keyset predicate: rows that come after the row with these sort values (https://use-the-index-luke.com/no-offset).

    The first key that differs decides, so there is a case for each key. Sorted by start and then id, after (9, 7):

        ((start > 9) or (start is not distinct from 9 and id > 7))

    Nulls stand first in ascending order and last in descending order. Ascending, every value comes after a null, and no
    null after a value; descending, nulls come after every value, and nothing after a null.
    """
    cases: list[str] = []
    same: list[str] = []
    for key, value in zip(sort, after, strict=True):
        column = key.field.sql
        value_sql = "null" if value is None else bound(value, parameters, key.field)
        if value is None:
            later = "false" if key.descending else f"{column} is not null"
        else:
            later = f"({column} < {value_sql} or {column} is null)" if key.descending else f"{column} > {value_sql}"
        cases.append(" and ".join([*same, later]))
        same.append(f"{column} is not distinct from {value_sql}")
    return f"({' or '.join(f'({case})' for case in cases)})"


def _order_sql(key: SortKey) -> str:
    return f"{key.field.sql} {'desc nulls last' if key.descending else 'asc nulls first'}"
