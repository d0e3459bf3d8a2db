"""Words that an owner does not know stand in the glossary and on hover only; in the open there are everyday ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import reports

PACKAGE = Path(reports.__file__).parent
# The glossary and the words on hover are where these belong; the gates speak in `noshow check` alone.
EXPLAINED = {"glossary.py", "terms.py", "gates.py"}
STATISTICIANS = (
    r"lead[ -]times?",
    r"like for like",
    r"like bookings",
    r"drawn rate",
    r"odds",
    r"muted",
    r"lower end",
    r"quarantined?",
    r"contacts?",
    r"(?<!Fees of  )(?<!fees )(?:is|are|be) due",  # of fees everybody says so
    r"due bookings?",
    r"not due",
    r"loses?",
    r"controls?",
    r"ISO week",
    r"confounded",
    r"adjusted",
    r"crude",
    r"shrunk",
    r"standardi[sz]ed",
    r"regression",
    r"ratio",
    r"funnels?",
    r"p.values?",
    r"significan\w*",
    r"confidence",
    r"intervals?",
    r"coverage",
    r"wilson",
    r"standard deviations?",
    r"dispersion",
    r"beta.binomial",
    r"design effects?",
    r"no_show_by_\w+",
)
# The headline as one line of a command, in the terms of the field.
OF_COMMANDS = {"% interval", "coverage withheld", "coverage "}
UNKNOWN = re.compile(rf"\b(?:{'|'.join(STATISTICIANS)})\b", re.IGNORECASE)
# Comments, tags with the words on hover in them, and the texts for analysts: statements and names of tables.
HIDDEN = re.compile(
    r"\{#.*?#\}|<(?:pre|code|style|script|dl class=.glossary.).*?</(?:pre|code|style|script|dl)>|<[^>]*>|\{%.*?%\}",
    re.S,
)
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.S)
QUOTED = re.compile(r'"([^"]*)"|\'([^\']*)\'')


def in_the_open(page: str) -> str:
    return HIDDEN.sub(" ", page)


def prose_of(module: Path) -> Iterator[str]:
    """The texts of a module that have a space: not its docstrings, and not names of columns or files."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            # A value that is filled in may be named as an analyst names it.
            text = re.sub(r"\{\w*\}", "", node.value)
            if " " in node.value and "select " not in node.value and text not in OF_COMMANDS:
                yield text


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name not in EXPLAINED)
TEMPLATES = sorted(PACKAGE.rglob("*.j2"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_sentence_needs_a_statistician(module: Path) -> None:
    assert [text for text in prose_of(module) if UNKNOWN.search(text)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_template_needs_a_statistician(template: Path) -> None:
    shown = in_the_open(template.read_text(encoding="utf-8"))
    # Of an expression its texts are shown, not its names.
    texts = [first or second for code in EXPRESSION.findall(shown) for first, second in QUOTED.findall(code)]
    prose = [EXPRESSION.sub(" ", shown), *(text for text in texts if " " in text)]
    assert [found for text in prose for found in UNKNOWN.findall(text)] == []


def test_a_whole_page_needs_no_statistician() -> None:
    page = (Path(__file__).parent / "golden" / "tiny.html").read_text(encoding="utf-8")
    assert UNKNOWN.findall(in_the_open(page)) == []


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>By lead time</p>", ["lead time"]),
        ('<abbr title="adjusted odds ratio">Rate, others equal</abbr>', []),
        ("<code>quarantine</code>", []),
        ("<p>Odds of 2</p>", ["Odds"]),
    ],
)
def test_words_on_hover_and_code_are_not_in_the_open(page: str, found: list[str]) -> None:
    assert UNKNOWN.findall(in_the_open(page)) == found
