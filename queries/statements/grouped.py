"""Statements for counts and rates by groupings."""

from __future__ import annotations

from collections.abc import Sequence

from queries.language.filters import Node
from queries.model.groupings import Grouping
from queries.statements.conditions import where_sql
from queries.statements.literals import Parameters, column_name, literal


def counts_sql(
    groupings: Sequence[Grouping], node: Node | None = None, relation: str = "counted_at($as_of)", rates: bool = False
) -> tuple[str, Parameters]:
    """The counts of each group over the rows of a relation: the group columns, then those of `no_show_counts`.

    `relation` is one of our own macros, views or temporary tables. With `rates` the columns of `no_show_rates_of`
    follow: rates are functions of the counts, so the counts are made in an inner statement and both unnested outside.
    """
    parameters: Parameters = {}
    keys = [f"{grouping.key} as {column_name(grouping.columns[0])}" for grouping in groupings]
    labels = [f"{grouping.label} as {grouping.name}" for grouping in groupings if grouping.label]
    columns = [column_name(column) for grouping in groupings for column in grouping.columns]
    unnested = ["unnest(counts)", *(["unnest(no_show_rates_of(counts))"] if rates else [])]
    kept = f" where {where_sql(node, parameters)}" if node is not None else ""
    grouped = f" group by {', '.join(grouping.key for grouping in groupings)}" if groupings else ""
    text = (
        f"select {', '.join([*columns, *unnested])} from ("
        f"select {', '.join([*keys, *labels, f'{_counts(groupings)} as counts'])} from {relation} as p{kept}{grouped})"
    )
    return text, parameters


def grouping_view_sql(grouping: Grouping) -> str:
    """The view `no_show_by_<grouping>`: counts and rates of each group at the moment the views are set to."""
    text, _ = counts_sql([grouping], relation="counted_at(as_of_now())", rates=True)
    meaning = f"Counts and rates of each {grouping.name}: {grouping.meaning}"
    name = f"no_show_by_{grouping.name}"
    return f"create or replace view {name} as {text}; comment on view {name} is {literal(meaning)}"


def _counts(groupings: Sequence[Grouping]) -> str:
    # A group that lies within one session needs no count of different sessions.
    by_session = any(grouping.name == "session" for grouping in groupings)
    return "no_show_counts_of_session(p)" if by_session else "no_show_counts(p)"
