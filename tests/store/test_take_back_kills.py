"""Killed at any moment, taking back is done or not begun: unload, --replace and --complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.kills import kill_at_random

import pipeline

MAPPING = """
[booking]
id = "Booking"
status = "'CONFIRMED'"
eventId = "Class || ' ' || Start"
startDate = "Start"
timezone = "'Europe/London'"
[attendance]
bookingId = "Booking"
eventId = "Class || ' ' || Start"
status = "case Result when 'came' then 'ATTENDED' when 'noshow' then 'NOT_ATTENDED' else error('?') end"
"""
ACTS = {
    "unload": ("unload", "2"),
    "replace": ("ingest", "monday.csv", "--mapping", "other.toml", "--replace"),
    "complete": ("ingest", "tuesday.csv", "--mapping", "m.toml", "--complete"),
}


def rows(changed: range, left_out: int = 0) -> str:
    """An export in which some bookings are no-shows, and every 50th of the others has a mark that is an error."""
    marks = dict.fromkeys(range(7, 600, 50), "?") | dict.fromkeys(changed, "noshow")
    lines = [f"{n},Yoga,2026-03-{n % 28 + 1:02d} 18:00,{marks.get(n, 'came')}" for n in range(left_out, 600)]
    return "\n".join(["Booking,Class,Start,Result", *lines, ""])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of two loads: the second replaced marks of the first, and took records out of quarantine."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "m.toml").write_text(MAPPING)
    (folder / "other.toml").write_text(f'namespace = "other"\n{MAPPING}')
    files = {"sunday": rows(range(0)), "monday": rows(range(300)), "tuesday": rows(range(100), left_out=50)}
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    with pipeline.open_store(folder / "d.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        for name in ("sunday", "monday"):
            pipeline.ingest(store, [folder / f"{name}.csv"], mapping=folder / "m.toml")
        found = store.connection.execute("select superseded from load_ledger order by load_id").fetchall()
        assert found == [(12,), (0,)]
    return folder


@pytest.mark.long
@pytest.mark.parametrize("name", ACTS)
def test_killed_at_any_moment_it_is_done_or_not_begun(base: Path, tmp_path: Path, name: str) -> None:
    kill_at_random(base, tmp_path, ACTS[name], 4, seed=20)
