"""The place of the settings file: named, here, or in a folder above."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.commands import Finished, forked

from pipeline.settings_file import database_beside, settings_file
from queries.errors import InputNotFound


@pytest.fixture
def below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the user stands, two below that of `noshow.toml`."""
    (tmp_path / "noshow.toml").write_text('currency = "EUR"\n')
    folder = tmp_path / "exports" / "march"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def test_the_nearest_file_counts(below: Path, tmp_path: Path) -> None:
    assert settings_file({}) == tmp_path / "noshow.toml"
    (below.parent / "noshow.toml").touch()
    assert settings_file({}) == below.parent / "noshow.toml"
    (below / "noshow.toml").touch()
    assert settings_file({}) == Path("noshow.toml")
    (below / "other.toml").touch()
    assert settings_file({"NOSHOW_CONFIG": "other.toml"}) == Path("other.toml")
    with pytest.raises(InputNotFound, match=r"gone\.toml: no settings file here\. Correct --config or NOSHOW_CONFIG"):
        settings_file({"NOSHOW_CONFIG": "gone.toml"})


def test_the_database_is_beside_a_settings_file_above(below: Path, tmp_path: Path) -> None:
    assert database_beside({}) == tmp_path / "data" / "attendance.duckdb"
    assert database_beside({"NOSHOW_DB": "mine.duckdb"}) is None
    (below / "noshow.toml").touch()
    assert database_beside({}) is None
    (below / "noshow.toml").unlink()
    (below / "data").mkdir()
    (below / "data" / "attendance.duckdb").touch()
    assert database_beside({}) is None


def test_commands_below_use_the_settings_and_the_database_above(below: Path, tmp_path: Path) -> None:
    def run(*args: str) -> Finished:
        return forked(*args, cwd=below, env=os.environ)

    rows = {row["setting"]: row for row in json.loads(run("settings", "--format", "json").stdout)}
    assert (rows["currency"]["value"], rows["currency"]["from"]) == ("EUR", str(tmp_path / "noshow.toml"))
    failed = run("rates")
    assert (failed.returncode, str(tmp_path / "data" / "attendance.duckdb") in failed.stderr) == (66, True)
    (below / "mine.toml").write_text('currency = "CHF"\ngroup_readable = true\n')
    named = run("--config", "mine.toml", "settings", "--format", "json")
    rows = {row["setting"]: row for row in json.loads(named.stdout)}
    assert (rows["currency"]["value"], rows["currency"]["from"]) == ("CHF", "mine.toml")
    gone = run("--config", "gone.toml", "settings")
    assert (gone.returncode, gone.stderr.startswith("noshow: gone.toml: no settings file here.")) == (66, True)
