"""The commands below `noshow quarantine`: each one a thin edge around a function of the packages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.choices import TableFormat
from pipeline.cli.logs import command
from pipeline.cli.options import Db, Wait

quarantine_app = typer.Typer(
    name="quarantine",
    help="Look at, repair, resend or remove what broke a rule.",
    no_args_is_help=True,
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[LOAD:RECORD...]", help="Records by name, such as 7:12.")]
Load = Annotated[int | None, typer.Option("--load", min=1, help="Only those of this load.")]
Rule = Annotated[str | None, typer.Option("--rule", help="Only those that break this rule.")]
Kind = Annotated[str | None, typer.Option("--kind", help="Only those of files that hold this kind of record.")]
File = Annotated[str | None, typer.Option("--file", metavar="TEXT", help="Only those of files with this in the path.")]
Every = Annotated[bool, typer.Option("--all", help="All of them.")]


@command(quarantine_app, "list")
def list_(
    names: Names = None,
    load: Load = None,
    rule: Rule = None,
    kind: Kind = None,
    file: File = None,
    table_format: Annotated[TableFormat, typer.Option("--format", help="How to print it.")] = "table",
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead of stdout.")] = None,
    db: Db = None,
) -> None:
    """Print where each record stood and which rule it broke. Not its text, which may name people.

    As CSV it is made for spreadsheets: no cell can be a formula.
    """
    from pipeline.cli.quarantine import list_

    list_(names or [], {"load": load, "rule": rule, "kind": kind, "file": file}, table_format, out, db)


@command(quarantine_app)
def show(
    names: Names = None,
    load: Load = None,
    rule: Rule = None,
    kind: Kind = None,
    file: File = None,
    db: Db = None,
) -> None:
    """Print everything of records as JSON, with their text as it was."""
    from pipeline.cli.quarantine import show

    show(names or [], {"load": load, "rule": rule, "kind": kind, "file": file}, db)


@command(quarantine_app)
def export(
    out: Annotated[Path, typer.Option("--out", help="The file to write: .ndjson, or .csv for rows of flat files.")],
    names: Names = None,
    load: Load = None,
    rule: Rule = None,
    kind: Kind = None,
    file: File = None,
    reasons: Annotated[Path | None, typer.Option("--reasons", help="A CSV to write what is wrong into.")] = None,
    db: Db = None,
) -> None:
    """Write records to a file, to repair them there and to ingest it.

    It holds their text byte for byte, CSV with the header of its file: for an editor, not for a spreadsheet, in which
    some cells may be formulas.
    """
    from pipeline.cli.quarantine import export

    export(names or [], {"load": load, "rule": rule, "kind": kind, "file": file}, out, reasons, db)


@command(quarantine_app)
def retry(
    names: Names = None,
    load: Load = None,
    rule: Rule = None,
    kind: Kind = None,
    file: File = None,
    every: Every = False,
    mapping: Annotated[
        Path | None, typer.Option(help="The mapping, corrected, for records of files that were read with one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome of each load as JSON.")] = False,
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Send records through again. After a setting, a mapping or the bookings have changed; those that fail stay."""
    from pipeline.cli.quarantine import retry

    retry(names or [], {"load": load, "rule": rule, "kind": kind, "file": file}, every, mapping, as_json, wait, db)


@command(quarantine_app)
def discard(
    names: Names = None,
    load: Load = None,
    rule: Rule = None,
    kind: Kind = None,
    file: File = None,
    every: Every = False,
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Remove records for good; the ledger counts them as discarded."""
    from pipeline.cli.quarantine import discard

    discard(names or [], {"load": load, "rule": rule, "kind": kind, "file": file}, every, wait, db)
