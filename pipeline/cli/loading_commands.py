"""The commands that bring records in and take loads back, with their options; `app` makes commands of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.choices import DateOrder, IngestFormat, Kind, SourceFormat
from pipeline.cli.completion import loads as loads_of_database
from pipeline.cli.completion import mappings
from pipeline.cli.logs import AsJson
from pipeline.cli.options import Db, OutputFormat, Wait
from pipeline.cli.streams import ON_DISK, READ, READ_MAPPING
from queries.model.vocabularies import PRINTED_FORMATS


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", callback=ON_DISK, help="The folder for the demo, rebuilt each time.")
    ] = Path("data/demo"),
    seed: Annotated[int, typer.Option(help="A different seed gives a different sample.")] = 1,
) -> None:
    """Make a sample of a small chain, load it and write its report."""
    from pipeline.cli.demo import run

    run(folder, seed)


def sample(
    out: Annotated[Path, typer.Option("--out", callback=ON_DISK, help="The folder to write into.")],
    bookings: Annotated[int, typer.Option(min=1, help="About how many bookings.")] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same sample.")] = 1,
    until: Annotated[str | None, typer.Option(help="Last day of its year (ISO date). Default: today.")] = None,
) -> None:
    """Write a made-up year of records, of any size. The files have the API's own shapes."""
    from pipeline.cli.demo import write

    write(out, bookings, seed, until)


def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files, or folders of files. - is stdin.", metavar="FILE|FOLDER...", callback=READ),
    ],
    db: Db = None,
    kind: Annotated[Kind | None, typer.Option(help="The kind of records. Default: recognised by content.")] = None,
    source_format: Annotated[
        SourceFormat | None, typer.Option("--source-format", help="The format of the files. Default: by their names.")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="A mapping (TOML) that describes another system's files, or the name of one that comes with noshow: "
            "hotel, studio, or a format. Default: known exports are recognised.",
            metavar="NAME|FILE",
            callback=READ_MAPPING,
            autocompletion=mappings,
        ),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of CSV files.")] = "utf-8",
    dates: Annotated[
        DateOrder | None,
        typer.Option(help="Whether day or month comes first. Default: decided by the values of the file."),
    ] = None,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help="These files are all there is of their dates: remove bookings they do not have."
        ),
    ] = False,
    first: Annotated[
        str | None,
        typer.Option("--from", help="With --complete: the first local date (ISO date). Default: of the files."),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="With --complete: the last local date (ISO date). Default: of the files.")
    ] = None,
    replaces: Annotated[
        bool, typer.Option("--replace", help="First take back the load of the same file under another mapping.")
    ] = False,
    table_format: Annotated[
        IngestFormat,
        typer.Option("--format", help="The output format.", metavar=f"[{'|'.join(PRINTED_FORMATS)}]"),
    ] = "table",
    as_json: AsJson = False,
    wait: Wait = 0,
) -> None:
    """Load exports into the database. Every record is loaded, counted or quarantined."""
    from pipeline.cli.ingest import IngestOptions, run

    if table_format not in PRINTED_FORMATS:
        source_format = source_format or table_format
    options = IngestOptions(kind, source_format, mapping, encoding, complete, first, last, replaces, dates)
    run(paths, options, as_json or table_format == "json", wait, db)


def nightly(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan, and do nothing.")] = False,
    table_format: OutputFormat = "table",
    wait: Wait = 300,
    db: Db = None,
) -> None:
    """Load, check, report and export, as the table [nightly] of noshow.toml says. An interrupted night goes on."""
    from pipeline.cli.nightly.run import run

    run(dry_run, table_format == "json", wait, db)


def unload(
    loads: Annotated[
        list[int],
        typer.Argument(metavar="LOAD...", help="Numbers of loads.", min=1, autocompletion=loads_of_database),
    ],
    table_format: OutputFormat = "table",
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Take back loads: remove their rows, and bring back the rows they replaced."""
    from pipeline.cli.unload import run

    run(loads, table_format == "json", wait, db)


def pull(
    since: Annotated[
        str | None,
        typer.Option("--since", help="Fetch changes since this date or moment (ISO). Default: the last pull."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Fetch everything, and remove attendance deleted at the source.")
    ] = False,
    replay: Annotated[bool, typer.Option("--replay", help="Load the saved pages again, without fetching.")] = False,
    table_format: OutputFormat = "table",
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Fetch bookings and attendance from the API and load them. The next run continues an interrupted one."""
    from pipeline.cli.pull import run

    run(since, full, replay, table_format == "json", wait, db)
