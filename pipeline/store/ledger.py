"""Write finished loads to the ledger, the table `load_ledger`, and look them up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipeline.store.content_state import NO_ROWS, tracked
from pipeline.store.findings import Finding, write_findings
from queries.packaged import own_version, packaged_sql

COUNTS = ("read", "loaded", "unchanged", "duplicate", "left_out", "stale", "quarantined")

_COLUMNS = f"load_id, file, kind, sha256, treatment, bytes, started_at, mapping, distinct_keys, {', '.join(COUNTS)}"

# The part of a treatment before that of the columns.
_OPTIONS = "split_part(treatment, '+', 1)"


@dataclass(frozen=True, slots=True)
class Load:
    """One load of a file, with its counts; `started_at` is naive UTC.

    Of the loaded records, `replaced` took the place of undated ones from another file. `distinct_keys` counts the
    different things by entity.
    """

    load_id: int
    file: str
    kind: str
    sha256: str
    treatment: str
    bytes: int
    counts: Mapping[str, int]
    ignored_fields: Mapping[str, int]
    warnings: tuple[str, ...]
    started_at: dt.datetime
    header: str | None = None
    mapping: str | None = None
    replaced: int = 0
    distinct_keys: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def next_load_id(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the next load."""
    return int(connection.execute("select coalesce(max(load_id), 0) + 1 from load_ledger").fetchall()[0][0])


def has_load_of(connection: duckdb.DuckDBPyConnection, size: int) -> bool:
    """Whether any file of this size was loaded. A file of a new size is new, without hashing it first."""
    return bool(connection.execute("select 1 from load_ledger where bytes = $size limit 1", {"size": size}).fetchall())


def find_load(connection: duckdb.DuckDBPyConnection, sha256: str, treatment: str) -> Load | None:
    """The first load of the same bytes in the same treatment, or None."""
    return _found(connection, "treatment = $treatment", "asc", sha256=sha256, treatment=treatment)


def replaced_since(connection: duckdb.DuckDBPyConnection, load: Load) -> str:
    """The file of the newest later load that put undated records in the place of this one's, or ""."""
    rows = connection.execute(
        "select l.file from load_finding as f join load_ledger as l using (load_id) where f.finding = 'replaced' "
        "and f.value = $file and load_id > $load_id and l.unloaded_at is null order by load_id desc limit 1",
        {"file": load.file, "load_id": load.load_id},
    ).fetchall()
    return str(rows[0][0]) if rows else ""


def newest_load(connection: duckdb.DuckDBPyConnection, sha256: str, options: str) -> Load | None:
    """The newest load of the same bytes under the same options, whatever columns the tables had then, or None."""
    return _found(connection, f"{_OPTIONS} = $options", "desc", sha256=sha256, options=options)


def _found(connection: duckdb.DuckDBPyConnection, condition: str, order: str, **bind: str) -> Load | None:
    """The first such load in order of number.

    A load that was taken back does not count, nor one before the last taking back: rows it found unchanged may be gone.
    """
    rows = connection.execute(
        f"select {_COLUMNS} from load_ledger where sha256 = $sha256 and {condition} and unloaded_at is null "
        "and finished_at >= (select coalesce(max(unloaded_at), '-infinity'::timestamp) from load_ledger) "
        f"order by load_id {order} limit 1",
        bind,
    ).fetchall()
    return _load(rows[0]) if rows else None


def loads_of(connection: duckdb.DuckDBPyConnection, sha256: str) -> list[Load]:
    """The loads of the same bytes in any treatment that were not taken back, the newest first."""
    rows = connection.execute(
        f"select {_COLUMNS} from load_ledger where sha256 = $sha256 and unloaded_at is null "
        "and not starts_with(treatment, 'retry of load') order by load_id desc",
        {"sha256": sha256},
    ).fetchall()
    return [_load(row) for row in rows]


def _load(row: tuple[Any, ...]) -> Load:
    load_id, file, kind, sha256, treatment, size, started_at, mapping, keys, *counts = row
    return Load(
        load_id,
        file,
        kind,
        sha256,
        treatment,
        size,
        dict(zip(COUNTS, counts, strict=True)),
        {},
        (),
        started_at,
        mapping=mapping,
        distinct_keys=keys or {},
    )


def hashes(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The hashes of all loads."""
    return {sha256 for (sha256,) in connection.execute("select sha256 from load_ledger").fetchall()}


def loads_after(connection: duckdb.DuckDBPyConnection, load_id: int) -> list[tuple[int, str, str, str]]:
    """The loads above a number, in order: number, file, kind, hash."""
    return connection.execute(
        "select load_id, file, kind, sha256 from load_ledger where load_id > $load_id order by load_id",
        {"load_id": load_id},
    ).fetchall()


def write_load(connection: duckdb.DuckDBPyConnection, load: Load) -> None:
    """Add a load to the ledger, finished now."""
    write_loads(connection, [load])


def write_loads(connection: duckdb.DuckDBPyConnection, loads: Sequence[Load]) -> None:
    """Add loads of ascending numbers, above all others, to the ledger, finished now."""
    added = ("load_id >= $load_id", {"load_id": loads[0].load_id})
    with tracked(connection, "load_ledger", NO_ROWS, added):
        rows = [_row(load) for load in loads]
        connection.execute(packaged_sql("pipeline", "store", "insert_loads"), {"loads": rows, "version": own_version()})
    for load in loads:
        write_findings(connection, load.load_id, load.findings)


def _row(load: Load) -> dict[str, Any]:
    return {
        "load_id": load.load_id,
        "file": load.file,
        "kind": load.kind,
        "sha256": load.sha256,
        "treatment": load.treatment,
        "bytes": load.bytes,
        "names": list(load.ignored_fields),
        "times": list(load.ignored_fields.values()),
        "warnings": list(load.warnings),
        "started_at": load.started_at,
        "header": load.header,
        "mapping": load.mapping,
        "replaced": load.replaced,
        "entities": list(load.distinct_keys),
        "numbers": list(load.distinct_keys.values()),
        **{name: load.counts[name] for name in COUNTS},
    }
