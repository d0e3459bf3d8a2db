"""Sources of one side, excused bookings and rows for many: a lake's report says what the database's says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.fixtures import Run, Write
from support.records import Make
from support.samples import few

import pipeline
import queries
import reports
from pipeline.store.content_state import tracked
from queries.lake.engines import open_lake

AS_OF = "2026-08-01T00:00:00Z"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 120 bookings of two people, and its lake: one's source records no-shows, the other's arrivals."""
    made = tmp_path_factory.mktemp("one_sided")
    records: list[Any] = []
    for number in range(1, 121):
        staff = {"id": f"staff-{number % 2}", "name": ("Ana", "Bo")[number % 2]}
        start = f"2026-03-{number % 28 + 1:02d}T18:00:00+00:00"
        records.append(Make.booking(number, start=start, slot={"resource": staff}))
        if number % 6 < 2:
            records.append(Make.attendance(number, "ATTENDED" if number % 2 else "NOT_ATTENDED"))
    (made / "records.ndjson").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pipeline.open_store(made / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [made / "records.ndjson"])
        con = store.connection
        with store.transaction(), tracked(con, "booking"), tracked(con, "attendance"):
            con.execute("update booking set marks = if(staff_id = 'staff-0', 'no_shows', 'arrivals')")
            con.execute("update booking set weight = 5 where staff_id = 'staff-0' and day(starts_at) = 5")
            con.execute("update attendance set excused = true where booking_id = $id", {"id": Make.guid(12, 1)})
        pipeline.ingest(store, [made / "records.ndjson"])
    pipeline.export_lake(made / "a.duckdb", made / "lake")
    return made


SCOPES: list[dict[str, Any]] = [{}, {"where": {"staff": "Ana"}}, {"where": {"staff": "Bo"}}]


@pytest.mark.long
@pytest.mark.parametrize("scope", SCOPES, ids=["both", "no_shows", "arrivals"])
@pytest.mark.parametrize("engine", few(["polars", "duckdb"], 1))
def test_headline_steps_and_habits_are_the_databases(folder: Path, engine: str, scope: dict[str, Any]) -> None:
    with open_lake(folder / "lake", engine) as lake, queries.connect(folder / "a.duckdb") as con:
        ours = reports.report_data(reports.the_report(lake, as_of=AS_OF, **scope))
        theirs = reports.report_data(reports.the_report(con, as_of=AS_OF, **scope))
    for name in ("headline", "shares", "facts", "notice", "registers", "rankings", "when", "over_time"):
        assert ours[name] == theirs[name], name
    assert ours["quality"]["steps"] == theirs["quality"]["steps"]
    assert ours["quality"]["sums"] == theirs["quality"]["sums"]
    assert theirs["headline"]["coverage"] is None


@pytest.mark.long
def test_parts_have_the_words_of_their_own_source(folder: Path, tmp_path: Path) -> None:
    for share in (False, True):
        with queries.connect(folder / "a.duckdb") as con:
            by = "service" if share else "staff"
            options = reports.Options(share=share)
            written = reports.build_reports(con, tmp_path / by, by, as_of=AS_OF, options=options)
        limits = {part.name: part.headline.limit for part in written}
        assert limits == ({"Yoga": None} if share else {"Ana": "at least", "Bo": "at most"})
        index = (tmp_path / by / "index.html").read_text(encoding="utf-8")
        assert "No-shows of bookings" in index
        assert ("at least" in index) != share


def test_the_check_passes_where_coverage_does_not_apply_and_says_so(folder: Path, run: Run) -> None:
    result = run("check", "--min-coverage", "0.9", "--as-of", AS_OF, "--db", folder / "a.duckdb")
    assert result.returncode == 0, result.stderr
    said = json.loads(result.stdout)
    assert said["failed"] == []
    assert said["passed"] == ["min_coverage"]
    assert said["notes"]["min_coverage"].startswith("coverage does not apply: the source records only who came and")


@pytest.mark.long
def test_the_check_of_a_source_of_both_sides_has_no_notes(write: Write, make: type[Make], run: Run, db: Path) -> None:
    assert run("ingest", write(make.booking(1), make.booking(2), make.attendance(1)), "--db", db).returncode == 0
    result = run("check", "--min-coverage", "0.9", "--as-of", AS_OF, "--db", db)
    assert result.returncode == 1
    failed = {"check": "min_coverage", "limit": 0.9, "found": 0.5, "passed": False}
    failed["message"] = "50.0 % of the due bookings are marked; at least 90.0 % asked for"
    assert json.loads(result.stdout) == {"failed": [failed], "passed": []}
