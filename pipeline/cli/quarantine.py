"""Print, export, retry or discard chosen records of the quarantine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.table import Table

import pipeline
import queries
from pipeline.cli.exits import EXIT_CODES, say
from pipeline.cli.streams import STDIO, write_bytes
from pipeline.cli.table_formats import WRITERS, cell, iso, require_fitting_output, to_csv
from pipeline.cli.terminal import showing_progress, stdout_console
from queries.answers.quarantined import Choice, Row, first_rows, group_rows
from queries.errors import DataRefused, UsageError

if TYPE_CHECKING:
    import polars as pl

# The most rows and names printed to a terminal; the other formats have all rows.
_MAX_ROWS = 1_000
_MAX_NAMES = 5
# So many records are listed one by one without being asked for.
_FEW = 20


@dataclass(frozen=True, slots=True)
class ListOptions:
    """How records are listed: single records after the groups however many they are, or the groups only."""

    table_format: str
    out: Path | None = None
    single: bool = False
    by_rule: bool = False


def list_(names: Sequence[str], choice: Choice, options: ListOptions, db: Path | None) -> None:
    """Print the records by rule and field, and one by one if they are few or asked for; or write them to a file."""
    require_fitting_output(options.table_format, options.out)
    if options.table_format == "table":
        _print(names, choice, options, db)
        return
    with closing(queries.connect(db)) as connection:
        records = queries.quarantine(connection, names, **choice)
        groups = queries.quarantine_groups(connection, names, **choice)
    to_bytes = _to_json if options.table_format == "json" else WRITERS[options.table_format]
    write_bytes(to_bytes(groups if options.by_rule else records), options.out)


def show(names: Sequence[str], choice: Choice, db: Path | None) -> None:
    """Print the records with their text, as JSON."""
    write_bytes(_to_json(_read(names, choice, db, raw=True)), None)


def export(names: Sequence[str], choice: Choice, out: Path, reasons: Path | None, db: Path | None) -> None:
    """Write the records to a file and the rules they break to another, and say on stderr how to go on.

    Raises `UsageError` if the name of the file does not end in the format that the records need.
    """
    records = _read(names, choice, db, raw=True)
    form, data = pipeline.export_quarantined(records)
    if out != STDIO and out.suffix != f".{form}":
        raise UsageError("output.format", f"{out}: these records make a file of {form.upper()}", f"End it in .{form}")
    write_bytes(data, out)
    if reasons:
        write_bytes(to_csv(records.drop("header", "raw")), reasons)
    _say_cut(records.filter(~records["is_whole"])["id"].to_list())
    mappings = records["mapping"].unique().drop_nulls().to_list()
    mapping = f" --mapping {mappings[0]}" if len(mappings) == 1 else ""
    name = "stdout" if out == STDIO else out
    say(f"{name}: repair it, load it with `noshow ingest{mapping}`, then discard the records it replaces")


def retry(
    names: Sequence[str],
    choice: Choice,
    every: bool,
    mapping: Path | None,
    as_json: bool,
    wait: float,
    db: Path | None,
) -> None:
    """Retry and print as `noshow ingest` does; exit with 65 if a load's records could not be read again."""
    # Imported late: to list records takes a third of the time without the code that loads them.
    from pipeline.cli.ingest import print_outcomes, say_refused
    from pipeline.cli.mapping_given import read_given

    read = read_given(mapping) if mapping else None
    with showing_progress() as progress, pipeline.open_store(db, wait=wait) as store:
        outcomes = pipeline.retry_quarantined(
            store, names, every=every, mapping=read, progress=progress, left_out=_say_cut, **choice
        )
    if as_json:
        typer.echo(json.dumps([outcome.to_json() for outcome in outcomes], indent=2))
    elif outcomes:
        print_outcomes(outcomes)
    else:
        say("nothing to retry")
    if say_refused(outcomes):
        raise typer.Exit(EXIT_CODES[DataRefused])


def discard(names: Sequence[str], choice: Choice, every: bool, wait: float, db: Path | None) -> None:
    """Remove records and print how many."""
    with pipeline.open_store(db, wait=wait) as store:
        number = pipeline.discard_quarantined(store, names, every=every, **choice)
    typer.echo(f"{number:,} discarded")


def _print(names: Sequence[str], choice: Choice, options: ListOptions, db: Path | None) -> None:
    with closing(queries.connect(db)) as connection:
        records = first_rows(connection, names, most=_MAX_ROWS if options.single else _FEW, **choice)
        groups = group_rows(connection, names, **choice)
    number = sum(group["records"] for group in groups)
    if not number:
        say("no such record in quarantine")
        return
    _print_groups(groups)
    if options.by_rule:
        return
    if options.single or number <= _FEW:
        _print_table(records[:_MAX_ROWS], number)
    else:
        say(f"--records lists all {number:,} records; choose some with --rule, --load, --kind or --file")


def _read(names: Sequence[str], choice: Choice, db: Path | None, raw: bool = False) -> pl.DataFrame:
    with closing(queries.connect(db)) as connection:
        return queries.quarantine(connection, names, raw=raw, **choice)


def _to_json(records: pl.DataFrame) -> bytes:
    """Records as JSON in ASCII: a control character in them reaches the terminal as an escape only."""
    return (json.dumps(records.to_dicts(), indent=2, default=iso) + "\n").encode()


def _print_groups(groups: list[Row]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("records", justify="right")
    for head in ("rule", "field", "for example"):
        table.add_column(head, overflow="fold")
    for row in groups:
        examples = ", ".join(map(repr, row["examples"])) or row["message"]
        table.add_row(f"{row['records']:,}", *map(cell, (row["rule"], row["pointer"], examples)))
    stdout_console().print(table)


def _print_table(records: list[Row], number: int) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    for head in ("id", "file", "place", "rule", "pointer", "message", "when (UTC)"):
        table.add_column(head, overflow="fold")
    for row in records:
        when = f"{row['quarantined_at']:%Y-%m-%d %H:%M}"
        cells = (row["id"], Path(row["file"]).name, _place(row), row["rule"], row["pointer"], row["message"], when)
        table.add_row(*map(cell, cells))
    stdout_console().print(table)
    if number > _MAX_ROWS:
        say(f"the first {_MAX_ROWS:,} of {number:,}; --format csv, json, parquet and xlsx have all")


def _place(row: Row) -> str:
    return ", ".join(f"{name} {row[name]}" for name in ("line", "index") if row[name] is not None)


def _say_cut(names: list[str]) -> None:
    """Name records whose text was too long to be kept whole, so that they cannot be read again."""
    if names:
        more = f" and {len(names) - _MAX_NAMES:,} more" if len(names) > _MAX_NAMES else ""
        say(f"left out, since their text is not kept whole: {', '.join(names[:_MAX_NAMES])}{more}. Load the file again")
