"""`noshow ingest` with a known export: its summary, and its questions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.fixtures import Run

HERE = Path(__file__).parent


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return Path(shutil.copy(HERE / "wix_booking_list.csv", tmp_path / "bookings.csv"))


def test_the_summary_names_the_format_the_doubt_and_the_zone(run: Run, export: Path) -> None:
    result = run("ingest", export.name)
    assert result.returncode == 0
    assert "Wix Booking List, 2025 on" in result.stdout
    assert "the header was seen with one author only" in result.stdout
    assert "taken as UTC: set `site_zone` in noshow.toml" in result.stdout


@pytest.mark.long
def test_with_a_zone_there_is_nothing_to_set(run: Run, export: Path) -> None:
    assert "site_zone" not in run("ingest", export.name, NOSHOW_SITE_ZONE="Europe/Berlin").stdout


def test_rows_about_one_booking_are_counted(run: Run, export: Path) -> None:
    lines = export.read_text().splitlines(keepends=True)
    export.write_text("".join([*lines, lines[1], lines[2]]))
    assert "2 rows repeat the booking of another row" in run("ingest", export.name).stdout


def test_json_names_the_format(run: Run, export: Path) -> None:
    (outcome,) = json.loads(run("ingest", "--json", export.name).stdout)
    assert outcome["format"] == "wix_booking_list"


@pytest.mark.long
def test_a_day_that_nothing_decides_is_asked_for(run: Run, export: Path) -> None:
    text = export.read_text()
    for day in ("01", "02", "03", "05", "06"):
        text = text.replace(f"2026-03-{day}", f"{day}/03/2026")
    export.write_text(text)
    refused = run("ingest", export.name)
    assert refused.returncode == 65
    assert "Wix Booking List, 2025 on" in " ".join(refused.stdout.split())
    assert "site_zone" not in refused.stdout
    assert "'05/03/2026' may be 5 March 2026 or 3 May 2026" in refused.stderr
    assert "--dates day-first or --dates month-first" in refused.stderr
    assert run("ingest", export.name, "--dates", "day-first").returncode == 0


def test_a_name_that_is_nearly_right_is_guessed(run: Run, export: Path) -> None:
    result = run("ingest", export.name, "--mapping", "wix_booking_lst")
    assert result.returncode == 66
    assert "Did you mean 'wix_booking_list'?" in result.stderr
