"""Exports of all formats in the ways of locales and spreadsheets: dates, times, separators, encodings, decimals.

Made from a seed. Whatever loads without an option has the right day and the right mark; a file is refused only if its
values decide nothing, or if its header is in another language.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from support.export_formats import FORMATS
from support.export_layouts import Booking
from support.exports import Export, export

import pipeline
from pipeline.load.outcomes import FileOutcome
from pipeline.mapping.reading import shipped_formats
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
# NOSHOW_EXPORTS=1000 pytest --long tests/formats/test_locales.py -s prints the figures of so many files.
LONG = int(os.environ.get("NOSHOW_EXPORTS", "30"))


# How a header that is not known is refused, also below a title or in another encoding.
UNKNOWN = ("file.kind_unknown", "file.csv_header", "file.encoding")
# Bookings in an export, those that were read right, and the code of its refusal.
Found = tuple[int, int, str]


def check(store: Store, con: duckdb.DuckDBPyConnection, folder: Path, made: Export, number: int) -> Found:
    """Load a made-up export and compare it with the bookings in it; return these, those right, and the refusal."""
    path = folder / f"export-{number}.{made.suffix}"
    path.write_bytes(made.content)
    (outcome,) = pipeline.ingest(store, [path], now=NOW)
    path.unlink()
    about = (number, made.format, made.suffix, outcome)
    if outcome.refused:
        expected = UNKNOWN if made.is_translated else ("file.dates_undecided",)
        assert outcome.refused.code in expected, about
        assert made.is_translated or made.is_open, about
        if made.is_open and not made.is_translated:
            # The answer to the question is all that it takes.
            path.write_bytes(made.content)
            (answered,) = pipeline.ingest(store, [path], now=NOW, dates=made.dates)
            assert loaded_bookings(con, answered) == made.bookings, about
        return made.bookings.total(), 0, outcome.refused.code
    assert outcome.format is not None, about
    assert outcome.format.name == made.format, about
    loaded = loaded_bookings(con, outcome)
    assert not loaded - made.bookings, about
    return made.bookings.total(), loaded.total(), ""


def loaded_bookings(con: duckdb.DuckDBPyConnection, outcome: FileOutcome) -> Counter[Booking]:
    return Counter(
        con.execute(
            "select b.starts_at, b.status, a.status from booking as b left join attendance as a on a.booking_id = b.id "
            "where b.load_id = $load",
            {"load": outcome.load_id},
        ).fetchall()
    )


def run(store: Store, con: duckdb.DuckDBPyConnection, folder: Path, numbers: range) -> None:
    found = [check(store, con, folder, export(number), number) for number in numbers]
    rows = sum(made for made, _, refused in found if not refused)
    right = sum(right for *_, right, refused in found if not refused)
    refused = Counter(refused for *_, refused in found if refused)
    print(f"{len(found)} files, {rows} rows in those read, {right} right, {refused.total()} refused: {dict(refused)}")
    assert right >= 0.99 * rows
    assert len(found) - refused.total() >= 0.6 * len(found)


@pytest.mark.long
def test_an_export_of_each_format(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert {*FORMATS} <= {path.stem for path in shipped_formats()}
    run(store, con, tmp_path, range(len(FORMATS)))


@pytest.mark.long
def test_exports_of_many_locales(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    run(store, con, tmp_path, range(LONG))
