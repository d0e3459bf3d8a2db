"""Whatever the records say, JSON is strict and in UTF-8, and files that are written stay in their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest
from support.fixtures import Run, Write
from support.records import Make

NAMES = ("\u202egnp.exe", "a\u2028b", "../../etc/passwd", "C:\\con", "=1+1", "\ufffe", "<script>", '{"a":1}', "NaN")
BROKEN = '{"id":"\\ud800","bookingId":"x\\u0000","status":"\\u202e","numberOfAttendees":1e400,"eventId":"\\u001b[31m"}'
AS_OF = ("--as-of", "2026-06-01T00:00:00Z")


def strict(text: str) -> Any:
    """Decode JSON without NaN and Infinity, which are none."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def printed(text: str) -> Any:
    """Decode JSON that holds nothing that a terminal would not show."""
    assert all(line.isprintable() for line in text.split("\n"))
    return strict(text)


@pytest.fixture
def hostile(db: Path, run: Run, write: Write, make: type[Make]) -> Path:
    """A database whose places, people and classes have hostile names, and a record that is hostile throughout."""
    records: list[Any] = [BROKEN]
    for number, name in enumerate(NAMES * 2):
        place = {"id": f"key-{number % len(NAMES)}", "name": name}
        booking = make.booking(number, slot={"location": place, "resource": place})
        booking["bookedEntity"]["title"] = name
        records += [booking, make.attendance(number)]
    result = run("ingest", "--db", db, "--json", write(*records))
    (outcome,) = printed(result.stdout)
    assert (outcome["loaded"], outcome["quarantined"]) == (4 * len(NAMES), 1)
    return db


def test_json_is_strict_whatever_the_names(hostile: Path, run: Run) -> None:
    rates = printed(run("rates", "--db", hostile, "--by", "location", "--format", "json", *AS_OF).stdout)
    assert {row["location"] for row in rates} >= {"../../etc/passwd", "NaN", '{"a":1}', "\u202egnp.exe"}
    assert printed(run("query", "--db", hostile, "{}").stdout)
    assert len(printed(run("quarantine", "list", "--db", hostile, "--format", "json").stdout)) == 1


@pytest.mark.long
def test_files_of_reports_and_lakes_stay_where_they_belong(hostile: Path, run: Run, tmp_path: Path) -> None:
    report = run("report", "--db", hostile, "--format", "json", "--out", "whole/r.json", *AS_OF)
    assert report.returncode == 0
    assert strict((tmp_path / "whole" / "r.json").read_text("utf-8"))["headline"]["bookings"] == 2 * len(NAMES)
    run("report", "--db", hostile, "--by-location", "--out", "parts", *AS_OF)
    names = [path.name for path in (tmp_path / "parts").iterdir()]
    assert len(names) == len(NAMES) + 1
    assert all(name.removesuffix(".html").replace("-", "").isalnum() and name.isascii() for name in names)
    run("export-lake", "lake", "--db", hostile)
    assert {path.name for path in (tmp_path / "lake").glob("local_year=*/*")} == {"local_month=3"}
