"""From the database to the file: real frames, one step, and the headline returned to the caller."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.fixtures import Load
from support.records import Make

import reports
from queries import QueryError
from reports.build import file_name
from reports.measured.parts import Part

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.fixture
def loaded(load: Callable[..., Any], make: type[Make], con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Thirty bookings on two Mondays, six of them missed, three unmarked."""
    numbers = range(1, 31)
    load(*(make.booking(n, start=f"2026-03-{2 + 7 * (n % 2):02d}T18:00:00+00:00") for n in numbers))
    load(*(make.attendance(n, "NOT_ATTENDED" if n <= 6 else "ATTENDED") for n in numbers if n <= 27))
    return con


@pytest.mark.long
def test_the_report_says_what_the_measures_say(loaded: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    headline = reports.build_report(loaded, path, as_of=AS_OF, options=reports.Options(title="Harbour"))
    assert (headline.no_shows, headline.marked_bookings, headline.bookings) == (6, 27, 30)
    assert headline.text.startswith("No-show rate 22.2 %: 6 of 27 marked bookings did not come")
    page = path.read_text(encoding="utf-8")
    assert "<title>Harbour: no-show report</title>" in page
    assert "6 of 27" in page
    assert 'class="chart chart-wide"' in page
    assert "2026-W10" in page
    assert [entry.name for entry in tmp_path.glob("*report.html*")] == ["report.html"]


@pytest.mark.long
def test_the_same_database_and_moment_give_the_same_bytes(loaded: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    for path in (first, second):
        reports.build_report(loaded, path, as_of=AS_OF, where={"service": "Yoga"})
    assert first.read_bytes() == second.read_bytes()
    assert b"service is Yoga" in first.read_bytes()


def test_a_database_with_nothing_in_it_has_a_report(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    headline = reports.build_report(con, tmp_path / "report.html", as_of=AS_OF)
    said = "Nothing has been loaded yet. Load an export with noshow ingest, or fetch with noshow pull."
    assert headline.text == f"No-show rate unknown. {said}"
    assert said in (tmp_path / "report.html").read_text("utf-8")


def test_a_database_with_nothing_due_says_so(
    con: duckdb.DuckDBPyConnection, load: Load, make: type[Make], tmp_path: Path
) -> None:
    load(make.booking(1, start="2027-03-02T18:00:00+00:00"))
    headline = reports.build_report(con, tmp_path / "report.html", as_of=AS_OF)
    assert headline.text == "No-show rate unknown. No booked session is over yet, so there is nothing to count."


def test_a_missing_folder_is_made(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    reports.build_report(con, tmp_path / "new" / "folder" / "report.html", as_of=AS_OF)
    assert (tmp_path / "new" / "folder" / "report.html").exists()


@pytest.mark.long
def test_a_file_that_cannot_be_written_is_an_oserror_and_leaves_nothing(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        reports.build_report(con, tmp_path / "file" / "report.html", as_of=AS_OF)
    folder = tmp_path / "folder.html"
    folder.mkdir()
    with pytest.raises(OSError, match=r"folder\.html"):
        reports.build_report(con, folder, as_of=AS_OF)
    assert [entry.name for entry in tmp_path.glob(".*")] == []


def test_a_wrong_filter_is_refused_and_an_earlier_report_stays(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("earlier", encoding="utf-8")
    with pytest.raises(QueryError):
        reports.build_report(con, path, as_of=AS_OF, where={"servise": "Yoga"})
    assert path.read_text(encoding="utf-8") == "earlier"


@given(st.text(max_size=200), st.text(max_size=200))
@example("", ".")
@example("../../etc/passwd", "..\\..\\etc\\passwd")
@example("Café", "café")
@example("con", "a" * 300)
def test_a_name_from_data_makes_a_file_name_of_its_own(one: str, other: str) -> None:
    first, second = (file_name(Part(name, name, {})) for name in (one, other))
    assert re.fullmatch(r"([a-z0-9][a-z0-9-]{0,59}-)?[0-9a-f]{8}", first)
    assert (first == second) == (one == other)


def test_importing_reports_does_not_import_what_draws() -> None:
    asked = "import sys, reports; print([m for m in ('altair', 'vl_convert', 'jinja2') if m in sys.modules])"
    root = Path(__file__).parents[2]
    said = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_a_report_is_shown_in_a_line_and_in_a_notebook_by_its_findings(loaded: duckdb.DuckDBPyConnection) -> None:
    report = reports.the_report(loaded, as_of=AS_OF, options=reports.Options(title="<Harbour>"))
    assert repr(report) == f"<Report '<Harbour>': {report.headline.text}>"
    shown = report._repr_html_()
    assert "&lt;Harbour&gt;" in shown
    assert all(f"<b>{door.title}</b>" in shown for door in report.doors if door.finding)
    assert len(shown) < 10_000
