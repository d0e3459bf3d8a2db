"""The subcommands of `noshow mapping`, each a thin edge around a public function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.choices import DateOrder
from pipeline.cli.completion import mappings
from pipeline.cli.logs import command
from pipeline.cli.options import OutputFormat
from pipeline.cli.streams import READ, READ_MAPPING, WRITE

mapping_app = typer.Typer(
    name="mapping",
    help="Make, check or list mappings, which describe other systems' files.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(metavar="FILE", callback=READ, help="A file of another system. - is stdin.")]
Encoding = Annotated[str, typer.Option(help="Encoding of CSV files.")]


@command(mapping_app)
def draft(
    file: File,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            callback=WRITE,
            help="The mapping to write, or - for stdout. Default: named like the file, in this folder.",
        ),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="NAME=ANSWER", help="Answer a question, such as Absent=no_show. Repeatable."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a mapping that is there.")] = False,
    encoding: Encoding = "utf-8",
) -> None:
    """Look at a file and write a mapping of it in words, to edit. On a terminal, ask what is not certain.

    Without a terminal, and for a question that is passed over, "?" stands in the mapping; it is loaded once each has
    an answer.
    """
    from pipeline.cli.mapping_draft import run

    run(file, out, answers or [], force, encoding)


@command(mapping_app)
def check(
    file: File,
    mapping: Annotated[
        Path,
        typer.Option(
            "--mapping",
            metavar="NAME|FILE",
            callback=READ_MAPPING,
            autocompletion=mappings,
            help="The mapping, or one that comes with noshow. - is stdin.",
        ),
    ],
    encoding: Encoding = "utf-8",
    dates: Annotated[
        DateOrder | None,
        typer.Option(help="Whether day or month comes first. Default: decided by the values of the file."),
    ] = None,
    table_format: OutputFormat = "table",
) -> None:
    """Try a mapping on a whole file without a database: rows before and after, counts, faults and the headline.

    Exits with 65 if the file would be refused, and with 3 if more of it would be set aside than the settings accept.
    """
    from pipeline.cli.mapping_check import run

    run(file, mapping, encoding, dates, table_format == "json")


@command(mapping_app, "list")
def list_(table_format: OutputFormat = "table") -> None:
    """List the formats and mappings that come with noshow, with the marks that each system records."""
    from pipeline.cli.mapping_list import run

    run(table_format == "json")
