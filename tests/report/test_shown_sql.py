"""The statements that a report shows: each runs in the real DuckDB shell and gives the numbers of the report."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.samples import few

import queries
from queries.statements import FACTS_SQL, literal, without_front
from reports.measured.frames import Needs
from reports.measured.parts import Scope, parts
from reports.measured.source import source_of
from reports.registry import SECTIONS
from reports.report import needs_of

SHELL = Path(sys.executable).with_name("duckdb")
AS_OF = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
WHERE = {"$or": [{"service": {"$in": ["Yoga", "Pilates", "Spinning", "O'Neill"]}}, {"isMarked": True}]}
COUNTS = ("bookings", "rated_bookings", "missed_bookings", "unmarked_bookings", "rows", "booked", "marks_made")


@pytest.fixture(scope="module")
def con(sample_db: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = queries.connect(sample_db)
    yield connection
    connection.close()


def in_the_shell(db: Path, statement: str) -> list[dict[str, Any]]:
    command = [str(SHELL), "-readonly", "-json", "-bail", str(db)]
    done = subprocess.run(command, input=statement, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return rows


def sums(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in COUNTS if rows and name in rows[0]}


@pytest.mark.long
@pytest.mark.parametrize("split", few(["location", None], 1))
def test_every_statement_gives_the_reports_numbers_in_the_shell(
    sample_db: Path, con: duckdb.DuckDBPyConnection, split: str | None
) -> None:
    every = list(parts(source_of(con), Scope(WHERE, AS_OF, split=split), needs_of(SECTIONS), 10))
    part = every[-1]
    frames = {"overall": part.frames.overall, **part.frames.by, **part.frames.counts, **part.frames.rows}
    frames |= part.frames.records
    assert set(part.frames.sql) == set(frames)
    for name, statement in part.frames.sql.items():
        rows = in_the_shell(sample_db, statement)
        if name == "waterfall":
            whole = part.frames.rows["waterfall"].filter(pl.col("step") == "pairs")["rows"].item()
            assert sum(row["rows"] for row in rows) == whole
            continue
        assert len(rows) == frames[name].height, name
        assert sums(rows) == sums(frames[name].to_dicts()), name


@pytest.mark.long
def test_the_overall_statement_gives_the_rate_to_the_last_digit(
    sample_db: Path, con: duckdb.DuckDBPyConnection
) -> None:
    (part,) = parts(source_of(con), Scope(WHERE, AS_OF), needs_of(SECTIONS), 10)
    (row,) = in_the_shell(sample_db, part.frames.sql["overall"])
    ours = part.frames.overall.row(0, named=True)
    for name in ("no_show_rate", "no_show_rate_low", "no_show_rate_high", "coverage", "participant_no_show_rate_low"):
        assert row[name] == ours[name]


FRONT = f"with roster as (select ')' as x), facts as ({FACTS_SQL})"
VIEWS = f"create temp view roster as select ')' as x;\ncreate temp view facts as {FACTS_SQL};"


@pytest.mark.parametrize(
    ("statement", "split"),
    [
        (f"{FRONT}\nselect 1;", (VIEWS, "select 1;")),
        (f"{FRONT},\n-- Why.\nown as (select 1) from own;", (VIEWS, "with\n-- Why.\nown as (select 1) from own;")),
        ("from load_ledger;", ("", "from load_ledger;")),
    ],
)
def test_a_statement_is_split_from_its_definitions(statement: str, split: tuple[str, str]) -> None:
    assert without_front(statement) == split


@pytest.mark.long
def test_statements_over_the_views_give_the_same_rows(con: duckdb.DuckDBPyConnection) -> None:
    """As the page has them: the views once, then a plain statement, one with comments, and one with its own `with`."""
    needs = Needs(by=("local_weekday",), rows=("waterfall", "concentration"))
    (part,) = parts(source_of(con), Scope(WHERE, AS_OF), needs, 10)
    shell = con.cursor()
    shell.execute("use attendance")
    split = {name: without_front(statement) for name, statement in part.frames.sql.items()}
    (views,) = {views for views, _ in split.values()}
    shell.execute(views)
    for name, (_, text) in split.items():
        rows = shell.execute(text).fetchall()
        assert rows, name
        assert sorted(map(str, rows)) == sorted(map(str, con.execute(part.frames.sql[name]).fetchall())), name
    assert {text.split()[0] for _, text in split.values()} == {"select", "with"}


@pytest.mark.parametrize("text", ["O'Neill", "", "\u202eevil", "tab\tand\nline", "'; drop table booking; --", "日本"])
def test_a_text_is_written_out_so_that_the_shell_reads_the_same(sample_db: Path, text: str) -> None:
    written = literal(text)
    assert not set(written) & set("\u202e\t\n")
    assert in_the_shell(sample_db, f"select {written} as text") == [{"text": text}]
