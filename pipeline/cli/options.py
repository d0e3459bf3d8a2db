"""Options that several groups of commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait if another process is writing.")]
Db = Annotated[Path | None, typer.Option("--db", help="The database. Default: NOSHOW_DB, else data/attendance.duckdb.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Show figures as of this date or moment (ISO). Default: now.")
]
