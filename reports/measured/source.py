"""The source of a report, a database or a lake: how its rows and records are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

import queries
from queries.answers.calls import call_sums
from queries.database import frame_of
from queries.gathered import Gathered, gathered
from queries.lake.engines import OpenLake
from queries.moments import naive_utc
from queries.secret import key_of
from queries.statements import measure_sql

if TYPE_CHECKING:
    import duckdb

_DATABASE = "select path from duckdb_databases() where database_name = current_database()"
# A lake has none of the records that its rows were made from.
_NO_RECORDS: Mapping[str, pl.DataFrame] = {
    "flags": pl.DataFrame(schema={"flag": pl.String, "meaning": pl.String, "rows": pl.Int64}),
    "quarantine_by_rule": pl.DataFrame(
        schema={"kind": pl.String, "rule": pl.String, "message": pl.String, "rows": pl.Int64},
    ),
    "findings": pl.DataFrame(
        schema=dict.fromkeys(("load_id", "records"), pl.Int64)
        | dict.fromkeys(("file", "finding", "place", "value"), pl.String)
    ),
    "model": pl.DataFrame(schema={"card": pl.String}),
    "calls": pl.DataFrame(schema={"hold_back": pl.Float64}),
    "loads": pl.DataFrame(
        schema=dict.fromkeys(
            ("read", "loaded", "unchanged", "duplicate", "left_out", "stale", "quarantined", "superseded", "discarded"),
            pl.Int64,
        )
    ),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a report is from: the name of its file or folder, the site, and the key of pseudonyms or "".

    `gather` reads rows (see `queries.gathered`), `records` the records before they were rows, as of a moment, by
    measure. `engine` is the engine that counts the rows of a lake, None for a database.
    """

    name: str
    site: queries.Site
    key: str
    gather: Callable[..., AbstractContextManager[Gathered]]
    records: Callable[[dt.datetime], Mapping[str, pl.DataFrame]]
    engine: str | None = None


def source_of(opened: duckdb.DuckDBPyConnection | OpenLake) -> Source:
    """The source of a report: a database, or a lake on an engine."""
    return _lake(opened) if isinstance(opened, OpenLake) else _database(opened)


def _database(con: duckdb.DuckDBPyConnection) -> Source:
    return Source(
        name=_database_name(con),
        site=queries.site(con),
        key=key_of(con, "pseudonyms") or "",
        gather=partial(gathered, con),
        records=lambda as_of: {
            "flags": queries.flags(con, as_of=as_of),
            "quarantine_by_rule": queries.quarantine_by_rule(con),
            "findings": queries.findings(con),
            "loads": queries.loads(con),
            "model": frame_of(con, measure_sql("model"), {"as_of": naive_utc(as_of)}),
            "calls": call_sums(con, as_of),
        },
    )


def _lake(opened: OpenLake) -> Source:
    from queries.lake.gathered import lake_gathered  # imports narwhals, which only a lake needs

    return Source(
        name=opened.lake.folder.name,
        site=opened.lake.site,
        key="",  # a lake names nobody
        gather=partial(lake_gathered, opened),
        records=lambda as_of: _NO_RECORDS,
        engine=opened.engine,
    )


def _database_name(con: Any) -> str:
    """The name of the file, without its folders: reports are passed on."""
    (row,) = con.execute(_DATABASE).fetchall()
    return Path(row[0]).name if row[0] else "in memory"
