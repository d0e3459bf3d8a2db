"""What tests share: a store in a temporary folder, a way to load records, and builders of small wire records."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import pipeline
import queries
from pipeline.load.ingestion import FileOutcome
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
Record = dict[str, Any]
Run = Callable[..., subprocess.CompletedProcess[str]]
NOSHOW = Path(sys.executable).with_name("noshow")


def guid(number: int, kind: int = 0) -> str:
    """A GUID that is easy to read: kind 1 bookings, 2 attendances, 3 services, 4 contacts."""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def event(number: int) -> str:
    """An event id of the least length."""
    return f"event-{number:030d}"


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make


class Make:
    """Wire records with sensible values, any of them replaced by keyword."""

    guid = staticmethod(guid)
    event = staticmethod(event)

    @staticmethod
    def attendance(number: int, status: str = "ATTENDED", attendees: int | None = 1, **changes: Any) -> Record:
        record = {
            "id": guid(number, 2),
            "bookingId": guid(number, 1),
            "eventId": event(number),
            "status": status,
            "numberOfAttendees": attendees,
        }
        return {name: value for name, value in (record | changes).items() if value is not None}

    @staticmethod
    def booking(number: int, participants: int = 1, start: str = "2026-03-02T18:00:00+00:00", **changes: Any) -> Record:
        slot = {
            "eventId": event(number),
            "serviceId": guid(1, 3),
            "startDate": start,
            "timezone": "Europe/Dublin",
            "resource": {"id": "staff-1", "name": "Ana"},
            "location": {"id": "site-1", "name": "Harbour"},
        }
        record = {
            "id": guid(number, 1),
            "bookedEntity": {"slot": slot | changes.pop("slot", {}), "title": "Yoga", "tags": ["GROUP"]},
            "contactDetails": {"contactId": guid(number, 4), "firstName": "Pat", "lastName": "Doe"},
            "totalParticipants": participants,
            "status": "CONFIRMED",
            "createdDate": "2026-02-20T10:00:00Z",
        }
        return record | changes


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "attendance.duckdb"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that has tables and views and nothing in them: a copy is made faster than a new one."""
    folder = tmp_path_factory.mktemp("empty")
    with pipeline.open_store(folder / "attendance.duckdb", settings=pipeline.Settings.model_validate({})):
        pass
    return folder


@pytest.fixture
def store(db: Path, empty: Path) -> Iterator[Store]:
    for file in empty.glob("*.duckdb"):
        shutil.copy(file, db.with_name(file.name))
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as opened:
        yield opened


Write = Callable[..., Path]
Load = Callable[..., FileOutcome]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write records as NDJSON (texts as they are) into a new file."""
    numbers = iter(range(1000))

    def write_records(*records: Record | str, name: str = "records") -> Path:
        path = tmp_path / f"{next(numbers):03d}_{name}.ndjson"
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_records


@pytest.fixture
def load(store: Store, write: Write) -> Load:
    """Ingest records into the store; the outcome of their file."""

    def load_records(*records: Record | str, **options: Any) -> FileOutcome:
        (outcome,) = pipeline.ingest(store, [write(*records)], now=NOW, **options)
        return outcome

    return load_records


@pytest.fixture
def con(store: Store) -> duckdb.DuckDBPyConnection:
    """The store's own connection, which sees what was just written."""
    return store.connection


@pytest.fixture
def published(db: Path) -> Iterator[Callable[[], duckdb.DuckDBPyConnection]]:
    opened: list[duckdb.DuckDBPyConnection] = []

    def connect() -> duckdb.DuckDBPyConnection:
        opened.append(queries.connect(db))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run noshow in an empty folder; warnings are errors there too."""

    def run_noshow(*args: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("NOSHOW_")}
        return subprocess.run(
            [NOSHOW, *map(str, args)],
            cwd=tmp_path,
            env=surroundings | {"PYTHONWARNINGS": "error"} | env,
            capture_output=True,
            text=True,
            check=False,
        )

    return run_noshow
