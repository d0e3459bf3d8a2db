"""The files of a run are taken in natural order: numbers by their value, whatever folder or suffix they have."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.sources import source_files
from queries.errors import InputNotFound

ORDERED = [
    ["export-9.csv", "export-10.csv"],
    ["export-9.csv.gz", "export-10.csv"],
    ["report.csv", "report (1).csv", "report (2).csv", "Report (10).csv"],
    ["2026-9.csv", "2026-10.csv", "2027-1.csv"],
    ["v1.9.csv", "v1.10.csv"],
    ["a/2/x.csv", "a/10/x.csv", "b/1/x.csv"],
    ["week 1/9.csv", "week 1/10.csv", "week 2/1.csv"],
    ["export.csv", "export1.csv", "export02.csv", "export3.csv"],
    ["01.csv", "1.csv", "2.csv"],
    ["a.csv", "a.json", "b.csv"],
    ["Export-9.csv", "export-10.csv"],
]


@pytest.mark.parametrize("ordered", ORDERED)
def test_files_are_taken_in_natural_order_in_a_folder_and_by_name(tmp_path: Path, ordered: list[str]) -> None:
    for name in ordered:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    paths = [tmp_path / name for name in ordered]
    mixed = random.Random(1).sample(paths, len(paths))
    assert [source.path for source in source_files([tmp_path])[0]] == paths
    assert [source.path for source in source_files(mixed)[0]] == paths


def test_a_folder_of_other_programs_files_says_what_to_do(tmp_path: Path) -> None:
    for name in ("calendar.ics", "visits.zip"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputNotFound) as none:
        source_files([tmp_path])
    assert "calendar.ics is a calendar, which does not say who came: export the bookings as CSV" in none.value.hint


def test_files_of_other_programs_in_a_folder_are_passed_over_and_named(tmp_path: Path) -> None:
    for name in ("a.csv", "b.tsv", "c.txt", "d.xlsx", "e.zip", "f.ics", ".hidden.csv"):
        (tmp_path / name).write_bytes(b"x")
    sources, passed_over = source_files([tmp_path])
    assert [source.format for source in sources] == ["csv", "csv", "csv", "xlsx"]
    assert [path.name for path in passed_over] == [".hidden.csv", "e.zip", "f.ics"]
