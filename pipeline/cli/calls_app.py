"""`noshow calls` and its subcommand, each a thin edge around a public function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.choices import CallOrder, TableFormat
from pipeline.cli.logs import command, group_command
from pipeline.cli.options import AsOf, Db, Out, Wait
from pipeline.cli.streams import READ

calls_app = typer.Typer(name="calls")


@group_command(calls_app)
def calls(
    context: typer.Context,
    days: Annotated[float, typer.Option(min=0, max=3_660, help="Days ahead, of 24 hours each.")] = 3,
    number: Annotated[int, typer.Option(min=1, help="Bookings to choose; those held back are among them.")] = 20,
    hold_back: Annotated[
        float,
        typer.Option(
            "--hold-back",
            min=0,
            max=0.9,
            help="Share to hold back at random, such as 0.5: the report then says whether the calls helped.",
        ),
    ] = 0,
    order: Annotated[
        CallOrder,
        typer.Option(
            help="Whom first. middle: the middle of the risk, as a call is expected to save most there. "
            "risk: the likeliest no-shows. soonest: the next sessions."
        ),
    ] = "middle",
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Seed of the draw. Default: that of the last list.")
    ] = None,
    where: Annotated[str | None, typer.Option("--where", help='A filter as JSON: {"service": "Yoga"}.')] = None,
    as_of: AsOf = None,
    names: Annotated[bool, typer.Option("--names", help="Show who booked by name instead of by pseudonym.")] = False,
    table_format: Annotated[TableFormat, typer.Option("--format", help="The output format.")] = "table",
    out: Out = None,
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """List whom to call before their session, and keep the list. noshow itself sends nothing."""
    from pipeline.cli.calls import CallsOptions, run

    run(CallsOptions(days, number, hold_back, order, seed, where, as_of, names, table_format, out, wait, db))


@command(calls_app)
def done(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", callback=READ, help="CSV, Excel or JSON with booking_id and, if known, reached. - is stdin."
        ),
    ],
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Record which calls of the lists were made, and whether somebody was reached."""
    from pipeline.cli.calls import done

    done(file, wait, db)
