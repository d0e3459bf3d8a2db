"""Quarantined records go in; the file to repair them in, and to load it from, comes out."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipeline.sources.files import format_of
from pipeline.sources.kept_records import Form, Kept, file_of
from queries.errors import DataRefused, UsageError

_SELECT = "Choose by --load, one load at a time: `noshow quarantine list` tells which there are"


def export_quarantined(records: pl.DataFrame) -> tuple[Form, bytes]:
    """The format and the bytes of a file of records, as `queries.quarantine(con, raw=True)` gives them.

    The texts are what they were, to be loaded again: in a spreadsheet some of them may be formulas. Records that were
    kept in part are left out. Raises `UsageError` where no one file can hold them, `DataRefused` for rows of a CSV
    file whose header is not known.
    """
    whole = records.filter("is_whole")
    if whole.is_empty():
        raise UsageError("quarantine.nothing_to_export", "no whole record is chosen", _SELECT)
    if len({_shape(row) for row in whole.select("header", "line", "file").iter_rows()}) > 1:
        raise UsageError("quarantine.several_headers", "the records chosen are of files of different shape", _SELECT)
    (header, line, file) = whole.select("header", "line", "file").row(0)
    if _shape((header, line, file)) == (None, "csv"):
        raise DataRefused(
            "quarantine.header_unknown",
            f"{file}: loaded by a noshow that did not keep the header",
            "Load the file again: what is quarantined then can be exported",
        )
    kept = Kept(header, *(whole[name].to_list() for name in ("record", "raw", "line", "index")))
    return kept.form, file_of(kept)


def _shape(row: tuple[str | None, int | None, str]) -> tuple[str | None, str]:
    """What records must have in common to stand in one file: the header, and how they are written."""
    header, line, file = row
    if header is None:
        return None, "csv" if format_of(Path(file)) == "csv" else "json"
    return header, "parquet" if line is None else "csv"
