"""Options that several groups of commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.choices import PrintedFormat
from pipeline.cli.streams import ON_DISK, WRITE

Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait if another process is writing.")]
Db = Annotated[
    Path | None,
    typer.Option("--db", callback=ON_DISK, help="The database. Default: NOSHOW_DB, else data/attendance.duckdb."),
]
OutputFormat = Annotated[PrintedFormat, typer.Option("--format", help="The output format.")]
Out = Annotated[
    Path | None, typer.Option("--out", callback=WRITE, help="Write to this file instead of stdout. - is stdout, too.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Show figures as of this date or moment (ISO). Default: now.")
]
