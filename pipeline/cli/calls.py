"""Print a list of whom to call, and record the calls that were made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import typer

import pipeline
import queries
from pipeline.cli.exits import say
from pipeline.cli.filters import read_where
from pipeline.cli.streams import write_bytes
from pipeline.cli.table_formats import WRITERS, require_fitting_output
from pipeline.cli.upcoming import Column, percent, print_table, pseudonym_key, start_of, with_people
from queries.model.vocabularies import CALL_ARMS

_CALL, _ = CALL_ARMS
_LISTED = (
    "booking_id",
    "session_id",
    "service",
    "location",
    "staff",
    "starts_at",
    "local_start",
    "participant",
    "booked",
    "lead_time",
    "no_show_chance",
    "is_reported",
)
_COLUMNS = (
    Column("session", "local_start", lambda row: start_of(row["local_start"])),
    Column("service", "service"),
    Column("booked by", "participant"),
    Column("participants", "booked", is_number=True),
    Column("chance of a no-show", "no_show_chance", lambda row: percent(row["no_show_chance"]), True),
    Column("called", "is_reported", lambda row: "yes" if row["is_reported"] else ""),
)


@dataclass(frozen=True, slots=True)
class CallsOptions:
    """The options of `noshow calls`."""

    days: float
    number: int
    hold_back: float
    order: str
    seed: int | None
    where: str | None
    as_of: str | None
    names: bool
    table_format: str
    out: Path | None
    wait: float
    db: Path | None


def run(asked: CallsOptions) -> None:
    """Make the list, keep it, and print those to call; say on stderr how many are held back.

    Raises `InputNotFound` if there is no database: a list would make an empty one.
    """
    require_fitting_output(asked.table_format, asked.out)
    where = read_where(asked.where)
    queries.connect(asked.db).close()
    with pipeline.open_store(asked.db, wait=asked.wait) as store:
        chosen = pipeline.list_calls(
            store, asked.days, asked.number, asked.hold_back, asked.order, asked.seed, where, asked.as_of
        )
        key = pseudonym_key(store.connection, store.settings)
    to_call = with_people(chosen.filter(pl.col("arm") == _CALL), asked.names, key).select(_LISTED)
    if asked.table_format == "table":
        print_table(to_call, _COLUMNS)
    else:
        write_bytes(WRITERS[asked.table_format](to_call), asked.out)
    held_back = chosen.height - to_call.height
    say(f"{to_call.height:,} to call" + (f", {held_back:,} held back: do not call them" if held_back else ""))


def done(file: Path, wait: float, db: Path | None) -> None:
    """Record and say how many."""
    queries.connect(db).close()
    with pipeline.open_store(db, wait=wait) as store:
        recorded = pipeline.record_calls(store, file)
    calls = "call" if recorded.calls == 1 else "calls"
    typer.echo(f"{recorded.calls:,} {calls} recorded, {recorded.reached:,} with somebody reached")
    if recorded.held_back:
        say(f"{recorded.held_back:,} of them were held back: they count as such, and hide a part of the effect")
