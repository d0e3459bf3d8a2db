"""The commands and their options, each a thin edge around a public function; those that load and read have files of
their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import loading_commands, reading_commands
from pipeline.cli.attendance_app import attendance_app
from pipeline.cli.calls_app import calls_app
from pipeline.cli.logs import command
from pipeline.cli.mapping_app import mapping_app
from pipeline.cli.model_app import model_app
from pipeline.cli.options import Db, OutputFormat, Wait
from pipeline.cli.quarantine_app import quarantine_app
from pipeline.cli.streams import ON_DISK, READ

app = typer.Typer(
    help="No-show reports from booking and attendance records.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich alone would double the time of `noshow --help`
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(attendance_app)
app.add_typer(calls_app)
app.add_typer(mapping_app)
app.add_typer(model_app)
app.add_typer(quarantine_app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("noshow"))
        raise typer.Exit


@app.callback()
def _app(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            callback=ON_DISK,
            help="The settings file. Default: NOSHOW_CONFIG, else noshow.toml, here or above.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options of noshow itself."""
    from pipeline.cli.surroundings import surroundings

    ctx.with_resource(surroundings(config))


for name, function in (
    ("demo", loading_commands.demo),
    ("sample", loading_commands.sample),
    ("ingest", loading_commands.ingest),
    ("nightly", loading_commands.nightly),
    ("unload", loading_commands.unload),
    ("pull", loading_commands.pull),
    ("rates", reading_commands.rates),
    ("upcoming", reading_commands.upcoming),
    ("export", reading_commands.export),
    ("export-lake", reading_commands.export_lake),
    ("report", reading_commands.report),
    ("reconcile", reading_commands.reconcile),
    ("check", reading_commands.check),
    ("open", reading_commands.open_report),
    ("sql", reading_commands.sql),
):
    command(app, name)(function)


@command(app)
def serve(
    host: Annotated[str, typer.Option(help="The address to listen at. Other machines need a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port. 0 takes any free one.")] = 8787,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", callback=READ, help="A file with the token to require. Default: NOSHOW_TOKEN."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Take and answer attendance only as the API declares it.")
    ] = False,
    db: Db = None,
) -> None:
    """Answer the API's calls over HTTP from the database. For development without a site."""
    from pipeline.cli.serve import run

    run(host, port, token_file, strict, db)


@command(app)
def doctor(
    recover: Annotated[bool, typer.Option("--recover", help="Repair the files; damaged ones are set aside.")] = False,
    table_format: OutputFormat = "table",
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Examine the database's files. Lists problems, losses and remedies, and exits with 1 if there is a problem."""
    from pipeline.cli.doctor import run

    run(db, recover, table_format == "json", wait)


@command(app)
def erase(
    contact: Annotated[str, typer.Option(help="The id of the contact.")],
    also: Annotated[
        list[str] | None, typer.Option(help="Another text that identifies the person: e-mail, phone. May be repeated.")
    ] = None,
    table_format: OutputFormat = "table",
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Remove a person from every file that noshow keeps. All figures stay the same."""
    from pipeline.cli.erase import run

    run(contact, also or [], table_format == "json", wait, db)


@command(app)
def settings(
    table_format: OutputFormat = "table",
    db: Db = None,
) -> None:
    """Print every setting, its value and its origin. Values that the database keeps are shown beside them."""
    from pipeline.cli.settings import run

    run(table_format, db)
