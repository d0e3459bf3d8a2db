"""The databases in which commands are killed: one to erase a person from, one to publish, one to take a load back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from support.crashes import die_in_place_of_publishing
from support.kills import SETTINGS, Words
from support.records import Make

import pipeline
from pipeline.people.erasing_pages import parts_that_hold
from pipeline.store.files import StoreFiles
from pipeline.store.renewal import files_that_hold
from pipeline.store.saved_pulls import Terms, begin

ERASE: Words = ("erase", "--contact", "ana-of-the-studio", "--also", "ana@example.com")
PUBLISH: Words = ("ingest", "more.ndjson")
UNLOAD: Words = ("unload", "2")
_PERSON = ("ana-of-the-studio", "Anastasia Bergström", "ana@example.com")


def to_erase_from(folder: Path, bookings: int = 600) -> Path:
    """A folder with `d.duckdb`: bookings of two contacts, quarantined records, previous snapshots and saved pages."""
    folder.mkdir()
    booked = [_booking(number, erased=number % 20 == 0) for number in range(bookings)]
    faulty = [_booking(number, erased=True, status="MAYBE") for number in range(bookings, bookings + 5)]
    db = folder / "d.duckdb"
    for name, records in (("first", booked), ("more", [*booked[:3], *faulty])):
        (folder / f"{name}.ndjson").write_text("".join(f"{json.dumps(record)}\n" for record in records))
        with pipeline.open_store(db, settings=SETTINGS) as store:
            pipeline.ingest(store, [folder / f"{name}.ndjson"])
        (folder / f"{name}.ndjson").unlink()
    saved = begin(db, Terms(dt.datetime(2026, 3, 1, tzinfo=dt.UTC), "site"))
    saved.add_page("extendedBookings", json.dumps({"extendedBookings": [{"booking": booked[0]}]}).encode())
    saved.finish(dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC))
    return folder


def nothing_left(db: Path) -> None:
    """Assert that no file of the database holds a text of the erased person."""
    files = StoreFiles(db)
    assert files_that_hold(files.everything(), _PERSON) == []
    assert parts_that_hold(sorted(files.pulls.glob("*/*.gz")), _PERSON) == []
    assert not files.erasing_mark.exists()


def to_publish(folder: Path, bookings: int = 3_000) -> Path:
    """A folder with `d.duckdb`, of which a load was committed and not published, since it was killed then."""
    from support.commands import end, start

    folder.mkdir()
    for name, numbers in (("first", range(bookings)), ("more", range(bookings, 2 * bookings))):
        records = [_booking(number, erased=False) for number in numbers]
        (folder / f"{name}.ndjson").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    db = folder / "d.duckdb"
    with pipeline.open_store(db, settings=SETTINGS) as store:
        pipeline.ingest(store, [folder / "first.ndjson"])
    assert end(start("ingest", folder / "more.ndjson", "--db", db, before=die_in_place_of_publishing), 60) == -9
    return folder


def to_unload_from(folder: Path, bookings: int = 1_000) -> Path:
    """A folder with `d.duckdb`, whose second load changed half of the marks of the first and brought others."""
    folder.mkdir()
    db = folder / "d.duckdb"
    for name, marks in (("first", range(bookings)), ("more", range(bookings // 2, 2 * bookings))):
        status = "ATTENDED" if name == "first" else "NOT_ATTENDED"
        moment = "2026-03-03T09:00:00Z" if name == "first" else "2026-03-04T09:00:00Z"
        records = [Make.attendance(number, status, updatedDate=moment) for number in marks]
        (folder / f"{name}.ndjson").write_text("".join(f"{json.dumps(record)}\n" for record in records))
        with pipeline.open_store(db, settings=SETTINGS) as store:
            pipeline.ingest(store, [folder / f"{name}.ndjson"])
    return folder


def _booking(number: int, *, erased: bool, **changes: object) -> dict[str, object]:
    who, name, email = _PERSON if erased else ("other", "Pat Doe", "pat@example.com")
    first, last = name.split()
    details = {"contactId": who, "firstName": first, "lastName": last, "email": email}
    return Make.booking(number, contactDetails=details, **changes)
