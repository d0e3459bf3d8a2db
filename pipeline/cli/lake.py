"""Export a lake, and open the database or lake that `rates` and `report` read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

import queries
from pipeline.cli.terminal import showing_steps
from pipeline.printable import printable
from pipeline.store.verification import require_sound
from queries.errors import UsageError

if TYPE_CHECKING:
    import duckdb

    from queries.lake.engines import OpenLake


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """The options that name the database or lake to read."""

    db: Path | None = None
    lake: Path | None = None
    engine: str | None = None
    remote: str | None = None

    def beside(self, name: str) -> Path:
        """The path of a file or folder of that name beside the database or the lake."""
        source = self.lake.resolve() if self.lake else queries.database_path(self.db)
        return source.with_name(name)


def run(folder: Path, wait: float, db: Path | None) -> None:
    """Export, and print a line for each partition written or removed, and a summary."""
    from pipeline.lake.export import export_lake

    with showing_steps(f"lake {printable(folder.name)}") as step:
        done = export_lake(db, folder, wait=wait, progress=step)
    for change, names in (("written", done.written), ("removed", done.removed)):
        for name in names:
            typer.echo(f"{change} {name}")
    typer.echo(
        f"{len(done.written):,} partitions written ({done.rows_written:,} rows), {len(done.kept):,} kept, "
        f"{len(done.removed):,} removed; {done.rows:,} rows in {folder}"
    )


@contextmanager
def opened(
    options: SourceOptions, memory_limit: str | None = None, *, counts_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection | OpenLake]:
    """Open the database, or the lake on its engine. Raises `UsageError` for options that exclude each other.

    A database is held to its content hashes first, with `counts_only` those tables that rates are counted from.
    """
    if options.lake is None:
        if options.engine or options.remote:
            option = "--engine" if options.engine else "--remote"
            raise UsageError("lake.missing", f"{option} is for a lake", "Name it with --lake DIR")
        with closing(queries.connect(options.db, memory_limit=memory_limit)) as connection:
            require_sound(connection, counts_only=counts_only)
            yield connection
        return
    if options.db:
        raise UsageError("lake.and_database", "--lake and --db exclude each other", "Give one of them")
    from queries.lake.engines import open_lake

    with open_lake(options.lake, options.engine or "duckdb", options.remote) as lake:
        yield lake
