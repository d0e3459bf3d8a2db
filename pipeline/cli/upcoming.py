"""Print the days ahead: how many no-shows to expect, or the bookings they are expected of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from rich import box
from rich.table import Table

import queries
from pipeline.cli.exits import say
from pipeline.cli.filters import read_where
from pipeline.cli.streams import write_bytes
from pipeline.cli.table_formats import WRITERS, cell, require_fitting_output
from pipeline.cli.terminal import stdout_console
from pipeline.settings import Settings, read_settings
from pipeline.store.verification import require_sound
from queries.model.groupings import MIDNIGHT
from queries.secret import key_of
from reports.scope.pseudonyms import participant_namer

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UpcomingOptions:
    """The options of `noshow upcoming`."""

    days: float
    by: str
    table_format: str
    where: str | None
    as_of: str | None
    names: bool
    out: Path | None
    db: Path | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the printed table: its head, and the text of a row's cell, by default that of the column `name`."""

    head: str
    name: str
    text: Callable[[Row], str | None] | None = None
    is_number: bool = False

    def cell(self, row: Row) -> str:
        """The cell of a row; a dash for nothing."""
        return cell(self.text(row) if self.text else row[self.name])


_START = Column("session", "local_start", lambda row: start_of(row["local_start"]))
_NUMBERS = (
    Column("bookings", "bookings", is_number=True),
    Column("participants", "booked", is_number=True),
    Column("seats", "seats", is_number=True),
    Column("waiting", "waiting", is_number=True),
    Column("expected no-shows", "expected_no_shows", lambda row: _one_decimal(row["expected_no_shows"]), True),
    Column("95 % interval", "no_shows_low", lambda row: _interval(row), True),
)
_OF_A_SESSION = (
    _START,
    Column("service", "service"),
    Column("location", "location"),
    Column("staff", "staff"),
    *_NUMBERS,
    Column("seats to offer", "seats_to_offer", is_number=True),
)
_OF_A_BOOKING = (
    _START,
    Column("service", "service"),
    Column("booked by", "participant"),
    Column("participants", "booked", is_number=True),
    Column("lead time", "lead_time"),
    Column("earlier no-shows", "earlier_no_shows", lambda row: _earlier(row), True),
    Column("rate of service and lead time", "group_rate", lambda row: percent(row["group_rate"]), True),
    Column("risk", "risk_band", is_number=True),
)


def run(asked: UpcomingOptions) -> None:
    """Query and print; name the source of the chances on stderr."""
    require_fitting_output(asked.table_format, asked.out)
    settings = read_settings()
    scope: dict[str, Any] = {"days": asked.days, "where": read_where(asked.where), "as_of": asked.as_of}
    with closing(queries.connect(asked.db)) as con:
        require_sound(con)
        if asked.by == "booking":
            frame = with_people(queries.upcoming_bookings(con, **scope), asked.names, pseudonym_key(con, settings))
        else:
            frame = queries.upcoming_sessions(con, asked.by, risk=settings.full_class_risk, **scope)
        card = queries.model_card(con, asked.as_of)
    if asked.table_format != "table":
        write_bytes(WRITERS[asked.table_format](frame), asked.out)
        return
    print_table(frame, _columns(asked.by, card))
    say(source_of_chances(card))


def pseudonym_key(con: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """The key of pseudonyms: that of the settings, else that of the database, else empty."""
    return settings.pseudonym_key.get_secret_value() if settings.pseudonym_key else key_of(con, "pseudonyms") or ""


def with_people(bookings: pl.DataFrame, names: bool, key: str) -> pl.DataFrame:
    """Bookings with `participant`, the pseudonym of who booked, or with `names` the name, in place of id and name.

    Raises `InputNotFound` if there is no key to make pseudonyms with.
    """
    name = participant_namer(names, key)
    named = [name(*row) for row in bookings.select("participant_id", "participant_name").iter_rows()]
    at = bookings.columns.index("participant_id")
    return bookings.drop("participant_id", "participant_name").insert_column(
        at, pl.Series("participant", named, dtype=pl.String)
    )


def source_of_chances(card: Mapping[str, Any] | None) -> str:
    """The source of the chances of no-shows, in a sentence."""
    of_groups = "chances are the past rates of the same service and lead time"
    if card is None:
        return f"{of_groups}; `noshow model train` tries whether a model does better"
    if not card["licensed"]:
        return f"{of_groups}: {card['verdict']}"
    return f"chances are those of the model of {card['trained_at'][:10]}: {card['verdict']}"


def _columns(by: str, card: Mapping[str, Any] | None) -> Sequence[Column]:
    if by == "session":
        return _OF_A_SESSION
    if by != "booking":
        return (Column(by, by), Column("sessions", "sessions", is_number=True), *_NUMBERS)
    return _OF_A_BOOKING if card and card["licensed"] else _OF_A_BOOKING[:-1]


def print_table(frame: pl.DataFrame, columns: Sequence[Column]) -> None:
    """Print a frame on the terminal, each row by the columns."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column.head, justify="right" if column.is_number else "left", overflow="fold")
    for row in frame.iter_rows(named=True):
        table.add_row(*(column.cell(row) for column in columns))
    stdout_console().print(table)


def start_of(local: dt.datetime) -> str:
    """`Mon 2026-03-02 18:00`; without the time at midnight, which stands for an unknown one."""
    return f"{local:%a %Y-%m-%d %H:%M}".removesuffix(MIDNIGHT)


def _interval(row: Row) -> str | None:
    return None if row["no_shows_low"] is None else f"{row['no_shows_low']:,} to {row['no_shows_high']:,}"


def _earlier(row: Row) -> str:
    return f"{row['earlier_no_shows']:,} of {row['earlier_bookings']:,}"


def _one_decimal(number: float | None) -> str | None:
    return None if number is None else f"{number:,.1f}"


def percent(rate: float | None) -> str | None:
    """A rate as `12.3 %`."""
    return None if rate is None else f"{100 * rate:.1f} %"
