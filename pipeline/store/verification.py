"""Hold a snapshot that is read to the hashes of the rows that were written to it.

DuckDB's checksum of a block does not notice words that changed places: of ten snapshots with two words swapped, two
opened and gave other rates. Hashing the tables it reads takes 5 % of `noshow rates` over a million bookings (0.12 of
2.2 seconds of CPU), and hashing all tables 3 % of a report, so it is done each time: a note that a snapshot was sound
would hide whatever happens to it later.
"""

from __future__ import annotations

import duckdb

from pipeline.store.content_state import differing_definitions, differing_tables
from pipeline.store.tables import ROSTER
from queries.errors import DataRefused

# The tables that counts are made from: with the roster if the snapshot stores it, else with those that its view joins.
_ROSTER_STORED = (ROSTER, "site", "service")
_ROSTER_JOINED = ("booking", "session", "attendance", "site", "service")


def require_sound(connection: duckdb.DuckDBPyConnection, *, counts_only: bool = False) -> None:
    """Raise `DataRefused` unless the tables of a snapshot hold the rows that were written, and its views the SQL.

    With `counts_only` the tables that rates are counted from. Says nothing of a snapshot that another version of DuckDB
    hashed.
    """
    try:
        stored = connection.execute("select 1 from internal.table_state where table_name = $roster", {"roster": ROSTER})
        counted = _ROSTER_STORED if stored.fetchall() else _ROSTER_JOINED
        differing = differing_tables(connection, counted if counts_only else None) + differing_definitions(connection)
    except duckdb.Error as error:
        differing = [str(error).splitlines()[0][:200]]
    if differing:
        path = connection.execute("select path from duckdb_databases() where database_name = current_database()")
        raise DataRefused(
            "database.damaged",
            f"{path.fetchall()[0][0]}: the snapshot does not hold the rows written to it ({', '.join(differing)})",
            "Run `noshow doctor --recover`",
        )
