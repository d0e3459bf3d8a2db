"""Fixtures for tests of the wire: `noshow serve` in a process of its own, with clients, and a site to pull."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.api import Api
from support.api import serving as serving_site
from support.pulled import BEFORE
from support.records import Make
from support.serving import Serve, serving


@pytest.fixture(scope="session")
def serve() -> Serve:
    return serving


@pytest.fixture
def db(tmp_path: Path, empty: Path) -> Path:
    """A database in which nothing is yet."""
    for file in (*empty.glob("*.duckdb"), *empty.glob("*.secret")):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / "attendance.duckdb"


@pytest.fixture
def api(make: type[Make]) -> Iterator[Api]:
    """A site with 250 bookings, each marked, and one service."""
    marks = {make.guid(n, 2): make.attendance(n, updatedDate=BEFORE) for n in range(250)}
    bookings = {
        make.guid(n, 1): {
            "booking": make.booking(n, updatedDate=BEFORE),
            "attendance": {k: marks[make.guid(n, 2)][k] for k in ("id", "status", "numberOfAttendees")},
        }
        for n in range(250)
    }
    service = {"id": make.guid(1, 3), "name": "Yoga", "type": "CLASS"}
    lists = {"services": {service["id"]: service}, "events": {}, "extendedBookings": bookings, "attendances": marks}
    with serving_site(Api(lists)) as served:
        yield served
