"""The files of a run are taken in natural order: numbers by their value, whatever folder or suffix they have."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from pipeline.sources import source_files
from queries.errors import InputNotFound

SERIES = [
    ["export-9.csv", "export-10.csv"],
    ["export-9.csv.gz", "export-10.csv"],
    ["report.csv", "report (1).csv", "report (2).csv", "Report (10).csv"],
    ["2026-9.csv", "2026-10.csv", "2027-1.csv"],
    ["v1.9.csv", "v1.10.csv"],
    ["a/2/x.csv", "a/10/x.csv"],
    ["week 1/9.csv", "week 1/10.csv", "week 2/1.csv"],
    ["export.csv", "export1.csv", "export02.csv", "export3.csv"],
    ["01.csv", "1.csv", "2.csv"],
    ["Export-9.csv", "export-10.csv"],
    ["report.csv", "report 2.csv", "report 10.csv"],
    ["report.csv", "report_2.csv", "report_10.csv"],
]
UNRELATED = [["a.csv", "a.json", "b.csv"], ["a/2/x.csv", "a/10/x.csv", "b/1/x.csv"], ["9 a.csv", "10 b.csv"]]


@pytest.mark.parametrize("ordered", [*SERIES, *UNRELATED])
def test_files_are_taken_in_natural_order_in_a_folder_and_series_by_name(tmp_path: Path, ordered: list[str]) -> None:
    for name in ordered:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    paths = [tmp_path / name for name in ordered]
    assert [source.path for source in source_files([tmp_path])[0]] == paths
    if ordered in SERIES:
        for seed in range(5):
            mixed = random.Random(seed).sample(paths, len(paths))
            assert [source.path for source in source_files(mixed)[0]] == paths


def test_paths_keep_the_order_given_except_those_of_one_series(tmp_path: Path) -> None:
    for name in ("x/exports.csv", "x/exports/1.csv", "y-9/1.csv", "y-10/1.csv", "z-2.csv", "z-10.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    given = ["z-10.csv", "y-10", "x", "z-2.csv", "y-9", "x/exports.csv"]
    found = [source.path.relative_to(tmp_path) for source in source_files([tmp_path / name for name in given])[0]]
    assert [str(path) for path in found] == [
        "z-2.csv", "y-9/1.csv", "x/exports.csv", "x/exports/1.csv", "z-10.csv", "y-10/1.csv", "x/exports.csv",
    ]  # fmt: skip


def test_a_folder_of_other_programs_files_says_what_to_do(tmp_path: Path) -> None:
    for name in ("calendar.ics", "visits.zip"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputNotFound) as none:
        source_files([tmp_path])
    assert "calendar.ics is a calendar, which does not say who came: export the bookings as CSV" in none.value.hint


def test_files_of_other_programs_in_a_folder_are_passed_over_and_named(tmp_path: Path) -> None:
    (tmp_path / "__MACOSX").mkdir()
    for name in ("a.csv", "b.tsv", "d.xlsx", "e.zip", "f.ics", ".hidden.csv", "~$d.xlsx", "__MACOSX/a.csv"):
        (tmp_path / name).write_bytes(b"x")
    sources, passed_over = source_files([tmp_path])
    assert [source.format for source in sources] == ["csv", "csv", "xlsx"]
    assert [path.name for path in passed_over] == [".hidden.csv", "a.csv", "e.zip", "f.ics", "~$d.xlsx"]


TEXTS = [
    ("Booking\tClass\n1\tYoga\n", True),
    ("Booking;Class\n1;Yoga\n", True),
    ("Course\tBiology\n\nName\tDay 1\tDay 2\nAna\tP\tA\n", True),
    ("Title\n\nBooking,Class,Result\n1,Yoga,came\n", True),
    ("hello", False),
    ("", False),
    ("Dear Pat,\n\nthese are the exports of June, as you asked.\nYours, Kim\n", False),
    ("Booking;Class\n", False),
    ('{"a": 1, "b": 2, "c": 3}\n{"a": 1, "b": 2, "c": 3}\n', False),
]


@pytest.mark.parametrize(("text", "is_table"), TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_text_in_a_folder_counts_if_it_is_a_table(tmp_path: Path, text: str, is_table: bool, encoding: str) -> None:
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "notes.txt").write_bytes(text.encode(encoding) if text else b"")
    (tmp_path / "packed.txt.gz").write_bytes(gzip.compress(text.encode(encoding)))
    sources, passed_over = source_files([tmp_path])
    names = ["notes.txt", "packed.txt.gz"]
    assert [source.path.name for source in sources] == ["a.csv", *(names if is_table else [])]
    assert [path.name for path in passed_over] == ([] if is_table else names)
    # Named by itself, or with its format, it is loaded or refused, never passed over.
    assert len(source_files([tmp_path / "notes.txt"])[0]) == 1
    assert len(source_files([tmp_path], format="csv")[0]) == 3
