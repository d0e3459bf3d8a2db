"""A database and a folder go in; the lake is brought up to date and what was done is printed. And: where to read from.

`opened` gives what `rates` and `report` read: the database, or a lake on the engine that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

import queries
from pipeline.cli.ingest import shown_steps
from pipeline.printable import printable
from queries.errors import UsageError

if TYPE_CHECKING:
    import duckdb

    from queries.lake.engines import OpenLake


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read from, as the command line says it."""

    db: Path | None = None
    lake: Path | None = None
    engine: str | None = None
    remote: str | None = None

    def beside(self, name: str) -> Path:
        """A file or folder of that name beside the database or the lake."""
        place = self.lake.resolve() if self.lake else queries.database_path(self.db)
        return place.with_name(name)


def run(folder: Path, wait: float, db: Path | None) -> None:
    """Export and print a line for each partition written or removed, and one that sums up."""
    from pipeline.lake.export import export_lake

    with shown_steps(f"lake {printable(folder.name)}") as step:
        done = export_lake(db, folder, wait=wait, progress=step)
    for what, names in (("written", done.written), ("removed", done.removed)):
        for name in names:
            typer.echo(f"{what} {name}")
    typer.echo(
        f"{len(done.written):,} partitions written ({done.rows_written:,} rows), {len(done.kept):,} kept, "
        f"{len(done.removed):,} removed; {done.rows:,} rows in {folder}"
    )


@contextmanager
def opened(place: Place, memory_limit: str | None = None) -> Iterator[duckdb.DuckDBPyConnection | OpenLake]:
    """The database, or the lake on its engine. Raises `UsageError` for options that do not go together."""
    if place.lake is None:
        if place.engine or place.remote:
            option = "--engine" if place.engine else "--remote"
            raise UsageError("lake.missing", f"{option} is for a lake", "Name it with --lake DIR")
        with closing(queries.connect(place.db, memory_limit=memory_limit)) as connection:
            yield connection
        return
    if place.db:
        raise UsageError("lake.and_database", "--lake and --db exclude each other", "Give one of them")
    from queries.lake.engines import open_lake

    with open_lake(place.lake, place.engine or "duckdb", place.remote) as lake:
        yield lake
