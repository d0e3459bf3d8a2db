"""Export quarantined records to a file in which they can be repaired and from which they can be loaded again."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipeline.sources.files import format_of
from pipeline.sources.kept_records import Form, Kept, file_of
from queries.errors import DataRefused, UsageError

_SELECT = "Choose by --load, one load at a time: `noshow quarantine list` shows them"


def export_quarantined(records: pl.DataFrame) -> tuple[Form, bytes]:
    """Return the format and the bytes of a file of `records`, a frame from `queries.quarantine(con, raw=True)`.

    Each text is unchanged, so that it can be loaded again: in a spreadsheet some may be formulas. Records that were not
    kept whole are left out.

    Raises `UsageError` if no record is left or if one file cannot hold them all, `DataRefused` for rows of a CSV file
    whose header is not known.
    """
    whole = records.filter("is_whole")
    if whole.is_empty():
        raise UsageError("quarantine.nothing_to_export", "none of the chosen records was kept whole", _SELECT)
    if len({_shape(row) for row in whole.select("header", "line", "file").iter_rows()}) > 1:
        raise UsageError(
            "quarantine.several_headers",
            "the chosen records come from files with different columns or formats",
            _SELECT,
        )
    (header, line, file) = whole.select("header", "line", "file").row(0)
    if _shape((header, line, file)) == (None, "csv"):
        raise DataRefused(
            "quarantine.header_unknown",
            f"{file}: loaded by an earlier noshow that did not keep the header",
            "Load the file again: records quarantined then can be exported",
        )
    kept = Kept(header, *(whole[name].to_list() for name in ("record", "raw", "line", "index")))
    return kept.form, file_of(kept)


def _shape(row: tuple[str | None, int | None, str]) -> tuple[str | None, str]:
    """The header and format that records must share to be written to one file."""
    header, line, file = row
    if header is None:
        return None, "csv" if format_of(Path(file)) == "csv" else "json"
    return header, "parquet" if line is None else "csv"
