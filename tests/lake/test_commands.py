"""`noshow export-lake`, and `rates` and `report` from a lake, as a user meets them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.fixtures import Run
from support.samples import few

import reports
from queries.errors import UsageError
from queries.installed import how_to_install
from queries.lake.engines import ENGINES, OpenLake, open_lake

AS_OF = "2026-08-01T00:00:00Z"


@pytest.mark.long
def test_an_export_tells_what_it_wrote_and_kept(run: Run, sample: Path, tmp_path: Path) -> None:
    first = run("export-lake", tmp_path / "new", "--db", sample / "a.duckdb")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[0] == "written local_year=2026/local_month=6"
    again = run("export-lake", tmp_path / "new", "--db", sample / "a.duckdb")
    assert again.stdout.startswith("0 partitions written (0 rows), 3 kept, 0 removed;")


@pytest.mark.parametrize("engine", ENGINES)
def test_rates_of_a_lake_are_those_of_the_database(
    engine: str, run: Run, start: Run, sample: Path, request: pytest.FixtureRequest
) -> None:
    """Spark's client uses gRPC, which cannot be forked."""
    remote = ["--remote", request.getfixturevalue("sail")] if engine == "spark" else []
    asked = ("rates", "--by", "location,week", "--as-of", AS_OF, "--format", "csv")
    lake = (start if engine == "spark" else run)(*asked, "--lake", sample / "lake", "--engine", engine, *remote)
    assert lake.returncode == 0, lake.stderr
    assert lake.stdout == run(*asked, "--db", sample / "a.duckdb").stdout


SPARK = ("--engine", "spark", "--remote")
REFUSALS: list[tuple[tuple[str, ...], int, str]] = [
    (("rates", "--engine", "polars"), 2, "--engine is for a lake"),
    (("rates", "--remote", "sc://here"), 2, "--remote is for a lake"),
    (("rates", "--lake", "LAKE", "--db", "a.duckdb"), 2, "exclude each other"),
    (("rates", "--lake", "LAKE", "--engine", "spark"), 2, "belong together"),
    (("rates", "--lake", "LAKE", "--remote", "sc://here"), 2, "belong together"),
    (("rates", "--lake", "LAKE", *SPARK, "http://here"), 2, "not the address of a Spark Connect server"),
    (("rates", "--lake", "LAKE", "--by", "participant"), 2, "does not say who booked"),
    (("report", "--lake", "LAKE", "--names"), 2, "does not say who booked"),
    (("rates", "--lake", "nowhere"), 66, "no lake here"),
    (("export-lake", "LAKE", "--db", "nowhere.duckdb"), 66, "no database here"),
]


@pytest.mark.parametrize(("command", "code", "words"), REFUSALS, ids=lambda value: str(value)[:60])
def test_a_mistake_is_one_line(command: tuple[str, ...], code: int, words: str, run: Run, sample: Path) -> None:
    result = run(*(str(sample / "lake") if word == "LAKE" else word for word in command))
    assert (result.returncode, result.stdout) == (code, "")
    assert len(result.stderr.splitlines()) == 1
    assert words in result.stderr


@pytest.mark.long
def test_a_server_that_does_not_answer_is_one_line(start: Run, sample: Path) -> None:
    pytest.importorskip("pyspark", reason="no Spark client here: pip install 'noshow[spark]'")
    result = start("rates", "--lake", sample / "lake", *SPARK, "sc://127.0.0.1:1")
    assert result.returncode == 74
    assert len(result.stderr.splitlines()) == 1
    assert "no Spark Connect server answers" in result.stderr


@pytest.mark.long
def test_a_main_module_without_a_file_can_use_spark(sample: Path) -> None:
    """Spark's client took it for a run of its doctests, and ended the process."""
    pytest.importorskip("pyspark", reason="no Spark client here: pip install 'noshow[spark]'")
    program = """
import sys
from pathlib import Path
from queries.errors import OutputFailed
from queries.lake.engines import open_lake
try:
    with open_lake(Path(sys.argv[1]), "spark", "sc://127.0.0.1:1"):
        pass
except OutputFailed as refused:
    print(refused)
"""
    command = [sys.executable, "-c", program, str(sample / "lake")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert "no Spark Connect server answers" in result.stdout


def test_a_missing_client_is_told_with_what_to_install(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    for name in [name for name in sys.modules if name.startswith("pyspark.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with (
        pytest.raises(UsageError, match=re.escape(how_to_install("spark"))),
        open_lake(sample / "lake", "spark", "sc://127.0.0.1"),
    ):
        pass


TOLD_BY_ALL = (
    "headline",
    "in_short",
    "change",
    "shares",
    "facts",
    "notice",
    "rankings",
    "standouts",
    "funnels",
    "when",
)
LOCAL = (*TOLD_BY_ALL, "over_time", "registers", "sessions")


@pytest.mark.long
@pytest.mark.parametrize("scope", few([{"where": {"localHour": {"$gte": 17}}}, {}], 1), ids=["evenings", "all"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_report_from_a_lake_says_what_the_databases_says_and_what_it_leaves_out(
    engine: str, scope: dict[str, Any], lake_on: Callable[[str], OpenLake], database: Any
) -> None:
    ours = reports.report_data(reports.the_report(lake_on(engine), as_of=AS_OF, **scope))
    theirs = reports.report_data(reports.the_report(database, as_of=AS_OF, **scope))
    compared = set(LOCAL) - {"in_short"} if engine != "spark" else set(TOLD_BY_ALL) - {"in_short"}
    if engine == "spark":
        # It has no factors, so that groups are compared plainly: their counts and rates are the same, not the verdicts.
        compared -= {"standouts", "funnels"}
        ours["rankings"], theirs["rankings"] = (_without_verdicts(data["rankings"]) for data in (ours, theirs))
    assert {name: ours[name] for name in compared} == {name: theirs[name] for name in compared}
    assert ours["quality"]["steps"] == theirs["quality"]["steps"]
    assert ours["quality"]["quarantined"] is ours["participants"] is None
    assert ours["source"].startswith(f"Counted by {'DuckDB' if engine == 'duckdb' else engine.title()} over a lake")
    assert theirs["source"] is None
    absent = {name for name in ("registers", "sessions", "worth") if ours[name] is None}
    assert absent == ({"registers", "sessions", "worth"} if engine == "spark" else set())


def _without_verdicts(rankings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    groups = [[group | {"verdict": None, "flag": None} for group in each["groups"]] for each in rankings]
    return [each | {"finding": None, "groups": rows} for each, rows in zip(rankings, groups, strict=True)]


@pytest.mark.long
def test_the_page_says_in_a_sentence_what_it_leaves_out(run: Run, sample: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    result = run("report", "--lake", sample / "lake", "--engine", "polars", "--as-of", AS_OF, "--out", page)
    assert result.returncode == 0, result.stderr
    text = page.read_text(encoding="utf-8")
    assert text.count("Counted by Polars over a lake, which does not show how few people") == 1
    for left in ("No record is in quarantine", "No class has a known capacity", "Files loaded", "Repeat no-shows</h2>"):
        assert left not in text


@pytest.mark.long
def test_parts_of_a_chain_come_from_a_lake_too(run: Run, sample: Path, tmp_path: Path) -> None:
    asked = ("report", "--by-location", "--as-of", AS_OF, "--format", "json")
    lake = run(*asked, "--lake", sample / "lake", "--out", tmp_path / "lake")
    database = run(*asked, "--db", sample / "a.duckdb", "--out", tmp_path / "database")
    assert lake.returncode == database.returncode == 0, lake.stderr
    ours = sorted(path.name for path in (tmp_path / "lake").iterdir())
    assert ours == sorted(path.name for path in (tmp_path / "database").iterdir())
    assert len(ours) > 1
