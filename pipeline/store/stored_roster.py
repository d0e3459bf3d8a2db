"""Store the view `known_roster` as a table in a snapshot that is being made.

The view joins bookings, sessions and attendance for each query. Stored and sorted by time, counts take a third of the
time or less. Only a snapshot stores it, if a load brought it enough bookings; the work file keeps the view, since a
stored roster would not follow its changes.
"""

from __future__ import annotations

import duckdb

from pipeline.store.content_state import take_state
from pipeline.store.tables import ROSTER
from queries.database import SCHEMA_VERSION
from queries.views import comment_sql, install_views

# With fewer bookings the view itself takes hardly any time.
WORTH_STORING = 50_000


def is_worth_storing(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether there are enough bookings for a stored roster to be worth the time of writing it."""
    return connection.execute("select count(*) >= $few from booking", {"few": WORTH_STORING}).fetchall() == [(True,)]


def store_roster(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace the view `known_roster` by a table of its rows, sorted by time."""
    connection.execute(f"create table stored as from {ROSTER} order by starts_at, session_id, booking_id")
    connection.execute(f"drop view {ROSTER}")
    connection.execute(f"alter table stored rename to {ROSTER}")
    columns = connection.execute(f"describe {ROSTER}").fetchall()
    connection.execute(";".join(comment_sql(ROSTER, column) for column, *_ in columns))
    take_state(connection, ROSTER)


def forget_roster(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the view back in place of a stored roster, in a database that will be written to."""
    stored = connection.execute(
        "select 1 from duckdb_tables() where not internal and table_name = $name", {"name": ROSTER}
    )
    if stored.fetchall():
        connection.execute(f"drop table {ROSTER}")
        # Before schema 10 it was in the main schema, and an older database is migrated afterwards.
        (schema,) = connection.execute(
            "select schema_name from duckdb_tables() where not internal and table_name = 'table_state'"
        ).fetchall()[0]
        connection.execute(f"delete from {schema}.table_state where table_name = $name", {"name": ROSTER})
        # Views of today may need columns that an older database gets by its migration, which installs them itself.
        if connection.execute("select schema_version from site").fetchall() == [(SCHEMA_VERSION,)]:
            install_views(connection)
