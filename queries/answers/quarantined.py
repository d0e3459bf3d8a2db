"""List quarantined records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import duckdb

from queries.database import frame_of, rows_by_column
from queries.errors import InputNotFound, UsageError
from queries.statements import measure_sql

if TYPE_CHECKING:
    import polars as pl

# The numbers of a load and of a record. Each is a bigint, which holds any number of 18 digits.
_NAME = re.compile(r"(0|[1-9]\d{0,17}):(0|[1-9]\d{0,17})", re.ASCII)


Row = dict[str, Any]
_CHOOSING_NOTHING: dict[str, int | str | None] = {"load": None, "rule": None, "kind": None, "file": None}


class Choice(TypedDict, total=False):
    """The records to choose: those that fit everything given.

    `load` is the number of their load, `rule` the first rule they break, `kind` one of the kinds that their file holds,
    `file` a part of its path.
    """

    load: int | None
    rule: str | None
    kind: str | None
    file: str | None


def quarantine(
    con: duckdb.DuckDBPyConnection, names: Iterable[str] = (), *, raw: bool = False, **choice: Unpack[Choice]
) -> pl.DataFrame:
    """Quarantined records in order of load and record: all, or those of the given names, that fit the choice.

    A record's name is its load and its number in the file, `7:12`. Columns: id, file, kind, rule, pointer, message,
    raw_sha256, mapping (String), load_id, record, line, index, raw_bytes (Int64), also_broken (List of String),
    quarantined_at (Datetime, UTC), is_whole (Boolean: the text is kept uncut); with `raw` its text, and the header of
    a flat file (String).
    Raises `UsageError` for a text that is not a name, `InputNotFound` for a name that is not in quarantine.
    """
    wanted = _wanted(names)
    records = frame_of(con, measure_sql("quarantined"), _bound(wanted, choice) | {"raw": raw})
    _require_all(wanted, records["id"])
    return records if raw else records.drop("header", "raw")


def quarantine_groups(
    con: duckdb.DuckDBPyConnection, names: Iterable[str] = (), **choice: Unpack[Choice]
) -> pl.DataFrame:
    """Quarantined records by rule and field, the most frequent first; chosen as in `quarantine`.

    Columns: rule, pointer, message (of one record) (String), records (Int64), examples (List of String): up to three
    values at fault. Raises `UsageError` for a text that is not a name.
    """
    return frame_of(con, measure_sql("quarantine_groups"), _bound(_wanted(names), choice))


def first_rows(
    con: duckdb.DuckDBPyConnection, names: Iterable[str] = (), *, most: int, **choice: Unpack[Choice]
) -> list[Row]:
    """The first records of `quarantine` by column, and of named ones all; without Polars.

    Raises as `quarantine` does.
    """
    wanted = _wanted(names)
    found = con.execute(measure_sql("quarantined"), _bound(wanted, choice) | {"raw": False})
    rows = rows_by_column(found, max(most, len(wanted)))
    _require_all(wanted, (row["id"] for row in rows))
    return rows


def group_rows(con: duckdb.DuckDBPyConnection, names: Iterable[str] = (), **choice: Unpack[Choice]) -> list[Row]:
    """The groups of `quarantine_groups` by column. Raises as that does."""
    return rows_by_column(con.execute(measure_sql("quarantine_groups"), _bound(_wanted(names), choice)))


def _bound(wanted: list[str], choice: Choice) -> dict[str, Any]:
    return {"names": wanted or None, **_CHOOSING_NOTHING, **choice}


def _require_all(wanted: list[str], found: Iterable[str]) -> None:
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise InputNotFound(
            "quarantine.not_found",
            f"not in quarantine: {', '.join(missing[:5])}{' …' if missing[5:] else ''}",
            "`noshow quarantine list` shows every record",
        )


def _wanted(names: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if not _NAME.fullmatch(name):
            raise UsageError(
                "quarantine.name", f"{name!a} does not name a record", "A name is LOAD:RECORD, such as 7:12"
            )
    return wanted
