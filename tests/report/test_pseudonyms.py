"""Pseudonyms in a whole report: one for each person under a key, another under another key, and no id or name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from support.records import Make
from support.report_frames import draw

import pipeline
import queries
import reports
from reports.data import report_json

AS_OF = "2026-06-01T00:00:00Z"
PEOPLE = {f"contact-{n}-of-the-studio": f"Zoë{n} Zandbergen{n}" for n in range(3)}


@pytest.fixture
def made(tmp_path: Path, write: Any, make: type[Make]) -> list[Path]:
    """Two databases of the same records: each person missed three of four sessions."""
    bookings = []
    for number in range(12):
        contact, name = list(PEOPLE.items())[number % 3]
        details = {"contactId": contact, "firstName": name.split()[0], "lastName": name.split()[1]}
        bookings.append(make.booking(number, contactDetails=details))
    marks = [make.attendance(number, "ATTENDED" if number < 3 else "NOT_ATTENDED") for number in range(12)]
    records = write(*bookings, *marks)
    paths = [tmp_path / name / "attendance.duckdb" for name in ("one", "two")]
    for path in paths:
        with pipeline.open_store(path, settings=pipeline.Settings.model_validate({})) as store:
            pipeline.ingest(store, [records])
    return paths


def guests_in(db: Path, key: str | None = None) -> list[str]:
    """Who the report names, in the page and in its data; neither says a contact's id or name."""
    guests = []
    with queries.connect(db) as con:
        report = reports.the_report(con, as_of=AS_OF, options=reports.Options(pseudonym_key=key))
        for text in (draw(report), report_json(report)):
            for secret in (*PEOPLE, *PEOPLE.values(), *(word for name in PEOPLE.values() for word in name.split())):
                assert secret not in text
            guests.append(sorted(set(re.findall("guest [0-9a-f]{8}", text))))
    assert guests[0] == guests[1]
    assert len(guests[0]) == len(PEOPLE)
    return guests[0]


@pytest.mark.long
def test_a_person_has_one_pseudonym_under_one_key(made: list[Path]) -> None:
    one, two = made
    own, key_1 = guests_in(one), guests_in(one, "k1")
    assert own == guests_in(one)
    assert not set(own) & set(guests_in(two)), "without a key each database has its own"
    assert key_1 == guests_in(two, "k1")
    assert not set(key_1) & {*own, *guests_in(one, "k2")}
