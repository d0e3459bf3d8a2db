"""Checked queries and groupings go in; the text of a statement and its bound values come out.

The one place in `queries` where SQL is put together: names come from the tables of fields, groupings and operators,
values are bound.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from queries.language.filters import Clause, Node
from queries.language.operators import OPERATORS
from queries.language.sorting import SortKey
from queries.model.groupings import Grouping

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


def counts_sql(
    groupings: Sequence[Grouping], node: Node | None = None, relation: str = "counted_at($as_of)", rates: bool = False
) -> tuple[str, Parameters]:
    """Counts of each group over the rows of a relation: the group columns, then those of `no_show_counts`.

    `relation` is one of our own macros, views or temporary tables; with `rates`, those of `no_show_rates_of` follow.
    """
    parameters: Parameters = {}
    keys = [f"{grouping.key} as {grouping.columns[0]}" for grouping in groupings]
    labels = [f"{grouping.label} as {grouping.name}" for grouping in groupings if grouping.label]
    columns = [column for grouping in groupings for column in grouping.columns]
    unnested = ["unnest(counts)", *(["unnest(no_show_rates_of(counts))"] if rates else [])]
    kept = f" where {where_sql(node, parameters)}" if node is not None else ""
    grouped = f" group by {', '.join(grouping.key for grouping in groupings)}" if groupings else ""
    text = (
        f"select {', '.join([*columns, *unnested])} from ("
        f"select {', '.join([*keys, *labels, f'{_counted(groupings)} as counts'])} from {relation} as p{kept}{grouped})"
    )
    return text, parameters


def _counted(groupings: Sequence[Grouping]) -> str:
    by_session = any(grouping.name == "session" for grouping in groupings)
    return "no_show_counts_of_session(p)" if by_session else "no_show_counts(p)"


def grouping_view_sql(grouping: Grouping) -> str:
    """The view `no_show_by_<grouping>`: counts and rates of each group at the moment the views are set to."""
    text, _ = counts_sql([grouping], relation="counted_at(as_of_now())", rates=True)
    meaning = f"Counts and rates of each {grouping.name}: {grouping.meaning}"
    name = f"no_show_by_{grouping.name}"
    return f"create or replace view {name} as {text}; comment on view {name} is {literal(meaning)}"


def roster_sql(
    node: Node, as_of: dt.datetime, dates: tuple[dt.date, dt.date] | None, split: Grouping | None
) -> tuple[str, Parameters]:
    """Rows of `session_roster` that pass, with `is_due` as of a moment (naive, UTC) and the key of their part."""
    parameters: Parameters = {"as_of": as_of}
    conditions = [where_sql(node, parameters)]
    if dates:
        conditions.append("p.local_date between $first_date and $last_date")
        parameters |= {"first_date": dates[0], "last_date": dates[1]}
    part = _part_sql(split) if split else "null::varchar"
    text = (
        f"select *, coalesce(p.due_at <= $as_of, false) as is_due, {part} as part "
        f"from session_roster as p where {' and '.join(conditions)}"
    )
    return text, parameters


def shown_sql(
    statement: str,
    node: Node,
    as_of: dt.datetime,
    dates: tuple[dt.date, dt.date] | None,
    split: Grouping | None,
    part: str | None,
) -> str:
    """A statement over `facts` or `roster` with the two put in front of it and every value written out."""
    rows, parameters = roster_sql(node, as_of, dates, None)
    if split and part is not None:
        rows += f" and {_part_sql(split)} = $part"
        parameters["part"] = part
    rows = with_values(rows, parameters)
    front = (
        f"with roster as ({rows}), facts as (select * from roster where is_due and place in ('confirmed', 'cancelled'))"
    )
    # The shell knows no `with` that follows another: the two become one list.
    own = _OWN_WITH.match(statement)
    rest = f",\n{own['comments']}{statement[own.end() :]}" if own else f"\n{statement}"
    return f"{front}{rest.rstrip()};"


def lake_rows_sql(columns: Mapping[str, str]) -> str:
    """Every row of the fact as a lake has it: columns by name with their SQL, then the year and month of the date."""
    told = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    return (
        f"select {told}, year(p.local_date) as local_year, month(p.local_date) as local_month from booking_session as p"
    )


def lake_roster_sql(files: Sequence[str], guids: Sequence[str], instants: Sequence[str], added: Sequence[str]) -> str:
    """The view `session_roster` over a lake's files, with the types it has in a database; nobody is named."""
    typed = [f"{name}::uuid as {name}" for name in guids] + [f"timezone('UTC', {name}) as {name}" for name in instants]
    return (
        f"create or replace view session_roster as select * exclude ({', '.join(added)}) replace ({', '.join(typed)}), "
        "null::varchar as participant_id, null::varchar as participant_name "
        f"from read_parquet({literal(list(files))}, hive_partitioning = false)"
    )


def with_values(statement: str, parameters: Parameters) -> str:
    """A statement with its values written out in place of their names."""
    return _PARAMETER.sub(lambda match: literal(parameters[match[1]]), statement)


def _part_sql(split: Grouping) -> str:
    return f"coalesce(({split.key})::varchar, '')"


_OWN_WITH = re.compile(r"\s*(?P<comments>(?:--.*\n)*)with\s")
_PARAMETER = re.compile(r"\$(\w+)")


def literal(value: Any) -> str:
    """A value written out in SQL, for statements that are shown to be copied and for comments."""
    if value is None or isinstance(value, bool | int | float):
        return "null" if value is None else str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    kind = next((name for type_, name in _LITERAL_TYPES if isinstance(value, type_)), "")
    if kind:
        return f"{kind}'{value}'"
    # Characters that cannot be seen, and those that turn what stands around them, are named by their numbers.
    pieces = [
        f"chr({ord(piece)})" if at % 2 else "'" + piece.replace("'", "''") + "'"
        for at, piece in enumerate(_UNSEEN.split(str(value)))
    ]
    told = [piece for piece in pieces if piece != "''"] or ["''"]
    return told[0] if len(told) == 1 else f"({' || '.join(told)})"


_UNSEEN = re.compile("([\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])")
# A datetime is a date too, so it comes first.
_LITERAL_TYPES = ((dt.datetime, "timestamp "), (dt.date, "date "))


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
