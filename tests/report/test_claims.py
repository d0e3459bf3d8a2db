"""Words that claim something stand in a row with the condition that makes them true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reports

SECTIONS = sorted((Path(reports.__file__).parent / "sections").rglob("*.py"))
CLAIMS = re.compile(
    r"\b(most of|mostly|twice|half|highest rate|lowest rate|largest|rose|fell|higher|lower than|"
    r"more than the others|than chance|is found|are found|more no-shows|"
    r"fewer no-shows|nobody (?!named)|none of (?:the|these)|always|never)\b"
)
# Terms and their definitions are true of every report.
NOT_SAID = {"glossary.py"}


def claims_in(source: str) -> list[str]:
    """The texts that claim something outside `Sentence(…)`, those that document the program left out."""
    tree = ast.parse(source)
    rows = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Sentence"
        for part in ast.walk(node)
    }
    return [node.value for node in texts_of(tree) if id(node) not in rows and CLAIMS.search(node.value.lower())]


def texts_of(tree: ast.AST) -> Iterator[Any]:
    """The texts of several words in a module, those that document the program left out."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(" ") > 1
        if is_text and id(node) not in documented:
            yield node


@pytest.mark.parametrize("file", [file for file in SECTIONS if file.name not in NOT_SAID], ids=str)
def test_claims_of_sections_stand_beside_their_conditions(file: Path) -> None:
    assert claims_in(file.read_text(encoding="utf-8")) == []


def test_a_claim_elsewhere_is_noticed() -> None:
    assert claims_in('def said(n: int) -> str:\n    return f"Ana has {n}, the largest number."') != []
    assert claims_in('"""The largest."""\nROWS = (Sentence("Ana has the largest number.", is_largest),)') == []
