"""The days ahead as an operator asks for them: groups, bookings under pseudonyms, and every format."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook
from support.fixtures import Run

from pipeline.cli.table_formats import to_xlsx

ROOT = Path(__file__).parents[2]
AS_OF = ("--as-of", "2026-06-20T00:00:00Z")


def test_sessions_of_the_next_days(noshow: Run) -> None:
    result = noshow("upcoming", *AS_OF, COLUMNS="200")
    assert result.returncode == 0
    for head in ("session", "participants", "waiting", "expected no-shows", "95 % interval", "seats to offer"):
        assert head in result.stdout
    assert result.stderr.startswith("noshow: chances are the past rates of the same service and lead time")
    every = json.loads(noshow("upcoming", *AS_OF, "--format", "json").stdout)
    assert every
    assert all(row["starts_at"] < "2026-06-27" for row in every)
    assert len(json.loads(noshow("upcoming", *AS_OF, "--days", "2", "--format", "json").stdout)) < len(every)


@pytest.mark.long
def test_by_service_staff_and_location_the_sums_are_the_same(noshow: Run) -> None:
    totals = set()
    for by in ("service", "staff", "location"):
        rows = json.loads(noshow("upcoming", *AS_OF, "--by", by, "--format", "json").stdout)
        totals.add((sum(row["bookings"] for row in rows), round(sum(row["expected_no_shows"] for row in rows), 6)))
        assert f"  {by}" in noshow("upcoming", *AS_OF, "--by", by).stdout
    assert len(totals) == 1


def test_bookings_name_nobody_unless_names_are_asked_for(noshow: Run) -> None:
    hidden = json.loads(noshow("upcoming", *AS_OF, "--by", "booking", "--format", "json").stdout)
    named = json.loads(noshow("upcoming", *AS_OF, "--by", "booking", "--format", "json", "--names").stdout)
    assert hidden
    assert all(row["participant"].startswith("guest ") for row in hidden)
    assert not any(row["participant"].startswith("guest ") for row in named)
    assert not {"participant_id", "participant_name"} & hidden[0].keys()
    assert [row["booking_id"] for row in hidden] == [row["booking_id"] for row in named]


def test_a_workbook_has_the_rows_of_the_csv(noshow: Run, sample_folder: Path) -> None:
    assert noshow("upcoming", *AS_OF, "--by", "staff", "--format", "xlsx", "--out", "ahead.xlsx").returncode == 0
    csv = pl.read_csv(io.BytesIO(noshow("upcoming", *AS_OF, "--by", "staff", "--format", "csv").stdout.encode()))
    (head, *rows) = CalamineWorkbook.from_path(sample_folder / "ahead.xlsx").get_sheet_by_index(0).to_python()
    assert head == csv.columns
    assert [row[head.index("staff")] for row in rows] == csv["staff"].to_list()


def test_a_text_in_a_workbook_is_neither_formula_nor_link() -> None:
    hostile = ["=1+1", "https://evil.example/", "+1", "\u202eevil"]
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(pl.DataFrame({"name": hostile}))))
    cells = [row[0] for row in workbook.get_sheet_by_index(0).to_python()]
    assert cells == ["name", "=1+1", "https://evil.example/", "+1", "\\u202eevil"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--format", "table", "--out", "a"), "a table is for the terminal"),
        (("--by", "week"), "week"),
        (("--where", "{"), "not JSON"),
        (("--days", "-1"), "--days"),
    ],
)
def test_mistakes_are_told_in_a_line(noshow: Run, args: tuple[str, ...], words: str) -> None:
    result = noshow("upcoming", *args)
    assert result.returncode == 2
    assert words in result.stderr
