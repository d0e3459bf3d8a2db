"""Print, count, set and delete attendance, and print booked sessions."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pipeline
import queries
from pipeline.cli.json_output import print_json
from queries.answers.pages import origin_of
from queries.errors import InputNotFound, UsageError
from queries.language.requests import Query, Request, read_query
from queries.language.resources import ATTENDANCE, BOOKED_SESSION, Resource

if TYPE_CHECKING:
    import duckdb
    import polars as pl


def get(attendance_id: str, db: Path | None) -> None:
    """Print one attendance."""
    with closing(queries.connect(db)) as con:
        _print(queries.get_attendance(con, attendance_id))


def set_(
    booking: str,
    event: str | None,
    session: str | None,
    status: str,
    attendees: int | None,
    allow_walk_ins: bool | None,
    allow_unknown: bool,
    wait: float,
    db: Path | None,
) -> None:
    """Set a mark, publish it, and print it."""
    given = {
        "bookingId": booking,
        "eventId": event,
        "sessionId": session,
        "status": status,
        "numberOfAttendees": attendees,
    }
    request = {"attendance": {name: value for name, value in given.items() if value is not None}}
    with pipeline.open_store(db, wait=wait) as store:
        answer = pipeline.set_attendance(store, request, allow_walk_ins=allow_walk_ins, allow_unknown=allow_unknown)
    _print(answer)


def delete(attendance_id: str, wait: float, db: Path | None) -> None:
    """Remove one attendance and publish."""
    with pipeline.open_store(db, wait=wait) as store:
        pipeline.delete_attendance(store, attendance_id)


def count(request: str | None, db: Path | None) -> None:
    """Print the count."""
    with closing(queries.connect(db)) as con:
        _print(queries.count_attendances(con, _stdin_or(request)))


def query(
    request: str | None, file: Path | None, of: str, table_format: str, every: bool, as_of: str | None, db: Path | None
) -> None:
    """Print one page of the rows that a request asks for, or with `every` all of them."""
    text = _read_request(request, file)
    if table_format != "json":
        from pipeline.cli.streams import require_not_for_terminal

        require_not_for_terminal(table_format, "Send stdout to a file")
    with closing(queries.connect(db)) as con:
        if of == "attendance" and table_format == "json":
            _print(_all_attendance(con, text) if every else queries.query_attendance(con, text))
            return
        frame = _frame(con, text, of, every, as_of)
    from pipeline.cli.table_formats import print_frame

    print_frame(frame, table_format)


def _all_attendance(con: Any, text: Request) -> Mapping[str, Any]:
    asked = _read_query(con, ATTENDANCE, text)
    return {"attendances": list(queries.iter_attendance(con, asked.asked_filter, asked.asked_sort))}


def _frame(con: duckdb.DuckDBPyConnection, text: Request, of: str, every: bool, as_of: str | None) -> pl.DataFrame:
    asked = _read_query(con, BOOKED_SESSION if of == "sessions" else ATTENDANCE, text)
    limit = None if every else asked.limit
    if of == "sessions":
        return queries.session_frame(con, asked.asked_filter, asked.asked_sort, limit, as_of)
    return queries.attendance_frame(con, asked.asked_filter, asked.asked_sort, limit)


def _read_query(con: Any, resource: Resource, text: Request) -> Query:
    asked = read_query(resource, text, origin_of(con))
    if asked.position:
        raise UsageError("query.cursor", "pages by cursor come as JSON, one at a time", "Leave --all and --format out")
    return asked


def _read_request(request: str | None, file: Path | None) -> str | bytes | None:
    if request is not None and file is not None:
        raise UsageError("query.twice", "both a request and --file", "Give one of them")
    if file is not None:
        try:
            return file.read_bytes().removeprefix(codecs.BOM_UTF8)
        except FileNotFoundError:
            raise InputNotFound("input.not_found", f"{file}: no such file", "Check the path") from None
    return _stdin_or(request)


def _stdin_or(request: str | None) -> str | None:
    """The text of a request; `-` stands for that of stdin."""
    return sys.stdin.read() if request == "-" else request


def _print(answer: Mapping[str, Any]) -> None:
    print_json(answer)
