"""Read a file of calls that were made: CSV or JSON, each row a booking and, if given, whether somebody was reached."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pipeline.printable import printable, shown
from pipeline.sources.csv_records import separator_of
from queries.errors import DataRefused, InputNotFound, OutputFailed

_MOST_BYTES = 16 * 2**20
_BOOKING, _SESSION, _REACHED = "booking_id", "session_id", "reached"
_HINT = "Give CSV with the column booking_id (and reached, session_id), or a JSON list"
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
    """Read every row of a file, JSON if its first character is a bracket, else CSV; other columns are passed over.

    Raises `InputNotFound` without the file, and `DataRefused` if a row cannot be understood: then none is.
    """
    text = _text(file)
    rows = _of_json(text, file) if text.lstrip()[:1] in ("[", "{") else _of_csv(text, file)
    return [_call(row, place, file) for place, row in rows]


def refused(file: Path, place: str, problem: str, hint: str = _HINT) -> DataRefused:
    """The error for a row of the file."""
    where = f"{shown(file)}, {place}" if place else shown(file)
    return DataRefused("calls.file", f"{where}: {problem}. Nothing is recorded", hint)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputNotFound("input.not_found", f"{shown(file)}: no such file", "Check the path") from None
    except OSError as error:
        raise OutputFailed("calls.io", f"{shown(file)}: {error.strerror}", "Check the path and its rights") from error
    if len(data) > _MOST_BYTES:
        raise refused(file, "", "larger than 16 MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused(file, "", "not UTF-8", "Save the file as UTF-8") from None


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
