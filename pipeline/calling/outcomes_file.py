"""Read a file of calls that were made: CSV, Excel or JSON, each row a booking and, if given, who was reached."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pipeline.faults import Refused
from pipeline.printable import printable, shown
from pipeline.sources.csv_records import separator_of
from pipeline.sources.xlsx_records import read_xlsx
from queries.errors import DataRefused, InputNotFound, OutputFailed

_MOST_BYTES = 16 * 2**20
_BOOKING, _SESSION, _REACHED = "booking_id", "session_id", "reached"
_HINT = "Give CSV or Excel with the column booking_id (and reached, session_id), or a JSON list"
# How a workbook begins, and a text as Excel saves it under the name of Unicode.
_WORKBOOK, _UTF_16 = b"PK\x03\x04", (b"\xff\xfe", b"\xfe\xff")
# The words of a cell of the column reached, in any case.
_ANSWERS: Mapping[str, bool | None] = {
    "": None,
    **dict.fromkeys(("true", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "no", "n", "0"), False),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was made: `booking_id` as a GUID in lower case, `place` in the file; the rest None if not given."""

    booking_id: str
    session_id: str | None
    is_reached: bool | None
    place: str


def read_calls(file: Path) -> list[Call]:
    """Read every row of a file: Excel, JSON if its first character is a bracket, else CSV.

    Other columns are passed over. Raises `InputNotFound` without the file, and `DataRefused` if a row cannot be
    understood: then none is.
    """
    data = _bytes(file)
    return [_call(row, place, file) for place, row in _rows(data, file)]


def _rows(data: bytes, file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if data.startswith(_WORKBOOK):
        return _of_workbook(data, file)
    text = _text(data, file)
    return _of_json(text, file) if text.lstrip()[:1] in ("[", "{") else _of_csv(text, file)


def refused(file: Path, place: str, problem: str, hint: str = _HINT) -> DataRefused:
    """The error for a row of the file."""
    where = f"{shown(file)}, {place}" if place else shown(file)
    return DataRefused("calls.file", f"{where}: {problem}. Nothing is recorded", hint)


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputNotFound("input.not_found", f"{shown(file)}: no such file", "Check the path") from None
    except OSError as error:
        raise OutputFailed("calls.io", f"{shown(file)}: {error.strerror}", "Check the path and its rights") from error
    if len(data) > _MOST_BYTES:
        raise refused(file, "", "larger than 16 MiB")
    return data


def _text(data: bytes, file: Path) -> str:
    """The text of a file. The columns read are ASCII, so names in another encoding beside it do no harm."""
    try:
        text = data.decode("utf-16") if data.startswith(_UTF_16) else data.decode("utf-8-sig", "replace")
    except UnicodeDecodeError:
        raise refused(file, "", "damaged UTF-16", "Save the file as UTF-8") from None
    if "\0" in text:
        raise refused(file, "", "not a text")
    return text


def _of_workbook(data: bytes, file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        for chunk in read_xlsx(io.BytesIO(data), lambda _: None):
            for fault in chunk.faults:
                raise refused(file, f"record {fault.record + 1}", fault.message)
            assert chunk.flat is not None, "a worksheet has columns"
            names = [name.strip().lower() for name in chunk.flat.columns]
            if names.count(_BOOKING) != 1:
                raise refused(file, "", "not one column booking_id")
            for line, cells in zip(chunk.lines, chunk.flat.iter_rows(), strict=True):
                yield f"row {line}", dict(zip(names, cells, strict=True))
    except Refused as error:
        raise refused(file, "", error.message, error.hint or _HINT) from None


def _of_json(text: str, file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise refused(file, "", "not JSON") from None
    if not isinstance(value, list):
        raise refused(file, "", "a JSON list is expected")
    for at, each in enumerate(value, 1):
        row = {_BOOKING: each} if isinstance(each, str) else each
        if not isinstance(row, dict):
            raise refused(file, f"entry {at}", "neither a booking id nor an object")
        yield f"entry {at}", row


def _of_csv(text: str, file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    header, _, _ = text.partition("\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(header), strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if names.count(_BOOKING) != 1:
            raise refused(file, "line 1", "no column booking_id" if _BOOKING not in names else "two columns booking_id")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                raise refused(file, f"line {reader.line_num}", f"{len(cells)} fields under {len(names)} columns")
            yield f"line {reader.line_num}", dict(zip(names, cells, strict=True))
    except csv.Error as error:
        raise refused(file, f"line {reader.line_num}", f"not CSV ({error})") from None


def _call(row: Mapping[str, Any], place: str, file: Path) -> Call:
    booking, session, reached = (row.get(name) for name in (_BOOKING, _SESSION, _REACHED))
    try:
        booking = str(UUID(booking.strip() if isinstance(booking, str) else ""))
    except ValueError:
        raise refused(file, place, f"{printable(repr(booking), 60)} is not a booking id") from None
    if not isinstance(session, str | None):
        raise refused(file, place, "session_id is not a text")
    answer = "" if reached is None else str(reached).strip().lower()
    if answer not in _ANSWERS:
        raise refused(file, place, f"reached is {printable(repr(reached), 60)}", "Write yes, no or nothing")
    return Call(booking, (session or "").strip() or None, _ANSWERS[answer], place)
