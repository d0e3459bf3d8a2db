"""The same files in any order, and again and again, leave the same content."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from support.fixtures import Write
from support.records import Make

import pipeline

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
CONTENT = "select count(*), sum(hash(r)::hugeint) from (select * exclude (load_id) from {}) as r"


@pytest.fixture
def paths(make: type[Make], write: Write) -> list[Path]:
    """The sample, and three files that say otherwise of the same bookings and marks, each with its date."""
    versions = [
        [
            make.booking(n, participants=day, updatedDate=f"2026-03-{day:02d}T10:00:00Z", status=status)
            for n in range(1, 30)
            if (n + day) % 3
        ]
        + [make.attendance(n, attendees=day, updatedDate=f"2026-03-{day:02d}T10:00:00Z") for n in range(1, 30, day)]
        for day, status in ((2, "CONFIRMED"), (3, "PENDING"), (4, "CANCELED"))
    ]
    return [*sorted(SAMPLE.glob("*json")), *(write(*version) for version in versions)]


@pytest.mark.long
@pytest.mark.parametrize("orders", [2, pytest.param(10, marks=pytest.mark.long)])
def test_orders_and_three_times_over(empty: Path, paths: list[Path], tmp_path: Path, orders: int) -> None:
    chance = random.Random(1)
    contents = set()
    for number in range(orders):
        folder = tmp_path / f"order-{number}"
        shutil.copytree(empty, folder)
        with pipeline.open_store(folder / "attendance.duckdb", settings=pipeline.Settings.model_validate({})) as store:
            for _ in range(3 if number == 0 else 1):
                chance.shuffle(paths)
                pipeline.ingest(store, paths)
            tables = ("service", "session", "booking", "attendance")
            contents.add(tuple(store.connection.execute(CONTENT.format(table)).fetchall()[0] for table in tables))
    assert len(contents) == 1
    assert all(count > 0 for count, _ in contents.pop())
