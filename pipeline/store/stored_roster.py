"""A snapshot that is being made goes in; its `known_roster` comes out stored as a table.

The view joins bookings, sessions and attendance anew for each question; stored, and sorted by time, counts take a
third of the time or less. Only snapshots have it, and only where a load was big enough to be worth it: a database that
is written to has the view.
"""

from __future__ import annotations

import duckdb

from pipeline.store.content_state import take_state
from pipeline.store.tables import ROSTER
from queries.views import comment_sql, install_views

# With fewer bookings the view itself takes no time to speak of.
WORTH_STORING = 50_000


def is_worth_storing(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether there are so many bookings that a stored roster is worth the time it takes to write."""
    return connection.execute("select count(*) >= $few from booking", {"few": WORTH_STORING}).fetchall() == [(True,)]


def store_roster(connection: duckdb.DuckDBPyConnection) -> None:
    """Store the rows of the view `known_roster` as a table of that name, sorted by time, in place of the view."""
    connection.execute(f"create table stored as from {ROSTER} order by starts_at, session_id, booking_id")
    connection.execute(f"drop view {ROSTER}")
    connection.execute(f"alter table stored rename to {ROSTER}")
    columns = connection.execute(f"describe {ROSTER}").fetchall()
    connection.execute(";".join(comment_sql(ROSTER, column) for column, *_ in columns))
    take_state(connection, ROSTER)


def forget_roster(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the view back in the place of a stored roster, in a database that is to be written to."""
    stored = connection.execute(
        "select 1 from duckdb_tables() where not internal and table_name = $name", {"name": ROSTER}
    )
    if stored.fetchall():
        connection.execute(f"drop table {ROSTER}")
        connection.execute("delete from table_state where table_name = $name", {"name": ROSTER})
        install_views(connection)
