"""The tables of the model of no-shows, emptied when it is forgotten or replaced."""

from __future__ import annotations

import duckdb

from pipeline.store.content_state import tracked
from pipeline.store.tables import located

MODEL_TABLES = ("risk_model", "risk_weight")


def clear_model(connection: duckdb.DuckDBPyConnection) -> bool:
    """Remove the model and its card within the caller's transaction; return whether there was one."""
    was_there = bool(connection.execute("select 1 from internal.risk_model").fetchall())
    for table in MODEL_TABLES:
        with tracked(connection, table):
            connection.execute(f"delete from {located(table)}")
    return was_there
