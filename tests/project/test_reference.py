"""The API reference is made from the docstrings, has every public name, and needs no network."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("queries", "reports", "pipeline")


@pytest.mark.long
def test_the_reference_has_every_public_name(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(ROOT / ".ci" / "reference.py"), str(tmp_path)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")}
    assert pages.keys() == {"index", *PACKAGES}
    for package in PACKAGES:
        sections = set(re.findall(r'<section id="(\w+)"', pages[package]))
        assert set(importlib.import_module(package).__all__) <= sections
        assert f"{package}.html" in pages["index"]
    loaded = [address for page in pages.values() for address in re.findall(r'src="(https?:[^"]*)', page)]
    assert loaded == []


def test_ci_keeps_the_reference_and_git_does_not() -> None:
    example = (ROOT / ".ci" / "example").read_text(encoding="utf-8")
    (folder,) = re.findall(r"reference\.py (\S+)", example)
    assert f"path: {folder}\n" in (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
    assert f"{folder.split('/')[0]}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
