"""The suffix that a file without a name should have, by its first bytes: stdin has no name to go by."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from pathlib import Path

from pipeline.faults import Refused
from pipeline.sources.archives import BROKEN, SUFFIX, require_small_directory
from pipeline.sources.files import GZIP_MAGIC

_HEAD = 2**18
_ZIP, _PARQUET = b"PK\x03\x04", b"PAR1"
# The part that every workbook has, and no other archive.
_OF_WORKBOOKS = "xl/workbook.xml"


def suffix_of(path: Path) -> str:
    """`.parquet`, `.xlsx`, `.zip`, `.json`, `.ndjson` or, for all else, `.csv`; with `.gz` if it is gzipped."""
    with path.open("rb") as stream:
        start = stream.read(_HEAD)
    if start.startswith(GZIP_MAGIC):
        return f"{_suffix(_unpacked(path))}.gz"
    if start.startswith(_ZIP):
        return ".xlsx" if _is_workbook(path) else SUFFIX
    return _suffix(start)


def _suffix(start: bytes) -> str:
    if start.startswith(_PARQUET):
        return ".parquet"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith((b"{", b"[")):
        return ".csv"
    line, end, _ = text.partition(b"\n")
    # The first line of NDJSON is a value by itself; that of a JSON file is one only if the file is that line.
    return ".ndjson" if end and _is_json(line) else ".json"


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _unpacked(path: Path) -> bytes:
    """The first bytes of a gzipped file, or none if it is damaged: reading it will say so."""
    try:
        with gzip.open(path) as stream:
            return stream.read(_HEAD)
    except (OSError, EOFError, zlib.error):
        return b""


def _is_workbook(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            require_small_directory(stream)
        with zipfile.ZipFile(path) as archive:
            return _OF_WORKBOOKS in archive.namelist()
    except (*BROKEN, Refused):
        return False
