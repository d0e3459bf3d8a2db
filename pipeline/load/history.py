"""Keep rows that a load replaces or removes, so that `noshow unload` can bring them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

import duckdb

from pipeline.load.statements import merge_sql
from pipeline.store.content_state import NO_ROWS, tracked
from queries.model.columns import Entity
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "load")


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


def keep_replaced(connection: duckdb.DuckDBPyConnection, entity: Entity, load_id: int) -> None:
    """Copy the stored rows that give way to staged ones: those in `replaced_<entity>`, of which none was copied yet."""
    ours = (f"replaced_by = $load_id and entity = '{entity.name}'", {"load_id": load_id})
    with tracked(connection, "replaced_row", NO_ROWS, ours):
        connection.execute(merge_sql("keep_replaced", entity), {"load_id": load_id})


def keep_records(connection: duckdb.DuckDBPyConnection, load_id: int, condition: str) -> None:
    """Copy the quarantined records that meet a condition: the load is about to take them out of quarantine."""
    ours = ("replaced_by = $load_id and entity = 'quarantine'", {"load_id": load_id})
    with tracked(connection, "replaced_row", ours):
        connection.execute(f"{_sql('keep_records')} and {condition}", {"load_id": load_id})


def forget_history(connection: duckdb.DuckDBPyConnection, now: dt.datetime, days: int) -> None:
    """Remove the rows that loads older than `days` replaced, within the caller's transaction; they become final.

    A clock that jumps ahead for a day ends nothing: the days are counted from the newest load of an earlier day.

    Without this the history would grow by every version of every row. `now` is naive UTC.
    """
    connection.execute(_sql("outdated"), {"now": now, "days": days})
    if not connection.execute("select 1 from outdated_load limit 1").fetchall():
        return
    replaced = "replaced_by in (from outdated_load)"
    with tracked(connection, "replaced_row", (replaced, {}), NO_ROWS):
        connection.execute(f"delete from internal.replaced_row where {replaced}")
    with tracked(connection, "load_ledger", ("load_id in (from outdated_load)", {})):
        connection.execute("update load_ledger set is_final = true where load_id in (from outdated_load)")
