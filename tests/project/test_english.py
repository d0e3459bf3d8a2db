"""Phrases that read as translated: none in the documentation, and in the code no more than there are today.

`python tests/project/test_english.py` lists each of them with its file and line, or only those of the patterns named
behind it.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("pipeline", "queries", "reports", "tests")
# This list of patterns itself, and reports that noshow wrote.
LEFT_OUT = (Path(__file__), ROOT / "tests" / "report" / "golden")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase to avoid, how often it may still stand in the code, and what to write instead."""

    regex: str
    allowed: int
    instead: str


# An indirect question keeps its word: "says what to do", "shows what is left", "what to load again".
_ASKING = "".join(
    rf"(?<!\b{verb} )"
    for verb in ("say", "says", "said", "show", "shows", "see", "know", "knows", "ask", "asks", "explains", "decides")
)

# The counts only fall: lower them whenever some are mended.
PATTERNS = {
    "X goes in": Pattern(r"\b(?:goes|go) in[;,:]", 0, "say what it is for: a verb or a noun phrase"),
    "Y comes out": Pattern(r"\b(?:comes|come) out\b", 0, "say what it is for: a verb or a noun phrase"),
    "tell": Pattern(r"\b[Tt](?:ell|ells|old|elling)\b", 4, "say, show, report, identify, return"),
    "what as a noun": Pattern(rf"{_ASKING}\b[Ww]hat\b(?! to\b)(?![^.;:\n]*\?)", 17, "name the thing"),
    "is no": Pattern(r"(?<![Tt]here )\b(?:is|are|was|were) no\b(?! (?:longer|more|less)\b|-shows?\b)", 0, "is not a"),
    "anew": Pattern(r"\banew\b", 0, "again, rebuilt"),
    ", where": Pattern(r", where\b", 6, "if, when, or a new sentence"),
    "where for if": Pattern(
        r"(?<!\bfrom )\b[Ww]here (?:it|they|there|that|this|nothing|nobody|none|no|neither|some|any|one|such)\b",
        7,
        "if, when",
    ),
    "say too little": Pattern(r"\bsays? too little\b", 0, "are shown without a rate"),
}


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of prose: where it begins, and its words."""

    file: str
    line: int
    words: str


@cache
def found_in_code() -> dict[str, list[str]]:
    return found(text for path in paths(".py", ".sql", ".j2", ".js", ".css") for text in texts(path))


@cache
def found_in_documents() -> dict[str, list[str]]:
    return found(text for path in documents() for text in texts(path))


def found(prose: Iterator[Text]) -> dict[str, list[str]]:
    """Where each pattern stands, as `file:line: the words around it`."""
    places: dict[str, list[str]] = {name: [] for name in PATTERNS}
    for text in prose:
        for name, pattern in PATTERNS.items():
            for match in re.finditer(pattern.regex, text.words):
                line = text.line + text.words.count("\n", 0, match.start())
                around = text.words[max(0, match.start() - 40) : match.end() + 40]
                places[name].append(f"{text.file}:{line}: {' '.join(around.split())}")
    return places


def paths(*suffixes: str) -> list[Path]:
    found = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.suffix in suffixes)
    return [path for path in found if not any(path.is_relative_to(other) for other in LEFT_OUT)]


def documents() -> list[Path]:
    return [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / ".github").rglob("*.md")),
        *paths(".md"),
        ROOT / "data" / "README.md",
        *sorted((ROOT / "data" / "sample").glob("*.md")),
    ]


def texts(path: Path) -> Iterator[Text]:
    """The prose of a file: comments and strings of code, templates and documents whole but for their code."""
    name, content = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from (Text(name, line, words) for line, words in of_python(content))
    elif path.suffix == ".md":
        yield Text(name, 1, without_code(content))
    elif path.suffix in (".sql", ".js", ".css"):
        yield from (Text(name, line, words) for line, words in of_comments(content))
    else:
        yield Text(name, 1, content)


def of_python(content: str) -> Iterator[tuple[int, str]]:
    """Comments and strings, f-strings too. A comment of several lines is one piece."""
    comment: list[str] = []
    begins = 0
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "COMMENT":
            begins = begins if comment else token.start[0]
            comment.append(token.string.lstrip("# "))
        elif kind in ("NL", "INDENT", "DEDENT"):
            continue
        else:
            if comment:
                yield begins, "\n".join(comment)
                comment = []
            if kind in ("STRING", "FSTRING_MIDDLE"):
                yield token.start[0], token.string


def of_comments(content: str) -> Iterator[tuple[int, str]]:
    """Comments of SQL, scripts and styles, and the comments that SQL gives to tables."""
    for match in re.finditer(r"--\s(.*)|//\s(.*)|/\*([\s\S]*?)\*/|\bis\s+'((?:[^']|'')*)'", content):
        yield content.count("\n", 0, match.start()) + 1, next(filter(None, match.groups()), "")


def without_code(content: str) -> str:
    """A document with its code blocks blank, so that lines keep their numbers, and without `code` in its lines."""
    blank = re.sub(r"^```.*?^```$", lambda block: "\n" * block[0].count("\n"), content, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "`…`", blank)


@pytest.mark.parametrize("name", PATTERNS)
def test_the_documentation_is_plain_english(name: str) -> None:
    assert not found_in_documents()[name], PATTERNS[name].instead


@pytest.mark.long
@pytest.mark.parametrize("name", PATTERNS)
def test_the_code_has_no_more_of_it_than_before(name: str) -> None:
    places, pattern = found_in_code()[name], PATTERNS[name]
    listed = "\n".join(places)
    assert len(places) <= pattern.allowed, (
        f"{name!r}: {len(places)}, at most {pattern.allowed} allowed; write {pattern.instead}. All of them:\n{listed}"
    )


def test_prose_is_found_in_every_kind_of_file() -> None:
    code = '"""A goes in."""\n\nx = f"it is no {1} date"  # told\n# a comment\n# that is set anew\ny = "tell"\n'
    assert [line for line, _ in of_python(code)] == [1, 3, 3, 4, 6]
    assert "set anew" in dict(of_python(code))[4]
    sql = "-- where nothing is\nselect 1;\ncomment on table a is 'what is no table';\n"
    assert [line for line, _ in of_comments(sql)] == [1, 3]
    assert without_code("told\n```sh\ntell\n```\n`told` anew\n").split("\n") == ["told", "", "", "", "`…` anew", ""]


def main(names: list[str]) -> None:
    """Print each place, and the number of places by pattern."""
    for name, places in found_in_code().items():
        if not names or name in names:
            print(f"\n{name}: {len(places)}, at most {PATTERNS[name].allowed}; write {PATTERNS[name].instead}")
            print(*places, sep="\n")
            print(Counter(place.partition("/")[0] for place in places))


if __name__ == "__main__":
    main(sys.argv[1:])
