"""Export the documented views for other tools."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.cli.exits import say
from pipeline.cli.streams import STDIO, file_for, require_not_for_terminal
from pipeline.cli.terminal import showing_steps
from pipeline.export.export import FOLDER_FORMATS, export_views
from pipeline.printable import printable
from queries.errors import UsageError
from queries.model.vocabularies import EXPORT_FORMATS, in_words


def run(out: Path, export_format: str, names_free: bool, as_of: str | None, db: Path | None) -> None:
    """Export, and print how many views and rows there are."""
    is_stdout = out == STDIO
    if is_stdout:
        _require_one_file(export_format)
    with showing_steps(f"export {printable(out.name)}") as step, file_for(out, "") as place:
        done = export_views(db, place, format=export_format, names_free=names_free, as_of=as_of, progress=step)
    without = ", without names and contact ids" if names_free else ""
    counted = f"{len(done.rows):,} views, {sum(done.rows.values()):,} rows" if done.rows else "the views described"
    if is_stdout:
        say(f"{counted} to stdout{without}")
    else:
        typer.echo(f"{counted} in {printable(str(out))}{without}")


def _require_one_file(export_format: str) -> None:
    """Raise `UsageError` if the export is a folder, or bytes for a terminal: neither can go to stdout."""
    if export_format in FOLDER_FORMATS:
        others = in_words([one for one in EXPORT_FORMATS if one not in FOLDER_FORMATS])
        message = f"{export_format} is exported as a folder, with a file for each view"
        raise UsageError("export.stdout", message, f"Name the folder, or use --format {others}")
    require_not_for_terminal(export_format, "Name a file, or send stdout to one")
