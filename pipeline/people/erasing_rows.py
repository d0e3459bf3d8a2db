"""Erase a person from the tables of the work database, within the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import duckdb
import polars as pl

from pipeline.people.personal_text import Sought, plain, without
from pipeline.store.content_state import tracked
from queries.model.attributes import without_values
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "people")


def erase_bookings(connection: duckdb.DuckDBPyConnection, contact: str, sought: tuple[Sought, ...]) -> int:
    """Remove contact id and name, and attributes that mention the contact, from the contact's bookings, which stay.

    Returns their number.
    """
    with tracked(connection, "booking"):
        for (text,) in connection.execute(_sql("attributes_of"), {"contact": contact}).fetchall():
            kept = without_values(text, partial(_mentions, sought))
            connection.execute(_sql("erase_attributes"), {"contact": contact, "text": text, "kept": kept})
        return len(connection.execute(_sql("erase_bookings"), {"contact": contact}).fetchall())


def erase_calls(connection: duckdb.DuckDBPyConnection, contact: str) -> int:
    """Remove the contact's bookings from lists of calls; return their number."""
    with tracked(connection, "call_list"):
        return len(connection.execute(_sql("erase_calls"), {"contact": contact}).fetchall())


def _mentions(sought: tuple[Sought, ...], text: str) -> bool:
    """Whether a text contains any of those sought."""
    return any(one.found_in(plain(text)) for one in sought)


def erase_messages(connection: duckdb.DuckDBPyConnection, contact: str, sought: tuple[Sought, ...]) -> int:
    """Remove the messages of notifications for the contact's bookings, and any other that mentions the contact.

    Returns the number of messages removed.
    """
    with tracked(connection, "participant_notification"):
        return _erase_messages(connection, contact, sought)


def _erase_messages(connection: duckdb.DuckDBPyConnection, contact: str, sought: tuple[Sought, ...]) -> int:
    theirs = connection.execute(_sql("erase_messages"), {"contact": contact}).fetchall()
    others = connection.execute("select rowid, message from participant_notification where message is not null")
    mentioning = [row for row, message in others.fetchall() if _mentions(sought, message)]
    connection.execute(
        "update participant_notification set message = null where list_contains($rows::bigint[], rowid)",
        {"rows": mentioning},
    )
    return len(theirs) + len(mentioning)


def erase_quarantined(connection: duckdb.DuckDBPyConnection, records: list[tuple[int, int]]) -> int:
    """Remove records (load_id, record) from quarantine, also those that left it since; return their number.

    The ledger counts those that were in quarantine as discarded.
    """
    schema = {"load_id": pl.Int64, "record": pl.Int64}
    connection.register("erased_records", pl.DataFrame(records, schema=schema, orient="row").to_arrow())
    with tracked(connection, "quarantine"), tracked(connection, "load_ledger"), tracked(connection, "replaced_row"):
        connection.execute(_sql("erase_quarantined"))
    connection.unregister("erased_records")
    return len(records)


def erase_ledger_texts(connection: duckdb.DuckDBPyConnection, sought: tuple[Sought, ...]) -> int:
    """Replace texts that identify the person by `erased` in paths, warnings, headers and names of ignored fields.

    Returns the number of loads changed. Quarantined records have the path of their load, which is replaced as well.
    """
    with tracked(connection, "quarantine"), tracked(connection, "load_ledger"), tracked(connection, "replaced_row"):
        return _erase_ledger_texts(connection, sought)


def _erase_ledger_texts(connection: duckdb.DuckDBPyConnection, sought: tuple[Sought, ...]) -> int:
    changed = 0
    for load_id, *texts in connection.execute(_sql("ledger_texts")).fetchall():
        before, erased = _ledger_row(*texts, sought=()), _ledger_row(*texts, sought=sought)
        if erased != before:
            connection.execute(_sql("rewrite_ledger"), {"load_id": load_id, **erased})
            for statement in ("rewrite_quarantined_path", "rewrite_kept_path"):
                connection.execute(_sql(statement), {"load_id": load_id, "file": erased["file"]})
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
    """The texts of a load without the sought ones.

    Ignored fields that get the same name are added up: `Ana` 3 and `Ana Reyes` 2 become `erased` 5.
    """
    ignored: Counter[str] = Counter()
    for name, count in zip(names or [], times or [], strict=True):
        ignored[without(name, sought)] += count
    return {
        "file": without(file, sought),
        "header": None if header is None else without(header, sought),
        "warnings": [without(warning, sought) for warning in warnings or []],
        "names": list(ignored),
        "times": list(ignored.values()),
    }


def places_of(connection: duckdb.DuckDBPyConnection, text: str) -> dict[str, int]:
    """Count the rows that contain a text, in any case: `table.column` -> rows."""
    places: dict[str, int] = {}
    for table, columns in connection.execute(_sql("text_columns")).fetchall():
        counts = connection.execute(_rows_containing_sql(table, columns), {"text": text}).fetchall()[0]
        places |= {f"{table}.{column}": rows for column, rows in zip(columns, counts, strict=True) if rows}
    return places


def _rows_containing_sql(table: str, columns: Sequence[str]) -> str:
    """The query that counts, for each text column, the rows that contain the bound $text in any case."""
    counts = ", ".join(f"count_if(contains(lower({name}::varchar), lower($text))) as {name}" for name in columns)
    return f"select {counts} from {table}"
