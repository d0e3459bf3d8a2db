"""The views and macros over the tables of a database, with a comment on every column."""

from __future__ import annotations

import re

import duckdb

from queries.model.groupings import GROUPINGS
from queries.model.meanings import MEANINGS, MEANINGS_IN_A_VIEW
from queries.statements import (
    attribute_macro_sql,
    attribute_values_view_sql,
    clusters_macro_sql,
    course_sessions_view_sql,
    grouping_view_sql,
    literal,
    upcoming_sessions_view_sql,
    view_sql,
)

# The macros of counts and rates, which need nothing but rows.
MEASURES = ("sums", "squares", "design_effects", "no_show_measures", "beta_binomial")
# In an order in which each builds only on those before it.
VIEW_FILES = (
    "names",
    "slot_booking",
    "known_session",
    "known_roster",
    "session_roster",
    "booking_session",
    "booked_session",
    *MEASURES,
    "missing_registers",
    "frequent_no_shows",
    "session_occupancy",
    "occupancy",
    "repeat_no_shows",
    "cancellations_by_notice",
    "expected_counts",
    "known_before",
    "upcoming",
    "calls",
    "money",
    "money_contradictions",
)

# The views `no_show_by_<grouping>` and the macros beside them have no file: they are made from the groupings, after the
# macros of the measures, which they use, and before frequent_no_shows, which reads them.
_BEFORE_GROUPINGS = VIEW_FILES.index(MEASURES[-1]) + 1
_VIEW = re.compile(r"create or replace view (\w+)")
_VIEW_COLUMNS = (
    "select table_name, column_name from duckdb_columns() "
    "where not internal and table_name in (select view_name from duckdb_views() where not internal) order by all"
)


__all__ = ["MEASURES", "VIEW_FILES", "comment_sql", "install_views", "view_names", "view_sql"]


def install_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace every view and macro, and comment the columns of the views from `MEANINGS`."""
    for statement in _statements():
        connection.execute(statement)
    columns = connection.execute(_VIEW_COLUMNS).fetchall()
    connection.execute(";".join(comment_sql(view, column) for view, column in columns))


def view_statements() -> list[str]:
    """The statements that create or replace every view and macro, in their order, and the comments of single views."""
    return [*_statements(), *(comment_sql(view, column) for view, column in MEANINGS_IN_A_VIEW)]


def _statements() -> list[str]:
    of_groupings = [
        clusters_macro_sql(),
        *map(grouping_view_sql, GROUPINGS.values()),
        attribute_macro_sql(),
        attribute_values_view_sql(),
        course_sessions_view_sql(),
    ]
    before, after = VIEW_FILES[:_BEFORE_GROUPINGS], VIEW_FILES[_BEFORE_GROUPINGS:]
    return [*map(view_sql, before), *of_groupings, *map(view_sql, after), upcoming_sessions_view_sql()]


def view_names() -> frozenset[str]:
    """The names of all views."""
    return frozenset(_VIEW.findall("\n".join(_statements())))


def comment_sql(view: str, column: str) -> str:
    """The statement that comments a column of a view, or of the table that stands in for it."""
    meaning = MEANINGS_IN_A_VIEW.get((view, column)) or MEANINGS[column]
    return f"comment on column {view}.{column} is {literal(meaning)}"
