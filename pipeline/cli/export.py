"""Export the documented views for other tools."""

from __future__ import annotations

from pathlib import Path

import typer

from pipeline.cli.terminal import showing_steps
from pipeline.export.export import export_views
from pipeline.printable import printable


def run(out: Path, export_format: str, names_free: bool, as_of: str | None, db: Path | None) -> None:
    """Export, and print how many views and rows there are."""
    with showing_steps(f"export {printable(out.name)}") as step:
        done = export_views(db, out, format=export_format, names_free=names_free, as_of=as_of, progress=step)
    without = ", without names and contact ids" if names_free else ""
    counted = f"{len(done.rows):,} views, {sum(done.rows.values()):,} rows" if done.rows else "the views described"
    typer.echo(f"{counted} in {printable(str(out))}{without}")
