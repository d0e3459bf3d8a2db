"""`noshow mapping check` shows its first rows as the load reads them: order of days, zone, cells of a register."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.load.rehearsal import Example, rehearsed
from pipeline.mapping.reading import read_mapping
from pipeline.settings import Settings

TESTS = Path(__file__).parents[1]
SLASHED = """
zone = "site"
[dates]
columns = ["Day"]
[booking]
id = "Visit"
status = "'CONFIRMED'"
eventId = "Day"
startDate = "\\"Day\\" || ' 18:00:00'"
[attendance]
bookingId = "Visit"
eventId = "Day"
status = "case \\"Came\\" when 'yes' then 'ATTENDED' else 'NOT_ATTENDED' end"
"""


def first_rows(mapping: Path, file: Path, **options: Any) -> list[Example]:
    with rehearsed(file, read_mapping(mapping), Settings(site_zone="Europe/Dublin"), **options) as found:
        assert found.outcome.refused is None
        return found.examples


@pytest.mark.parametrize(
    ("days", "options", "start"),
    [
        (("02/06/2026", "25/06/2026"), {}, "2026-06-02 18:00:00"),
        (("02/06/2026", "06/25/2026"), {}, "2026-02-06 18:00:00"),
        (("02/06/2026", "03/06/2026"), {"dates": "day-first"}, "2026-06-02 18:00:00"),
        (("02/06/2026", "03/06/2026"), {"dates": "month-first"}, "2026-02-06 18:00:00"),
    ],
)
def test_days_are_shown_in_the_order_that_the_whole_file_has(
    tmp_path: Path, days: tuple[str, ...], options: dict[str, str], start: str
) -> None:
    (tmp_path / "m.toml").write_text(SLASHED, "utf-8")
    # The row that decides comes after those that are shown.
    filler = "".join(f"{n},{days[0]},yes\n" for n in range(3))
    (tmp_path / "a.csv").write_text(f"Visit,Day,Came\n{filler}9,{days[1]},no\n", "utf-8")
    first, *_ = first_rows(tmp_path / "m.toml", tmp_path / "a.csv", **options)
    assert first.before == {"Day": "02/06/2026", "Came": "yes"}
    assert first.after == {"start": start, "zone": "Europe/Dublin", "status": "CONFIRMED", "mark": "ATTENDED"}


def test_a_register_shows_its_first_cells() -> None:
    rows = first_rows(TESTS.parent / "pipeline/formats/moodle_attendance.toml", TESTS / "formats/moodle_attendance.txt")
    assert len(rows) == 3
    assert all(row.before["_column"] and row.after["start"] for row in rows)
    assert len({row.before["_column"] for row in rows}) > 1


def test_records_of_json_are_shown_by_their_paths() -> None:
    folder = TESTS.parent / "pipeline/formats"
    first, *_ = first_rows(folder / "cliniko_attendees.toml", TESTS / "formats/cliniko_attendees.json")
    assert first.before["arrived"] in ("true", "false")
    assert "mark" in first.after
