"""An in-memory database with the real tables and views, for records that no export of the API can hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import duckdb
from support.cases import Case

import pipeline
from pipeline.store.opening import make_all


@contextmanager
def in_memory_case() -> Iterator[Case]:
    """A case to give records to; its connection is `case.con`."""
    with closing(duckdb.connect()) as con:
        con.execute("set TimeZone = 'UTC'")
        make_all(con, pipeline.Settings.model_validate({}))
        yield Case(con)


def table(*rows: dict[str, object]) -> str:
    """A table of a case from rows with the same columns."""
    heads = " | ".join(rows[0])
    return "\n".join([heads, *(" | ".join(map(str, row.values())) for row in rows)])
