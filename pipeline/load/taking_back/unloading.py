"""Take back loads: remove their rows, and bring back the rows they replaced, unless later ones took their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import duckdb

from pipeline.events import log_event
from pipeline.load.at_fault import KEYED
from pipeline.load.statements import row_key
from pipeline.store.content_state import NO_ROWS, tracked
from pipeline.store.opening import Store
from queries.errors import DataRefused, InputNotFound
from queries.model.columns import Entity
from queries.model.entities import TABLES
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "load", "taking_back")


@dataclass(frozen=True, slots=True)
class Unloaded:
    """A load that was taken back: the rows that went and those that came back, by entity, and the records discarded.

    `set_aside` are records of earlier loads that are in quarantine again, since this load had taken them out.
    `depending` are later loads (number, file) that found records unchanged and may lack them now.
    """

    load_id: int
    file: str
    removed: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)
    discarded: int = 0
    set_aside: int = 0
    depending: tuple[tuple[int, str], ...] = ()


def unload(store: Store, loads: Iterable[int]) -> list[Unloaded]:
    """Take back loads by number, all in one transaction, and return the outcome of each.

    A row goes if the load brought it and nothing has changed it since. Its file can then be loaded again.

    Raises `InputNotFound` for a number that is not in the ledger, `DataRefused` for a load that was taken back before
    or that is too old (setting `unload_days`); then nothing is changed.
    """
    numbers = sorted(set(loads), reverse=True)
    _require_loaded(store.connection, numbers)
    with store.transaction():
        unloaded = [take_back(store.connection, number) for number in numbers]
    store.has_loaded = True
    for one in unloaded:
        log_event("load.unloaded", load=one.load_id, removed=sum(one.removed.values()))
    return list(reversed(unloaded))


def _require_loaded(connection: duckdb.DuckDBPyConnection, numbers: list[int]) -> None:
    rows = connection.execute(
        "select load_id, unloaded_at is not null from load_ledger where load_id in (select unnest($numbers::bigint[]))",
        {"numbers": numbers},
    ).fetchall()
    known = dict(rows)
    if unknown := sorted(set(numbers) - known.keys()):
        named = ", ".join(map(str, unknown))
        raise InputNotFound("load.unknown", f"no load has the number {named}", "`noshow ingest` and the table "
                            "load_ledger name the loads")  # fmt: skip
    if again := sorted(number for number, is_unloaded in known.items() if is_unloaded):
        named = ", ".join(map(str, again))
        raise DataRefused("load.unloaded", f"load {named} was taken back before", "Leave it out")
    require_recent(connection, numbers)


def require_recent(connection: duckdb.DuckDBPyConnection, numbers: list[int]) -> None:
    """Raise `DataRefused` if any of the loads is final: the rows that it replaced are not kept any more."""
    rows = connection.execute(
        "select load_id, started_at::date from load_ledger "
        "where is_final and load_id in (select unnest($numbers::bigint[])) order by load_id",
        {"numbers": numbers},
    ).fetchall()
    if rows:
        named = ", ".join(f"{number} of {day}" for number, day in rows)
        raise DataRefused(
            "load.final",
            f"load {named} is too old to be taken back: rows that it replaced are not kept any more",
            "The setting unload_days says for how many days later loads can be",
        )


def take_back(connection: duckdb.DuckDBPyConnection, load_id: int) -> Unloaded:
    """Take back one load within the caller's transaction."""
    bind = {"load_id": load_id}
    ours = ("load_id = $load_id", bind)
    (file,) = connection.execute("select file from load_ledger where load_id = $load_id", bind).fetchall()[0]
    depending = connection.execute(_sql("depending"), bind).fetchall()
    removed, restored = {}, {}
    with tracked(connection, "replaced_row"):
        for entity in TABLES.values():
            removed[entity.name], restored[entity.name] = _take_back_rows(connection, entity, load_id)
        for entity in TABLES.values():
            connection.execute(
                f"update internal.replaced_row as h set replaced_by = e.next from ended_{entity.name} as e "
                "where h.rowid = e.place and e.next is not null"
            )
        set_aside = _take_back_records(connection, load_id)
        connection.execute("delete from internal.replaced_row where load_id = $load_id or replaced_by = $load_id", bind)
    (discarded,) = connection.execute("select count(*) from quarantine where load_id = $load_id", bind).fetchall()[0]
    with tracked(connection, "load_ledger", ours):
        connection.execute(_sql("discard_quarantined"), bind)
    for table in ("quarantine", "load_finding"):
        with tracked(connection, table, ours, NO_ROWS):
            connection.execute(f"delete from {table} where load_id = $load_id", bind)
    return Unloaded(
        load_id,
        file,
        {name: rows for name, rows in removed.items() if rows},
        {name: rows for name, rows in restored.items() if rows},
        discarded,
        set_aside,
        tuple(depending) if any(removed.values()) or set_aside else (),
    )


def _take_back_records(connection: duckdb.DuckDBPyConnection, load_id: int) -> int:
    """Put records that the load took out of quarantine back, unless a later load brings them; return their number."""
    brought = "".join(
        f"union all select '{name}', {row_key(TABLES[name])}, load_id from {name} where load_id > $load_id "
        for name in KEYED
    )
    connection.execute(_sql("ended_records").format(brought=brought), {"load_id": load_id})
    connection.execute(
        "update internal.replaced_row as h set replaced_by = e.next from ended_record as e "
        "where h.rowid = e.place and e.next is not null"
    )
    back = "(load_id, record) in (select (load_id, record) from records_back)"
    connection.execute(_sql("records_back"))
    (records,) = connection.execute("select count(*) from records_back").fetchall()[0]
    if records:
        with tracked(connection, "quarantine", NO_ROWS, (back, {})):
            connection.execute("insert into quarantine by name from records_back")
        with tracked(connection, "load_ledger", ("load_id in (select load_id from records_back)", {})):
            connection.execute(_sql("count_records_back"), {"load_id": load_id})
    return int(records)


def _take_back_rows(connection: duckdb.DuckDBPyConnection, entity: Entity, load_id: int) -> tuple[int, int]:
    """Remove the load's rows of one entity and bring back earlier ones; return how many went and came back."""
    bind = {"load_id": load_id}
    names = {
        "entity": entity.name,
        "row_key": row_key(entity),
        "columns": ", ".join(entity.names),
        "from_content": ",\n    ".join(
            f"json_extract_string(e.content, '$.{name}')::{entity.sql_type(name)}" for name in entity.names
        ),
        "blocked_by_id": _blocked_by_id(entity),
    }
    connection.execute(_sql("ended").format(**names), bind)
    ours = "load_id = $load_id"
    back = f"{row_key(entity)} in (select row_key from ended_{entity.name} where next is null)"
    with tracked(connection, entity.name, (f"{ours} or {back}", bind)):
        gone = connection.execute(f"delete from {entity.name} where {ours} returning 1", bind).fetchall()
        came = connection.execute(f"{_sql('bring_back').format(**names)} returning 1").fetchall()
    return len(gone), len(came)


def _blocked_by_id(entity: Entity) -> str:
    """Rows of another key that have the id of an earlier version, and deletions of it: it must not come back then."""
    if entity.key == ("id",):
        return ""
    id_of_content = "json_extract_string(e.content, '$.id')::uuid"
    tables = (entity.name, *([f"deleted_{entity.name}"] if f"deleted_{entity.name}" in TABLES else []))
    return "".join(
        f"union all select e.row_key, t.load_id, 3 from ended as e join {table} as t on t.id = {id_of_content} "
        "where t.load_id <> $load_id "
        for table in tables
    )
