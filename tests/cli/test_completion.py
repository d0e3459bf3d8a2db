"""Completion as the shell asks for it: words of the model, loads and rules of the database; it never fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from support.commands import forked, surroundings
from support.every_command import options_of
from support.records import Make

import pipeline
from pipeline.cli.app import app
from queries.model import vocabularies
from queries.model.groupings import GROUPINGS

COMMAND = typer.main.get_command(app)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of two loads, the second of which has records in quarantine, and a folder below it."""
    made = tmp_path_factory.mktemp("completion")
    (made / "noshow.toml").write_text("")
    (made / "below").mkdir()
    (made / "one.ndjson").write_text(json.dumps(Make.booking(1)))
    (made / "two\x1b[b].ndjson").write_text(
        "\n".join(json.dumps(Make.attendance(n, "MAYBE")) for n in (1, 2)) + "\n" + json.dumps(Make.attendance(3))
    )
    with pipeline.open_store(made / "data" / "attendance.duckdb") as store:
        pipeline.ingest(store, [made / "one.ndjson", made / "two\x1b[b].ndjson"])
    return made


def offered(folder: Path, typed: str, shell: str = "bash", **env: str) -> list[str]:
    """The lines that the shell gets for a command line with the cursor at its end."""
    words = typed.split(" ")
    asked = {
        "_NOSHOW_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": typed,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = forked(cwd=folder, env=surroundings(**asked | env))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "\x1b" not in done.stdout
    return [line for line in done.stdout.splitlines() if line]


def test_words_of_the_model_are_offered(folder: Path) -> None:
    assert offered(folder, "noshow rates --by ") == list(GROUPINGS)
    assert offered(folder, "noshow rates --by service,local_") == ["service,local_weekday", "service,local_hour"]
    assert offered(folder, "noshow quarantine list --kind ") == list(vocabularies.RECORD_KINDS)
    assert offered(folder, "noshow set --status NOT") == ["NOT_SET", "NOT_ATTENDED"]
    assert "hotel" in offered(folder, "noshow ingest x.csv --mapping ")
    assert offered(folder, "noshow rates --format ") == list(vocabularies.TABLE_FORMATS)


@pytest.mark.parametrize("place", [".", "below"])
def test_loads_and_rules_of_the_database_are_offered(folder: Path, place: str) -> None:
    here = folder / place
    assert offered(here, "noshow unload ") == ["2", "1"]
    assert offered(here, "noshow quarantine retry --load ") == ["2"]
    assert offered(here, "noshow quarantine list --rule ") == ["status_unknown"]
    assert offered(here, "noshow quarantine list --rule x") == []


def test_what_a_load_is_stands_beside_its_number(folder: Path) -> None:
    (newest, first) = offered(folder, "noshow unload ", "fish")
    assert newest.startswith("2\ttwo/x1b(b).ndjson, 20")
    assert first.startswith("1\tone.ndjson, 20")
    assert "one.ndjson" in offered(folder, "noshow unload ", "zsh")[-1]


@pytest.mark.parametrize("database", ["missing.duckdb", "noshow.toml", "."])
def test_without_a_database_nothing_is_offered_and_nothing_fails(folder: Path, database: str) -> None:
    before = sorted(folder.rglob("*"))
    assert offered(folder, f"noshow unload --db {database} ") == []
    assert offered(folder, "noshow quarantine list --rule ", NOSHOW_DB=database) == []
    assert sorted(folder.rglob("*")) == before


def test_no_option_of_known_words_is_left_without_completion() -> None:
    of_words = {"by", "kind", "rule", "load", "loads", "mapping", "status", "table_format", "source_format", "order"}
    lacking = [
        (name, option.name)
        for name, option in options_of(COMMAND)
        if option.name in of_words
        and not (option._custom_shell_complete or option.shell_complete(typer.Context(COMMAND), ""))
    ]
    assert lacking == []
