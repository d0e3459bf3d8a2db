"""Groupings and filter clauses go in; the text of a query and its bound values come out.

The one place where SQL is put together: names come from the tables of fields and groupings, values are bound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from queries.filters import OPERATORS, Clause
from queries.measures.groupings import Grouping

Parameters = dict[str, Any]


def where_sql(clauses: Sequence[Clause], parameters: Parameters) -> str:
    """A condition over the alias p, its values added to `parameters`; `true` where there is no clause."""
    return " and ".join(_condition(clause, parameters) for clause in clauses) or "true"


def counts_sql(groupings: Sequence[Grouping], clauses: Sequence[Clause], as_of: dt.datetime) -> tuple[str, Parameters]:
    """Counts of each group as of a moment (naive, UTC): the group columns, then those of `no_show_counts`."""
    parameters: Parameters = {"as_of": as_of}
    keys = [f"{grouping.key} as {grouping.columns[0]}" for grouping in groupings]
    labels = [f"{grouping.label} as {grouping.name}" for grouping in groupings if grouping.label]
    columns = [column for grouping in groupings for column in grouping.columns]
    grouped = f" group by {', '.join(grouping.key for grouping in groupings)}" if groupings else ""
    text = (
        f"select {', '.join([*columns, 'unnest(counts)'])} from ("
        f"select {', '.join([*keys, *labels, 'no_show_counts(p) as counts'])} "
        f"from counted_at($as_of) as p where {where_sql(clauses, parameters)}{grouped})"
    )
    return text, parameters


def waterfall_sql(clauses: Sequence[Clause], as_of: dt.datetime) -> tuple[str, Parameters]:
    """Pairs by where they stand as of a moment: columns place, outcome, is_due, rows."""
    parameters: Parameters = {"as_of": as_of}
    text = (
        "select p.place, p.outcome, coalesce(p.due_at <= $as_of, false) as is_due, count(*) as rows "
        f"from booking_session as p where {where_sql(clauses, parameters)} group by all"
    )
    return text, parameters


def _condition(clause: Clause, parameters: Parameters) -> str:
    column = f"p.{clause.field.column}"
    if clause.field.column in _IDS:
        column += "::varchar"
    if clause.value is None:
        return f"{column} is {'null' if clause.operator == '$eq' else 'not null'}"
    name = f"v{len(parameters)}"
    parameters[name] = clause.value
    return OPERATORS[clause.operator].sql.format(f=column, v=f"${name}")


_IDS = {"booking_id", "service_id"}
