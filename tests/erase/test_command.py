"""`noshow erase` as a person or a script runs it: figures on stdout, remaining work on stderr, nobody named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.fixtures import Write
from support.records import Make
from typer.testing import CliRunner

import pipeline
from pipeline.cli.app import app

CONTACT, EMAIL = "b6419c6a-9e44-5d09-803d-8b0f45406dc7", "emma@example.com"
SAID = {"contactDetails": {"contactId": CONTACT, "firstName": "Emma", "lastName": "Adler", "email": EMAIL}}


@pytest.fixture
def db(tmp_path: Path, write: Write, make: type[Make]) -> Path:
    path = tmp_path / "store" / "attendance.duckdb"
    with pipeline.open_store(path, settings=pipeline.Settings.model_validate({})) as store:
        note = make.attendance(3, "MAYBE", note=f"ask {EMAIL}")
        pipeline.ingest(store, [write(make.booking(1, **SAID), make.booking(2), note)])
    path.with_name("export.json").write_text(json.dumps(SAID))
    return path


def test_what_is_removed_and_what_is_left_is_told(db: Path) -> None:
    result = CliRunner().invoke(app, ["erase", "--contact", CONTACT, "--also", EMAIL, "--db", str(db)])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        "1 booking no longer names the contact",
        "0 notifications lost their message",
        "1 record removed from quarantine",
        "0 bookings removed from lists of calls",
        "0 loads lost texts in the ledger",
        "0 saved pages no longer name the contact",
        "0 older snapshots removed",
    ]
    assert (
        result.stderr
        == f"noshow: {db.parent}/export.json: names the contact, but is not part of the database: remove it yourself\n"
    )
    again = CliRunner().invoke(app, ["erase", "--contact", CONTACT, "--db", str(db)])
    assert (again.exit_code, again.stdout) == (0, "erased before\n")
    for text in (result.output, again.output):
        assert not any(said in text for said in (CONTACT, "Emma", "Adler", EMAIL))


def test_as_json(db: Path) -> None:
    result = CliRunner().invoke(app, ["erase", "--contact", CONTACT, "--also", EMAIL, "--json", "--db", str(db)])
    assert json.loads(result.stdout) == {
        "bookings": 1,
        "notifications": 0,
        "quarantined": 1,
        "calls": 0,
        "ledger_texts": 0,
        "pages": 0,
        "snapshots": 0,
        "model_forgotten": False,
        "already_erased": False,
        "still_said": {},
        "other_files": [str(db.with_name("export.json"))],
        "unread_files": [],
    }
