"""Statements for `roster`, the rows that every figure of a report is taken from, and `facts`, those that count."""

from __future__ import annotations

import datetime as dt
import re

from queries.language.filters import Node
from queries.model.groupings import Grouping
from queries.statements.conditions import where_sql
from queries.statements.literals import Parameters, with_values

Dates = tuple[dt.date, dt.date]

FACTS_SQL = "select * from roster where is_due and is_counted"


def roster_sql(node: Node, as_of: dt.datetime, dates: Dates | None, split: Grouping | None) -> tuple[str, Parameters]:
    """The rows of `session_roster` that pass, as of a moment (naive, UTC), with two more columns.

    `is_due`: due at that moment; `part`: the key of the part of the business that the row belongs to.
    """
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
    statement: str, node: Node, as_of: dt.datetime, dates: Dates | None, split: Grouping | None, part: str | None
) -> str:
    """A statement over `facts` or `roster` for the shell, with the two defined in front and every value written out."""
    rows, parameters = roster_sql(node, as_of, dates, None)
    if split and part is not None:
        rows += f" and {_part_sql(split)} = $part"
        parameters["part"] = part
    return f"{_with_front(with_values(rows, parameters), statement)};"


def over_all_rows_sql(statement: str) -> str:
    """A statement over `facts` or `roster` as one over every row, at the moment that the views are set to."""
    rows = "select *, coalesce(due_at <= as_of_now(), false) as is_due, null::varchar as part from session_roster"
    return _with_front(rows, statement)


def _with_front(rows: str, statement: str) -> str:
    front = f"with roster as ({rows}), facts as ({FACTS_SQL})"
    # A statement has one `with` at most: if it begins with its own, that list continues ours.
    own = _OWN_WITH.match(statement)
    rest = f",\n{own['comments']}{statement[own.end() :]}" if own else f"\n{statement}"
    return f"{front}{rest.rstrip()}"


def without_front(statement: str) -> tuple[str, str]:
    """Split a statement of `shown_sql` into its definitions, as temporary views, and the statement over them.

    Statements over the same rows need the views once. The first text is empty if nothing stands in front.
    """
    head, front_end, rest = statement.rpartition(f"), facts as ({FACTS_SQL})")
    if not front_end:
        return "", statement
    rows = head.removeprefix("with roster as (")
    views = f"create temp view roster as {rows};\ncreate temp view facts as {FACTS_SQL};"
    # A comma continues the list of the front's `with`.
    return views, f"with{rest[1:]}" if rest.startswith(",") else rest.removeprefix("\n")


_OWN_WITH = re.compile(r"\s*(?P<comments>(?:--.*\n)*)with\s")


def _part_sql(split: Grouping) -> str:
    return f"coalesce(({split.key})::varchar, '')"
