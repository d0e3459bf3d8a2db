"""The project itself: the direction of imports, what is public, what the wheel holds, what the README says."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import queries
from pipeline.cli import EXIT_CODES, INTERRUPTED
from pipeline.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = ("pipeline", "queries", "reports")


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "queries",
            {"pandera", "pydantic", "jinja2", "altair", "typer", "rich", "msgspec", "pyarrow.parquet", "narwhals"},
        ),
        ("reports", {"pandera", "pydantic", "altair", "typer", "rich", "msgspec", "narwhals"}),
        ("pipeline", {"pandera", "pydantic", "jinja2", "altair", "typer", "rich", "msgspec", "duckdb", "polars"}),
        (
            "pipeline.cli.app",
            {"pandera", "pydantic", "jinja2", "altair", "msgspec", "duckdb", "polars", "narwhals", "httpx", "tenacity"},
        ),
    ],
)
def test_importing_is_light(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not heavy & set(loaded.stdout.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_public_can_be_imported_and_is_documented(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__doc__
    for name in module.__all__:
        assert getattr(module, name).__doc__, f"{package}.{name}"


def test_only_the_agreed_folders_stand_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert sorted(name for name in top if not name.startswith(".")) == [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "data",
        "pipeline",
        "pyproject.toml",
        "queries",
        "reports",
        "tests",
    ]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = out.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_file_that_is_needed(wheel: zipfile.ZipFile) -> None:
    held = set(wheel.namelist())
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                assert path.relative_to(ROOT).as_posix() in held
        assert f"{package}/py.typed" in held
    for folder in ("sample", "mappings"):
        for path in (ROOT / "data" / folder).iterdir():
            assert f"pipeline/data/{folder}/{path.name}" in held
    assert {name.split("/")[0] for name in held if ".dist-info" not in name} == set(PACKAGES)


def test_the_readme_starts_with_the_two_commands() -> None:
    demo = "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/noshow demo"
    tests = "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest"
    assert 0 < README.index(demo) < README.index(tests) < 2500


def test_the_readme_names_every_command_code_setting_and_grouping() -> None:
    from pipeline.cli.app import app

    for command in app.registered_commands:
        assert command.callback
        assert f"`noshow {command.name or command.callback.__name__}" in README
    for code in (*EXIT_CODES.values(), INTERRUPTED):
        assert f"| {code} |" in README
    for name in Settings.model_fields:
        assert f"`{name}`" in README
    for name in queries.GROUPINGS:
        assert f"`{name}`" in README


def test_the_readmes_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"```python\n(import pipeline, queries\n\n.*?)```", README, flags=re.DOTALL)
    values: dict[str, Any] = {}
    exec(example.replace("example.duckdb", str(tmp_path / "example.duckdb")), values)
    assert len(values["page"]["attendances"]) == len(set(map(str, values["page"]["attendances"]))) == 3
    assert values["more"]["attendances"]
    values["con"].close()


def test_the_readme_defines_each_word_once() -> None:
    terms = ("booking", "session", "participant", "attendee", "attendance", "marked", "no-show")
    glossary = README[README.index("## Glossary") :]
    for word in (*terms, "walk-in", "quarantine"):
        assert glossary.count(f"| **{word}** |") == 1, word


def test_links_and_pictures_in_the_readme_are_there() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target
