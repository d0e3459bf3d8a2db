"""Events reach stderr or a file as lines of JSON, without anything that a record says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.fixtures import Run, Write
from support.records import Make


def events(text: str) -> list[dict[str, Any]]:
    """The events among the lines; those for people begin with the name of the command."""
    return [json.loads(line) for line in text.splitlines() if not line.startswith("noshow: ")]


def test_a_load_is_logged_to_stderr_and_to_a_file(run: Run, tmp_path: Path, write: Write, make: type[Make]) -> None:
    path = write(make.booking(1), make.booking(2, status="MAYBE"))
    result = run("ingest", path.name, "-v", "--log", "events.ndjson")
    assert result.returncode == 3  # half of the records are set aside
    logged = events(result.stderr)
    assert [line["event"] for line in logged] == ["load.done", "store.published"]
    counts = {name: logged[0][name] for name in ("load", "read", "loaded", "quarantined", "level", "file")}
    assert counts == {"load": 1, "read": 2, "loaded": 1, "quarantined": 1, "level": "info", "file": path.name}
    assert events((tmp_path / "events.ndjson").read_text()) == logged


def test_a_failure_is_logged_with_its_code(run: Run, tmp_path: Path) -> None:
    result = run("rates", NOSHOW_LOG="events.ndjson")
    assert result.returncode == 66
    (event,) = events((tmp_path / "events.ndjson").read_text())
    assert (event["event"], event["code"], event["exit"]) == ("command.failed", "database.not_found", 66)


@pytest.mark.long
def test_nothing_personal_is_logged(run: Run, tmp_path: Path, write: Write, make: type[Make]) -> None:
    contact = {"contactId": make.guid(7, 4), "firstName": "Zenobia", "lastName": "Quartz", "email": "zq@example.org"}
    path = write(make.booking(1, contactDetails=contact), make.booking(2, contactDetails=contact, status="MAYBE"))
    for words in (
        ("ingest", path.name),
        ("quarantine", "retry", "--all"),
        ("set", "--booking", make.guid(1, 1), "--event", make.event(1), "--status", "ATTENDED"),
        ("report",),
        ("quarantine", "discard", "--all"),
        ("doctor",),
    ):
        result = run(*words, "-vv", "--log", "events.ndjson")
        # Half of the records are set aside, which the first command says with a code of its own.
        assert result.returncode == (3 if words[0] == "ingest" else 0), result.stderr
    logged = (tmp_path / "events.ndjson").read_text()
    assert {"load.done", "mark.recorded", "quarantine.discarded"} <= {line["event"] for line in events(logged)}
    for word in (*contact.values(), make.guid(1, 1)):
        assert word not in logged


def test_a_log_that_cannot_be_written_is_one_line(run: Run) -> None:
    result = run("rates", "--log", "nowhere/events.ndjson")
    assert (result.returncode, result.stderr.count("\n")) == (74, 1)
    assert "nowhere/events.ndjson" in result.stderr


def test_quiet_leaves_results_errors_and_exit_codes(run: Run, tmp_path: Path, write: Write, make: type[Make]) -> None:
    source = write(make.booking(1), make.booking(2, status="MAYBE"))
    (tmp_path / "broken.parquet").write_text("{")
    loud, quiet = (
        run("ingest", source.name, "broken.parquet", "--db", f"{name}.duckdb", *options)
        for name, options in (("loud", ()), ("quiet", ("--quiet",)))
    )
    assert (quiet.returncode, quiet.stdout) == (loud.returncode, loud.stdout)
    lines = loud.stderr.splitlines()
    assert len(lines) > 2
    assert quiet.stderr.splitlines() == [line for line in lines if line.startswith("noshow: broken.parquet")] != []
