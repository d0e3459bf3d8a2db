"""Print why another system's number differs from noshow's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import typer

import queries
from pipeline.cli.exits import say
from pipeline.cli.filters import read_where
from pipeline.cli.json_output import json_text
from pipeline.cli.report import read_date
from pipeline.cli.streams import STDIO, write_bytes
from pipeline.cli.table_formats import WRITERS, iso
from pipeline.cli.upcoming import Column, percent, print_table
from pipeline.printable import printable
from pipeline.reconciling.their_file import Theirs, read_theirs
from pipeline.reconciling.their_states import Words
from pipeline.store.verification import require_sound
from queries.errors import UsageError

if TYPE_CHECKING:
    import duckdb

# So many explanations and groups are printed; --format json has all.
_PRINTED = 12
_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class ReconcileOptions:
    """The options of `noshow reconcile`."""

    says: str | None
    of: str | None
    theirs: Path | None
    where: str | None
    as_of: str | None
    first: str | None
    last: str | None
    missed: tuple[str, ...]
    came: tuple[str, ...]
    dates: str | None
    mapping: Path | None
    table_format: str
    out: Path | None
    db: Path | None


def run(asked: ReconcileOptions) -> None:
    """Compare and print: the sentence first, then the explanations that fit; differing rows go to the file of --out."""
    if asked.of is not None and asked.says is None:
        raise UsageError("reconcile.of", "--of without --says", "Give the percentage with --says 8.1%")
    writer = _writer(asked)
    with closing(queries.connect(asked.db)) as con:
        require_sound(con)
        theirs = _theirs(con, asked)
        for remark in theirs.remarks:
            say(remark)
        answer = queries.reconcile(
            con,
            asked.says,
            asked.of,
            bookings=theirs.bookings,
            sums=theirs.sums,
            where=read_where(asked.where),
            as_of=asked.as_of,
            first=read_date(asked.first, "--from"),
            last=read_date(asked.last, "--to"),
        )
    if writer:
        write_bytes(writer(answer.rows if theirs.bookings is not None else answer.groups), asked.out)
    if asked.out == STDIO:
        say(printable(answer.sentence, _LONGEST))  # the rows have stdout
    elif asked.table_format == "json":
        typer.echo(json_text(in_json(answer), iso))
    else:
        _print(answer, theirs)


def in_json(answer: queries.Reconciliation) -> dict[str, Any]:
    """The answer as an object of plain types."""
    return {
        "verdict": answer.verdict,
        "sentence": answer.sentence,
        "numerator": answer.numerator,
        "denominator": answer.denominator,
        "rate": answer.rate,
        "tried": answer.tried,
        "by_chance": answer.by_chance,
        "explained_rows": answer.explained_rows,
        "unexplained_rows": answer.unexplained_rows,
        "fits": answer.fits.to_dicts(),
        "rows": answer.rows.to_dicts(),
        "groups": answer.groups.to_dicts(),
    }


def _theirs(con: duckdb.DuckDBPyConnection, asked: ReconcileOptions) -> Theirs:
    if asked.theirs is None:
        return Theirs()

    def known_ids() -> list[str]:
        return [booking for (booking,) in con.execute("select id::varchar from booking").fetchall()]

    return read_theirs(asked.theirs, known_ids, Words(asked.missed, asked.came), asked.dates, asked.mapping)


def _writer(asked: ReconcileOptions) -> Callable[[pl.DataFrame], bytes] | None:
    """The writer of the differing rows. Raises `UsageError` if there are none to write, or for an unknown suffix."""
    if asked.out is None:
        return None
    if asked.theirs is None:
        raise UsageError("reconcile.out", "--out without --with", "Rows differ only from a list: give it with --with")
    suffix = "csv" if asked.out == STDIO else asked.out.suffix.removeprefix(".").lower()
    if suffix not in WRITERS:
        raise UsageError("reconcile.out", f"{asked.out}: unknown suffix", f"End it in .{', .'.join(WRITERS)}")
    return WRITERS[suffix]


_FITS = (
    Column("explanation", "explanation"),
    Column("no-shows", "numerator", is_number=True),
    Column("of", "denominator", is_number=True),
    Column("rate", "rate", lambda row: percent(row["rate"]), True),
    Column("rows changed", "rows_added", lambda row: _change(row, "rows"), True),
    Column("no-shows changed", "no_shows_added", lambda row: _change(row, "no_shows"), True),
    Column("who counts so", "source"),
)
_GROUPS = (
    Column("group", "group"),
    Column("no-shows", "numerator", is_number=True),
    Column("of", "denominator", is_number=True),
    Column("theirs", "their_numerator", is_number=True),
    Column("of", "their_denominator", is_number=True),
)


def _print(answer: queries.Reconciliation, theirs: Theirs) -> None:
    typer.echo(printable(answer.sentence, _LONGEST))
    if not answer.fits.is_empty() and answer.fits["explanation"][0] != "own":
        print_table(answer.fits.head(_PRINTED), _FITS)
    if answer.groups.height and answer.verdict != "explained":
        print_table(answer.groups.head(_PRINTED), _GROUPS)
    more = answer.fits.height - _PRINTED
    if more > 0:
        say(f"{more:,} more explanations fit: --format json lists them")
    if theirs.bookings is not None and answer.rows.height:
        say(
            f"{answer.rows.height:,} rows differ, {answer.explained_rows:,} explained, "
            f"{answer.unexplained_rows:,} not: --out rows.csv lists them"
        )


def _change(row: Mapping[str, Any], of: str) -> str:
    added, removed = row[f"{of}_added"], row[f"{of}_removed"]
    parts = [f"+{added:,}" if added else "", f"−{removed:,}" if removed else ""]
    return " ".join(filter(None, parts)) or "0"
