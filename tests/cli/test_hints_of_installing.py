"""The hint to install an optional part fits the way noshow was installed."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from queries.installed import EXTRAS, Installation, how_to_install, install_command, installer_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("found", "command"),
    [
        (Installation("pip", "/venv"), "pip install 'noshow[shell]'"),
        (Installation("pip", "/my venv", is_active=False), "'/my venv/bin/python' -m pip install 'noshow[shell]'"),
        (Installation("pip", "/venv", source="/src/noshow", is_editable=True), "pip install -e '/src/noshow[shell]'"),
        (Installation("pip", "/venv", source="/a/noshow.whl"), "pip install '/a/noshow.whl[shell]'"),
        (Installation("pipx", "/p", is_active=False), "pipx runpip noshow install 'noshow[shell]'"),
        (Installation("uv tool", "/u", is_active=False), "uv tool install 'noshow[shell]'"),
        (Installation("uv tool", "/u", extras=("serve", "model")), "uv tool install 'noshow[model,serve,shell]'"),
        (Installation("uv", "/u"), "uv pip install 'noshow[shell]'"),
        (Installation("uv", "/u", is_active=False), "uv pip install --python /u/bin/python 'noshow[shell]'"),
    ],
)
def test_the_command_is_that_of_the_installer(found: Installation, command: str) -> None:
    assert install_command("shell", found) == command
    assert "[" in shlex.split(command)[-1]


def test_an_installer_is_known_by_what_it_leaves(tmp_path: Path) -> None:
    assert installer_of(tmp_path, has_pip=True) == "pip"
    assert installer_of(tmp_path, has_pip=False) == "uv"
    (tmp_path / "uv-receipt.toml").touch()
    assert installer_of(tmp_path, has_pip=True) == "uv tool"
    (tmp_path / "pipx_metadata.json").touch()
    assert installer_of(tmp_path, has_pip=False) == "pipx"


def test_this_installation_is_described() -> None:
    assert re.fullmatch(r"Run: \S.* install .*\[(\w+,)*serve(,\w+)*\]'?", how_to_install("serve"))


def test_the_optional_parts_are_those_of_the_project() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {*extras} - {*EXTRAS} == {"bench", "dev", "fuzz"}


def test_no_other_text_says_how_to_install_a_part() -> None:
    """Each text of the packages that names a part of noshow with its installer is made by `how_to_install`."""
    said = {
        path.relative_to(ROOT).as_posix()
        for package in ("pipeline", "queries", "reports")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and re.search(r"install.*noshow\[", str(node.value))
    }
    assert said == {"queries/installed.py"}
