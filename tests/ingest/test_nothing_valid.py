"""A file of which no record is valid is refused, however small, and says why; nothing of it is stored."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Load, Run
from support.records import Make

import pipeline
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
MAPPING = """
[service]
id = "svc"
name = "svc"
[booking]
id = "id"
status = "'CONFIRMED'"
eventId = "id"
startDate = "strptime(\\"when\\", '%Y-%m-%d %H:%M')"
timezone = "'Europe/Dublin'"
"""


def rows_of(con: duckdb.DuckDBPyConnection) -> int:
    tables = (
        "service",
        "session",
        "booking",
        "attendance",
        "quarantine",
        "load_ledger",
        "load_finding",
        "internal.replaced_row",
    )
    return sum(con.execute(f"select count(*) from {table}").fetchall()[0][0] for table in tables)


def test_a_wrong_format_of_dates_is_named(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING)
    (tmp_path / "v.csv").write_text(
        "id,when,svc\n1,02.03.2026 10h,Yoga\n2,03.03.2026 10h,Yoga\n3,04.03.2026 10h,Spin\n"
    )
    (outcome,) = pipeline.ingest(store, [tmp_path / "v.csv"], mapping=tmp_path / "m.toml", now=NOW)
    assert outcome.refused.code == "file.nothing_valid"
    assert outcome.refused.message.startswith(
        "none of its 3 rows is valid; startDate of the first is '02.03.2026 10h', which is not '%Y-%m-%d %H:%M'"
    )
    assert "strptime" in outcome.refused.hint
    assert rows_of(con) == 0


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (["?"], "its only record is not valid; status is '?', none of the known values (rule status_unknown)"),
        (["?", "!"], "none of its 2 records is valid; status of the first is '?', none of the known values"),
        (
            ["?", "!", {"id": "x"}],
            "none of its 3 records is valid; status of 2 of them is '?', none of the known values",
        ),
        (['{"id": '], "its only record is not valid; not a JSON record (rule json_syntax)"),
    ],
)
def test_every_way_of_being_wrong_is_refused(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, records: list[Any], message: str
) -> None:
    made = [
        make.attendance(n) | record
        if isinstance(record, dict)
        else record
        if record.startswith("{")
        else make.attendance(n, record)
        for n, record in enumerate(records, 1)
    ]
    outcome = load(*made)
    assert (outcome.refused.code, outcome.read) == ("file.nothing_valid", 0)
    assert outcome.refused.message.startswith(message)
    assert rows_of(con) == 0


def test_what_is_valid_and_brings_nothing_new_is_not_refused(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    newer = make.attendance(1, updatedDate="2026-03-03T10:00:00Z")
    assert load(newer).loaded == 1
    for records in (
        [make.attendance(1, updatedDate="2026-03-01T10:00:00Z"), make.attendance(9, "?")],
        [newer, make.attendance(9, "!")],
        [make.attendance(2), make.attendance(2, "NOT_ATTENDED")],
    ):
        outcome = load(*records)
        assert (outcome.refused, outcome.loaded) == (None, 0)


def test_the_other_files_are_loaded(run: Run, make: type[Make], tmp_path: Path) -> None:
    header = "bookingId,eventId,status\n"
    for name, status in (("a", "ATTENDED"), ("b", "?"), ("c", "NOT_SET")):
        number = ord(name)
        (tmp_path / f"{name}.csv").write_text(f"{header}{make.guid(number, 1)},{make.event(number)},{status}\n")
    done = run("ingest", "a.csv", "b.csv", "c.csv")
    assert done.returncode == 65
    assert "b.csv: its only row is not valid; status is '?', none of the known values" in done.stderr


def test_records_of_a_pull_are_kept(store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load) -> None:
    outcome = load(make.attendance(1, "?"), stated_at=NOW)
    assert (outcome.refused, outcome.quarantined) == (None, 1)
