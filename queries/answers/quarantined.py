"""Quarantined records, all or those that a choice fits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict, Unpack

import duckdb
import polars as pl

from queries.database import frame_of
from queries.errors import InputNotFound, UsageError
from queries.statements import measure_sql

# What a load and a record are numbered by: a bigint has up to 19 digits.
_NAME = re.compile(r"(0|[1-9]\d{0,17}):(0|[1-9]\d{0,17})", re.ASCII)


class Choice(TypedDict, total=False):
    """What records have in common: all that is given holds for each of them.

    The number of their load, the rule they break first, one of the kinds that their file holds, a part of its path.
    """

    load: int | None
    rule: str | None
    kind: str | None
    file: str | None


def quarantine(
    con: duckdb.DuckDBPyConnection, names: Iterable[str] = (), *, raw: bool = False, **choice: Unpack[Choice]
) -> pl.DataFrame:
    """Quarantined records in order of load and record: all, those named, and of these the ones that `choice` fits.

    A record's name is its load and its number in the file, `7:12`. Columns: id, file, kind, rule, pointer, message,
    raw_sha256, mapping (String), load_id, record, line, index, raw_bytes (Int64), also_broken (List of String),
    quarantined_at (Datetime, UTC), is_whole (Boolean: the text is kept uncut); with `raw` its text, and the header of
    a flat file (String).
    Raises `UsageError` for what is no name, `InputNotFound` for one that is not there.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if not _NAME.fullmatch(name):
            raise UsageError("quarantine.name", f"{name!a} names no record", "A name is LOAD:RECORD, such as 7:12")
    chosen = {"load": None, "rule": None, "kind": None, "file": None, **choice}
    found = frame_of(con, measure_sql("quarantined"), {"names": wanted or None, "raw": raw, **chosen})
    missing = sorted(set(wanted) - set(found["id"]))
    if missing:
        raise InputNotFound(
            "quarantine.not_found",
            f"not in quarantine: {', '.join(missing[:5])}{' …' if missing[5:] else ''}",
            "`noshow quarantine list` tells what is",
        )
    return found if raw else found.drop("header", "raw")
