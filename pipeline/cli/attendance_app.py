"""The commands that mark, look up, query, count and delete attendance, each a thin edge around a function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.choices import Queried, TableFormat
from pipeline.cli.completion import statuses
from pipeline.cli.logs import command
from pipeline.cli.options import AsOf, Db, Wait
from pipeline.cli.streams import READ

# Without a name, so that its commands are `noshow get`, not `noshow attendance get`.
attendance_app = typer.Typer()

AttendanceId = Annotated[str, typer.Argument(metavar="ID", help="The id of the attendance.")]
WalkIns = Annotated[
    bool | None,
    typer.Option("--walk-ins/--no-walk-ins", help="Whether more may come than booked. Default: the setting."),
]
QueryText = Annotated[
    str | None, typer.Argument(help='JSON: {"filter": ..., "sort": ..., "cursorPaging": ...}. - reads stdin.')
]


@command(attendance_app)
def get(attendance_id: AttendanceId, db: Db = None) -> None:
    """Print one attendance as JSON."""
    from pipeline.cli.attendance import get

    get(attendance_id, db)


@command(attendance_app, "set")
def set_(
    booking: Annotated[str, typer.Option(help="The id of the booking.")],
    status: Annotated[str, typer.Option(autocompletion=statuses, help="ATTENDED, NOT_ATTENDED or NOT_SET.")],
    event: Annotated[str | None, typer.Option(help="The event id of the session.")] = None,
    session: Annotated[str | None, typer.Option(help="The deprecated session id, instead of --event.")] = None,
    attendees: Annotated[int | None, typer.Option(help="How many came. Default: 1.")] = None,
    allow_walk_ins: WalkIns = None,
    allow_unknown: Annotated[
        bool, typer.Option("--allow-unknown", help="Accept a booking or session that is not loaded.")
    ] = False,
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Mark whether a booking was attended, and by how many."""
    from pipeline.cli.attendance import set_

    set_(booking, event, session, status, attendees, allow_walk_ins, allow_unknown, wait, db)


@command(attendance_app)
def query(
    request: QueryText = None,
    file: Annotated[Path | None, typer.Option("--file", callback=READ, help="Read the JSON from this file.")] = None,
    of: Annotated[Queried, typer.Option("--of", help="Query attendance or booked sessions.")] = "attendance",
    table_format: Annotated[TableFormat, typer.Option("--format", help="The output format.")] = "json",
    every: Annotated[bool, typer.Option("--all", help="Print all rows instead of one page.")] = False,
    as_of: AsOf = None,
    db: Db = None,
) -> None:
    """Query attendance or booked sessions in the API's language."""
    from pipeline.cli.attendance import query

    query(request, file, of, table_format, every, as_of, db)


@command(attendance_app)
def count(
    request: Annotated[
        str | None, typer.Argument(help='JSON: {"filter": {"status": ..., "serviceId": ...}}. - reads stdin.')
    ] = None,
    db: Db = None,
) -> None:
    """Count attendances."""
    from pipeline.cli.attendance import count

    count(request, db)


@command(attendance_app)
def delete(attendance_id: AttendanceId, wait: Wait = 0, db: Db = None) -> None:
    """Remove one attendance. The booking becomes unmarked again."""
    from pipeline.cli.attendance import delete

    delete(attendance_id, wait, db)
