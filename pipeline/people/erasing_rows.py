"""What tells a person goes in; the tables of the work database come out without it, within the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import duckdb
import polars as pl

from pipeline.people.personal_text import Sought, plain, without
from pipeline.store.content_state import tracked
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "people")


def erase_bookings(connection: duckdb.DuckDBPyConnection, contact: str) -> int:
    """Take the contact out of its bookings, which stay; how many there were."""
    with tracked(connection, "booking"):
        return len(connection.execute(_sql("erase_bookings"), {"contact": contact}).fetchall())


def erase_messages(connection: duckdb.DuckDBPyConnection, contact: str, sought: tuple[Sought, ...]) -> int:
    """Take the messages out of notifications of the contact's bookings, and those that name the contact."""
    with tracked(connection, "participant_notification"):
        return _erase_messages(connection, contact, sought)


def _erase_messages(connection: duckdb.DuckDBPyConnection, contact: str, sought: tuple[Sought, ...]) -> int:
    theirs = connection.execute(_sql("erase_messages"), {"contact": contact}).fetchall()
    others = connection.execute("select rowid, message from participant_notification where message is not null")
    named = [row for row, message in others.fetchall() if any(one.found_in(plain(message)) for one in sought)]
    connection.execute(
        "update participant_notification set message = null where list_contains($rows::bigint[], rowid)",
        {"rows": named},
    )
    return len(theirs) + len(named)


def erase_quarantined(connection: duckdb.DuckDBPyConnection, records: list[tuple[int, int]]) -> int:
    """Take records (load_id, record) out of quarantine for good; the ledger counts them as discarded."""
    schema = {"load_id": pl.Int64, "record": pl.Int64}
    connection.register("erased_records", pl.DataFrame(records, schema=schema, orient="row").to_arrow())
    with tracked(connection, "quarantine"), tracked(connection, "load_ledger"):
        connection.execute(_sql("erase_quarantined"))
    connection.unregister("erased_records")
    return len(records)


def erase_ledger_texts(connection: duckdb.DuckDBPyConnection, sought: tuple[Sought, ...]) -> int:
    """Put `erased` in place of what tells the person in paths, warnings, headers and names of ignored fields.

    How many loads had any of it. The path that stands with quarantined records is that of their load.
    """
    with tracked(connection, "quarantine"), tracked(connection, "load_ledger"):
        return _erase_ledger_texts(connection, sought)


def _erase_ledger_texts(connection: duckdb.DuckDBPyConnection, sought: tuple[Sought, ...]) -> int:
    changed = 0
    for load_id, *texts in connection.execute(_sql("ledger_texts")).fetchall():
        told, erased = _ledger_row(*texts, sought=()), _ledger_row(*texts, sought=sought)
        if erased != told:
            connection.execute(_sql("rewrite_ledger"), {"load_id": load_id, **erased})
            connection.execute("update quarantine set file = $file where load_id = $load_id",
                               {"file": erased["file"], "load_id": load_id})  # fmt: skip
            changed += 1
    return changed


def _ledger_row(
    file: str,
    header: str | None,
    warnings: list[str] | None,
    names: list[str] | None,
    times: list[int] | None,
    *,
    sought: tuple[Sought, ...],
) -> dict[str, Any]:
    """The texts of a load, without what is sought. Fields whose names come to be one are counted together."""
    ignored: Counter[str] = Counter()
    for name, often in zip(names or [], times or [], strict=True):
        ignored[without(name, sought)] += often
    return {
        "file": without(file, sought),
        "header": None if header is None else without(header, sought),
        "warnings": [without(warning, sought) for warning in warnings or []],
        "names": list(ignored),
        "times": list(ignored.values()),
    }


def places_of(connection: duckdb.DuckDBPyConnection, text: str) -> dict[str, int]:
    """Where a text stands in any case: `table.column` -> rows."""
    places: dict[str, int] = {}
    for table, columns in connection.execute(_sql("text_columns")).fetchall():
        counts = connection.execute(_rows_saying_sql(table, columns), {"text": text}).fetchall()[0]
        places |= {f"{table}.{column}": rows for column, rows in zip(columns, counts, strict=True) if rows}
    return places


def _rows_saying_sql(table: str, columns: Sequence[str]) -> str:
    """In how many rows of a table each of its text columns has the bound $text somewhere, in any case."""
    counts = ", ".join(f"count_if(contains(lower({name}::varchar), lower($text))) as {name}" for name in columns)
    return f"select {counts} from {table}"
