"""Find rows that earlier loads of a file of the same name brought.

Before ids made of rows' numbers were bound to their file, row 17 of any file was booking 17. A database that has such
rows keeps them: the file that brought them goes on with the ids it had, or each of its bookings would be there twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

import duckdb

from pipeline.mapping.evaluation import Held
from pipeline.mapping.identity import file_name
from pipeline.store.publication import name_of


def rows_held(connection: duckdb.DuckDBPyConnection, file: Path) -> Held | None:
    """Return a function that counts ids which earlier mapped loads of a file of this name brought, if there are any.

    The function may be called from another thread than that of the connection.
    """
    rows = connection.execute("select load_id, file from load_ledger where mapping is not null").fetchall()
    loads = [load_id for load_id, loaded in rows if file_name(PurePath(loaded)) == file_name(file)]
    if not loads:
        return None
    reader = connection.cursor()
    reader.execute(f"use {name_of(connection)}")  # it begins in the empty database that the work file is attached to

    def held(entity: str, column: str, ids: Sequence[str]) -> int:
        statement = (
            f"select count(*) from {entity} where load_id in (select unnest($loads::bigint[])) "
            f"and {column}::varchar in (select unnest($ids::varchar[]))"
        )
        ((count,),) = reader.execute(statement, {"loads": loads, "ids": list(ids)}).fetchall()
        return int(count)

    return held
