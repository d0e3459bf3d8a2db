"""Look for texts in the rows of a database or a Parquet file, since its bytes may be compressed.

Anybody may have made the file. So it is attached beside an empty database, whose functions are DuckDB's own: a macro
of the file called `contains` is not met. Nor can anything in it read other files.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import closing
from functools import partial
from glob import escape
from pathlib import Path
from typing import Any

import duckdb

from pipeline.store.written_forms import apart, forms_of
from queries.database import quoted
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "people")
_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "1GB",
}


def parquet_rows_hold(file: Path, texts: Collection[str]) -> bool:
    """Whether any row of a Parquet file holds any of the texts. Raises `duckdb.Error` if it cannot be read."""
    # Unescaped, the brackets of `e[1].parquet` would be a pattern, and a folder `name=x` would hide a column.
    table = f"read_parquet({quoted(Path(escape(str(file))))}, hive_partitioning = false)"
    with closing(duckdb.connect(config=_CONFIG)) as connection:
        return _any_holds(connection, [table], texts)


def database_rows_hold(file: Path, texts: Collection[str]) -> bool:
    """Whether any row of a database holds any of the texts. Raises `duckdb.Error` if any of it cannot be read."""
    with closing(duckdb.connect(config=_CONFIG)) as connection:
        connection.execute(f"attach {quoted(file)} as looked_into (type duckdb, read_only)")
        connection.execute("set enable_external_access = false")
        tables = [table for (table,) in connection.execute(_sql("every_table")).fetchall()]
        return _any_holds(connection, tables, texts)


def _any_holds(connection: duckdb.DuckDBPyConnection, tables: Collection[str], texts: Collection[str]) -> bool:
    """Whether any table does; one that cannot be read is an error only if no other one does."""
    bind, failed = {"sought": list(_sought(texts))}, []
    for table in tables:
        try:
            if connection.execute(_sql("row_holding").format(table=table), bind).fetchall():
                return True
        except duckdb.Error as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return False


def _sought(texts: Collection[str]) -> Iterator[dict[str, str | None]]:
    """Each form of a text as the JSON of a row shows it.

    `"` is `\\"` there, and the `ë` of a blob `\\\\xC3\\\\xAB`.
    """
    forms = forms_of(texts)
    for form in {json.dumps(each, ensure_ascii=False)[1:-1] for each in forms | set(map(_blob, forms))}:
        yield {"text": form, "pattern": apart(form) if form.isdigit() else None}


def _blob(text: str) -> str:
    """A text as DuckDB shows its bytes: `Zo\\xC3\\xAB`."""
    return "".join(chr(byte) if byte < 128 else f"\\x{byte:02X}" for byte in text.encode())
