"""A record that feeds several rows of one entity: each row is judged by itself, whatever becomes of the others."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import duckdb
import pytest
from support.fixtures import LoadFile
from support.samples import few

import pipeline
from pipeline.store.content_state import differing_tables
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)
REGISTER = """
namespace = "register"
null = [""]
[unpivot]
columns = "S*"
[service]
id = "class"
name = "class"
[session]
id = "class || _column"
serviceId = "class"
startDate = "'2026-06-0' || _column[2] || ' 18:00'"
timezone = "'Europe/Dublin'"
[booking]
id = "student || class || _column"
status = "'CONFIRMED'"
eventId = "class || _column"
serviceId = "class"
startDate = "'2026-06-0' || _column[2] || ' 18:00'"
timezone = "'Europe/Dublin'"
[attendance]
when = "_value in ('x', 'o')"
bookingId = "student || class || _column"
eventId = "class || _column"
status = "case _value when 'x' then 'ATTENDED' else 'NOT_ATTENDED' end"
"""
STUDENTS = {"ann": "Yoga", "bob": "Yoga", "cleo": "Spin"}


@pytest.fixture
def register(store: Store, tmp_path: Path) -> LoadFile:
    """Load marks, by student, as a register with a column for each session."""
    (tmp_path / "m.toml").write_text(REGISTER)

    def load(marks: dict[str, str]) -> pipeline.FileOutcome:
        lines = [
            f"{student},{STUDENTS[student]},{','.join(cells.replace('-', ' '))}" for student, cells in marks.items()
        ]
        text = "\n".join(["student,class,S1,S2,S3", *lines, ""]).replace(" ", "")
        (tmp_path / "register.csv").write_text(text)
        (outcome,) = pipeline.ingest(store, [tmp_path / "register.csv"], mapping=tmp_path / "m.toml", now=NOW)
        return outcome

    return load


def held(con: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    return tuple(
        con.execute(f"select count(*) from {table}").fetchall()[0][0]
        for table in ("service", "session", "booking", "attendance")
    )


def test_rows_that_repeat_within_a_record_are_kept_once(register: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    outcome = register({"ann": "xox", "bob": "x-o", "cleo": "oox"})
    assert (outcome.read, outcome.loaded) == (3, 3)
    assert held(con) == (2, 6, 9, 8)


def test_a_new_mark_beside_unchanged_ones_is_loaded(register: LoadFile, con: duckdb.DuckDBPyConnection) -> None:
    register({"ann": "xox", "bob": "x-o", "cleo": "oox"})
    outcome = register({"ann": "xoo", "bob": "xxo", "cleo": "oox"})
    assert (outcome.loaded, outcome.unchanged, outcome.replaced) == (2, 1, 1)
    assert held(con) == (2, 6, 9, 9)
    assert con.execute("select load_id, count(*) from attendance group by 1 order by 1").fetchall() == [(1, 7), (2, 2)]
    assert differing_tables(con) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", few(range(10), 1))
def test_marks_are_those_of_the_last_register_that_has_them(
    register: LoadFile, store: Store, con: duckdb.DuckDBPyConnection, seed: int
) -> None:
    draw = random.Random(seed)
    wanted: dict[tuple[str, int], str] = {}
    for _ in range(4):
        marks = {student: "".join(draw.choices("xo-", k=3)) for student in draw.sample(sorted(STUDENTS), 2)}
        register(marks)
        wanted |= {(s, at): mark for s, cells in marks.items() for at, mark in enumerate(cells) if mark != "-"}
    found = con.execute("select status, count(*) from attendance group by status").fetchall()
    statuses = [{"x": "ATTENDED", "o": "NOT_ATTENDED"}[mark] for mark in wanted.values()]
    assert dict(found) == {status: statuses.count(status) for status in set(statuses)}
    pipeline.unload(store, con.execute("select list(load_id) from load_ledger").fetchall()[0][0])
    assert held(con) == (0, 0, 0, 0)
    assert con.execute("select count(*) from internal.replaced_row").fetchall() == [(0,)]
