"""A choice of quarantined records goes in; they are printed, exported, sent again or removed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import typer
from rich import box
from rich.table import Table

import pipeline
import queries
from pipeline.cli import EXIT_CODES, tell
from pipeline.cli.ingest import print_outcomes, shown_progress, stdout_console, tell_refused
from pipeline.cli.table_formats import WRITERS, iso, require_place, shown, to_csv, write_bytes
from queries.answers.quarantined import Choice
from queries.errors import DataRefused, UsageError

# What a terminal is shown at most; the other formats have all.
_ROWS_SHOWN = 1_000
_NAMES_SHOWN = 5


def list_(names: Sequence[str], choice: Choice, table_format: str, out: Path | None, db: Path | None) -> None:
    """Print the records without their text."""
    require_place(table_format, out)
    found = _found(names, choice, db)
    if table_format == "table":
        _print_table(found)
    else:
        write_bytes(_json(found) if table_format == "json" else WRITERS[table_format](found), out)


def show(names: Sequence[str], choice: Choice, db: Path | None) -> None:
    """Print the records with their text; nothing in it can reach the terminal but as an escape of JSON."""
    write_bytes(_json(_found(names, choice, db, raw=True)), None)


def export(names: Sequence[str], choice: Choice, out: Path, reasons: Path | None, db: Path | None) -> None:
    """Write the records as a file, and what is wrong with them beside it; say on stderr what comes next."""
    found = _found(names, choice, db, raw=True)
    form, data = pipeline.export_quarantined(found)
    if out.suffix != f".{form}":
        raise UsageError("output.format", f"{out}: these records make a file of {form.upper()}", f"End it in .{form}")
    out.write_bytes(data)
    if reasons:
        reasons.write_bytes(to_csv(found.drop("header", "raw")))
    _tell_cut(found.filter(~pl.col("is_whole"))["id"].to_list())
    mappings = found["mapping"].unique().drop_nulls().to_list()
    mapping = f" --mapping {mappings[0]}" if len(mappings) == 1 else ""
    _tell(f"{out}: repair it, load it with `noshow ingest{mapping}`, then discard what it replaces")


def retry(
    names: Sequence[str],
    choice: Choice,
    every: bool,
    mapping: Path | None,
    as_json: bool,
    wait: float,
    db: Path | None,
) -> None:
    """Retry and print as ingest does; exit with 65 where a load's records could not be read again."""
    with shown_progress() as progress, pipeline.open_store(db, wait=wait) as store:
        outcomes = pipeline.retry_quarantined(
            store, names, every=every, mapping=mapping, progress=progress, left_out=_tell_cut, **choice
        )
    if as_json:
        typer.echo(json.dumps([outcome.to_json() for outcome in outcomes], indent=2))
    elif outcomes:
        print_outcomes(outcomes)
    else:
        _tell("nothing to retry")
    if tell_refused(outcomes):
        raise typer.Exit(EXIT_CODES[DataRefused])


def discard(names: Sequence[str], choice: Choice, every: bool, wait: float, db: Path | None) -> None:
    """Remove and print how many."""
    with pipeline.open_store(db, wait=wait) as store:
        number = pipeline.discard_quarantined(store, names, every=every, **choice)
    typer.echo(f"{number:,} discarded")


def _found(names: Sequence[str], choice: Choice, db: Path | None, raw: bool = False) -> pl.DataFrame:
    with closing(queries.connect(db)) as connection:
        return queries.quarantine(connection, names, raw=raw, **choice)


def _json(found: pl.DataFrame) -> bytes:
    """As ASCII: what is in a record must not steer a terminal."""
    return (json.dumps(found.to_dicts(), indent=2, default=iso) + "\n").encode()


def _print_table(found: pl.DataFrame) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    for head in ("id", "file", "place", "rule", "pointer", "message", "when (UTC)"):
        table.add_column(head, overflow="fold")
    for row in found.head(_ROWS_SHOWN).iter_rows(named=True):
        when = f"{row['quarantined_at']:%Y-%m-%d %H:%M}"
        cells = (row["id"], Path(row["file"]).name, _place(row), row["rule"], row["pointer"], row["message"], when)
        table.add_row(*map(shown, cells))
    if found.is_empty():
        _tell("no such record in quarantine")
        return
    stdout_console().print(table)
    if found.height > _ROWS_SHOWN:
        _tell(f"the first {_ROWS_SHOWN:,} of {found.height:,}; --format csv, json and parquet have all")


def _place(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {row[name]}" for name in ("line", "index") if row[name] is not None)


def _tell_cut(names: list[str]) -> None:
    if names:
        more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
        _tell(f"left out, since longer than what is kept: {', '.join(names[:_NAMES_SHOWN])}{more}. Load the file again")


def _tell(what: str) -> None:
    tell(what)
