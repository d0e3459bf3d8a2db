"""A connection to a database with tables goes in; the views and macros, with a comment on every column, come out."""

from __future__ import annotations

from importlib.resources import files

import duckdb

from queries.columns import MEANINGS

# In the order in which one builds on the other.
VIEW_FILES = (
    "slot_booking",
    "known_session",
    "booking_session",
    "booked_session",
    "no_show_measures",
    "no_show_by_session",
    "no_show_by_service",
    "no_show_by_week",
)

_VIEW_COLUMNS = (
    "select table_name, column_name from duckdb_columns() "
    "where not internal and table_name in (select view_name from duckdb_views() where not internal) order by all"
)


def install_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace every view and macro, and comment the columns of the views from `MEANINGS`."""
    for name in VIEW_FILES:
        connection.execute(view_sql(name))
    for view, column in connection.execute(_VIEW_COLUMNS).fetchall():
        connection.execute(f"comment on column {view}.{column} is {_quoted(MEANINGS[column])}")


def view_sql(name: str) -> str:
    """The text of one file of `queries/views`."""
    return files("queries").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
