"""Keep rows as they were before a load replaces or removes them, so that `noshow unload` can bring them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from pipeline.load.statements import merge_sql
from pipeline.store.content_state import tracked
from queries.model.columns import Entity


def keep_history(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    load_id: int,
    condition: str,
    bind: Mapping[str, Any] | None = None,
) -> None:
    """Copy the stored rows that meet a condition to `replaced_row`: the load is about to replace or remove them."""
    ours = (f"replaced_by = $load_id and entity = '{entity.name}'", {"load_id": load_id})
    statement = f"{merge_sql('keep_history', entity)} and {condition}"
    with tracked(connection, "replaced_row", ours):
        connection.execute(statement, {**(bind or {}), "load_id": load_id})
