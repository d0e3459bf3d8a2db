"""Lists of calls as an operator makes them: files for whoever calls, and their answers."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from support.fixtures import Run

ROOT = Path(__file__).parents[2]
LIST = ("calls", "--as-of", "2026-06-20T00:00:00Z", "--hold-back", "0.5", "--seed", "7")


@pytest.mark.long
def test_a_list_goes_out_as_a_file_and_comes_back(noshow: Run, sample_folder: Path) -> None:
    shown = noshow(*LIST, COLUMNS="200")
    assert shown.returncode == 0
    assert "chance of a no-show" in shown.stdout
    assert shown.stderr == "noshow: 2 to call, 6 held back: do not call them\n"
    assert noshow(*LIST, "--format", "csv", "--out", "calls.csv").returncode == 0
    rows = list(csv.DictReader(io.StringIO((sample_folder / "calls.csv").read_text())))
    assert len(rows) == 2
    assert all(row["participant"].startswith("guest ") and row["is_reported"] == "false" for row in rows)
    assert noshow("calls", "done", "calls.csv").stdout == "2 calls recorded, 0 with somebody reached\n"
    again = json.loads(noshow(*LIST, "--names", "--format", "json").stdout)
    assert [row["booking_id"] for row in again] == [row["booking_id"] for row in rows]
    assert all(row["is_reported"] and not row["participant"].startswith("guest ") for row in again)


def test_an_erased_person_leaves_the_lists(noshow: Run, sample_folder: Path) -> None:
    noshow(*LIST)
    contacts = "select contact_id, count(*) from call_list group by all order by 2 desc, 1"
    with closing(duckdb.connect(str(sample_folder / "attendance.duckdb"), read_only=True)) as con:
        (contact, listed), *others = con.execute(contacts).fetchall()
    erased = json.loads(noshow("erase", "--contact", contact, "--json").stdout)
    assert erased["calls"] == listed
    with closing(duckdb.connect(str(sample_folder / "attendance.duckdb"), read_only=True)) as con:
        assert con.execute(contacts).fetchall() == others


def test_mistakes_are_told_in_a_line(noshow: Run, sample_folder: Path) -> None:
    (sample_folder / "wrong.csv").write_text("booking_id\n1017\n")
    for args, code, words in (
        (("calls", "done", "wrong.csv"), 65, "wrong.csv, line 2: '1017' is not a booking id. Nothing is recorded"),
        (("calls", "done", "none.csv"), 66, "no such file"),
        (("calls", "--out", "a.txt"), 2, "a table is for the terminal"),
        (("calls", "--hold-back", "1"), 2, "--hold-back"),
        (("calls", "--order", "best"), 2, "--order"),
        (("calls", "--days", "3", "done", "wrong.csv"), 2, "--days before `done`: options of `noshow calls` do not"),
        (("calls", "--wait", "9", "--db", "a", "done", "wrong.csv"), 2, "--wait, --db before `done`"),
        (("calls", "--db", "elsewhere.duckdb"), 66, "no database here"),
    ):
        result = noshow(*args)
        assert (result.returncode, words in result.stderr) == (code, True), (args, result.stderr)
    assert not (sample_folder / "elsewhere.duckdb").exists()
