"""The subcommands of `noshow quarantine`, each a thin edge around a public function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.choices import TableFormat
from pipeline.cli.completion import kinds, mappings, quarantined_loads, quarantined_rules
from pipeline.cli.logs import command
from pipeline.cli.options import Db, Out, OutputFormat, Wait
from pipeline.cli.streams import READ_MAPPING, WRITE

if TYPE_CHECKING:
    from queries.answers.quarantined import Choice

quarantine_app = typer.Typer(
    name="quarantine",
    help="Inspect, repair, retry or remove records that broke a rule.",
    no_args_is_help=True,
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[LOAD:RECORD...]", help="Records by name, such as 7:12.")]
Load = Annotated[
    int | None, typer.Option("--load", min=1, autocompletion=quarantined_loads, help="Only records of this load.")
]
Rule = Annotated[
    str | None, typer.Option("--rule", autocompletion=quarantined_rules, help="Only records that break this rule.")
]
Kind = Annotated[str | None, typer.Option("--kind", autocompletion=kinds, help="Only records of files of this kind.")]
File = Annotated[
    str | None, typer.Option("--file", metavar="TEXT", help="Only records of files with this text in their path.")
]
Every = Annotated[bool, typer.Option("--all", help="Choose all records.")]


@command(quarantine_app, "list")
def list_(
    names: Names = None,
    load: Load = None,
    rule: Rule = None,
    kind: Kind = None,
    file: File = None,
    table_format: Annotated[TableFormat, typer.Option("--format", help="The output format.")] = "table",
    out: Out = None,
    single: Annotated[bool, typer.Option("--records", help="List single records, however many they are.")] = False,
    by_rule: Annotated[bool, typer.Option("--by-rule", help="List rules and fields with example values only.")] = False,
    db: Db = None,
) -> None:
    """List quarantined records by rule and field with example values, then one by one if they are few.

    Their text, which may name people, is left out. The formats csv, json, parquet and xlsx list single records, unless
    --by-rule is given. CSV output is safe for spreadsheets: no cell can be a formula.
    """
    from pipeline.cli.quarantine import ListOptions, list_

    choice: Choice = {"load": load, "rule": rule, "kind": kind, "file": file}
    list_(names or [], choice, ListOptions(table_format, out, single, by_rule), db)


@command(quarantine_app)
def show(
    names: Names = None,
    load: Load = None,
    rule: Rule = None,
    kind: Kind = None,
    file: File = None,
    db: Db = None,
) -> None:
    """Print records in full as JSON, including their text."""
    from pipeline.cli.quarantine import show

    show(names or [], {"load": load, "rule": rule, "kind": kind, "file": file}, db)


@command(quarantine_app)
def export(
    out: Annotated[
        Path,
        typer.Option(
            "--out", callback=WRITE, help="The file to write: .ndjson, or .csv for rows of flat files. - is stdout."
        ),
    ],
    names: Names = None,
    load: Load = None,
    rule: Rule = None,
    kind: Kind = None,
    file: File = None,
    reasons: Annotated[
        Path | None, typer.Option("--reasons", callback=WRITE, help="A CSV file to write the broken rules to.")
    ] = None,
    db: Db = None,
) -> None:
    """Write records to a file, to repair and ingest it.

    The file holds their text byte for byte; CSV has the header of its source file. Open it in a text editor: in a
    spreadsheet, some cells may be formulas.
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
        Path | None,
        typer.Option(
            callback=READ_MAPPING,
            autocompletion=mappings,
            help="The corrected mapping, for records that were read with one.",
        ),
    ] = None,
    table_format: OutputFormat = "table",
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Load records again. Use it after a change of settings, mapping or bookings; records that fail stay."""
    from pipeline.cli.quarantine import retry

    choice: Choice = {"load": load, "rule": rule, "kind": kind, "file": file}
    retry(names or [], choice, every, mapping, table_format == "json", wait, db)


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
    """Remove records for good. The ledger counts them as discarded."""
    from pipeline.cli.quarantine import discard

    discard(names or [], {"load": load, "rule": rule, "kind": kind, "file": file}, every, wait, db)
