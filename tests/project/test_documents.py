"""The documentation: every link leads somewhere, every example runs, and everything that has a name is explained."""

from __future__ import annotations

import ast
import io
import re
import shlex
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

import pipeline
import queries
import queries.errors
from pipeline.cli.app import app
from pipeline.cli.exits import EXIT_CODES, INTERRUPTED
from pipeline.settings import Settings
from queries.model.rules import RULES

ROOT = Path(__file__).parents[2]
PACKAGES = ("pipeline", "queries", "reports")
MAX_README = 8 * 1024
MAX_DOCUMENT = 16 * 1024
# Tables of measurements, written by the benches.
RESULTS = {"tests/bench/RESULTS.md", "tests/bench/RESULTS-spark.md", "tests/bench/RESULTS-truth.md"}
# Beside the public errors: their subclasses inside `pipeline`, and functions that make an error from a code.
OTHER_MAKERS_OF_ERRORS = {"DamagedPages", "NoCall", "QueryRefused", "Refused", "_refused", "super"}
TERMS = ("booking", "session", "participant", "attendee", "attendance", "marked", "no-show", "walk-in", "quarantine")


@cache
def documents() -> dict[str, str]:
    """Every Markdown file of the project by its path; files that noshow itself writes into `data` are left out."""
    paths = [*ROOT.glob("*.md"), *(ROOT / ".github").rglob("*.md")]
    paths += [path for folder in (*PACKAGES, "data", "tests") for path in (ROOT / folder).rglob("*.md")]
    generated = [ROOT / "data" / name for name in ("demo", "reports")]
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(paths)
        if not any(path.is_relative_to(folder) for folder in generated)
    }


def everything() -> str:
    return "\n".join(text for name, text in documents().items() if name not in RESULTS)


def blocks(language: str) -> list[tuple[str, str]]:
    """Code blocks of a language, each with the file that it stands in."""
    return [
        (name, block)
        for name, text in documents().items()
        for block in re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    ]


def prose(text: str) -> str:
    """A document without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def named(cases: list[tuple[str, str]]) -> list[Any]:
    return [pytest.param(text, id=f"{name}-{number}") for number, (name, text) in enumerate(cases)]


# Sizes, links, headings


def test_the_readme_is_short_and_starts_with_the_two_commands() -> None:
    readme = documents()["README.md"]
    demo = "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/noshow demo"
    tests = "python3 -m venv .venv && .venv/bin/pip install -r .ci/constraints.txt && "
    assert 0 < readme.index(demo) < readme.index(tests) < 2500
    assert len(readme.encode()) <= MAX_README


def test_no_document_is_too_long_to_read() -> None:
    long = {name for name, text in documents().items() if len(text.encode()) > MAX_DOCUMENT}
    assert not long - RESULTS


def test_every_document_is_reached_from_the_readme() -> None:
    reached, new = set[str](), {"README.md"}
    while new:
        reached |= new
        targets = {resolved(name, target) for name in new for target in links(name)}
        new = {path for path, _ in targets if path in documents()} - reached
    assert reached == set(documents())


@pytest.mark.parametrize("name", sorted(documents()))
def test_every_link_leads_to_a_file_and_heading_that_is_there(name: str) -> None:
    for target in links(name):
        path, anchor = resolved(name, target)
        assert (ROOT / path).exists(), f"{name}: {target}"
        if anchor:
            assert anchor in anchors(documents()[path]), f"{name}: {target}"


def links(name: str) -> list[str]:
    """Targets of a document's links and pictures, those of other sites left out."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(documents()[name]))
    return [target for target in targets if "://" not in target]


def resolved(name: str, target: str) -> tuple[str, str]:
    """The path from the root, and the anchor or nothing."""
    path, _, anchor = target.partition("#")
    file = (ROOT / name).parent / path if path else ROOT / name
    return Path(file).resolve().relative_to(ROOT).as_posix(), anchor


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of headings: `## In Python` is `#in-python`, a second one `#in-python-1`."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE):
        words = "".join(c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
        slug = words.replace(" ", "-")
        found[slug] = found.get(slug, 0) + 1
    return {slug if not number else f"{slug}-{number}" for slug, times in found.items() for number in range(times)}


# Examples


@pytest.mark.parametrize("block", named(blocks("sh")))
def test_every_command_in_a_shell_example_is_accepted(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in noshow_calls(block):
        command, rest = command_of(words)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
        with command.make_context("noshow", list(rest)):
            pass


@pytest.mark.parametrize("name", sorted(documents()))
def test_every_command_and_option_in_the_text_exists(name: str) -> None:
    for call in re.findall(r"`(noshow [^`]+)`", prose(documents()[name])):
        words = call.replace("\\|", "|").split()[1:]
        for alternative in alternatives(words):
            command, rest = command_of(alternative)
            known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
            given = {word.partition("=")[0] for word in rest if word.startswith("--") and "…" not in word}
            assert given <= known | {"--help"}, f"{name}: {call}"


def noshow_calls(block: str) -> Iterator[list[str]]:
    """The arguments of each call of noshow in a shell block."""
    for line in block.replace("\\\n", " ").splitlines():
        words: list[str] = []
        for word in [*shlex.split(line, comments=True), "&&"]:
            if word not in ("&&", "|", ";"):
                words.append(word)
                continue
            if words and words[0].endswith("noshow"):
                yield words[1:]
            words = []


def alternatives(words: list[str]) -> Iterator[list[str]]:
    """`quarantine list|show` as two calls; the word after an option is its value."""
    at = next((n for n, word in enumerate(words[:2]) if "|" in word and word.islower()), None)
    if at is None:
        yield words
        return
    for choice in words[at].split("|"):
        yield [*words[:at], choice, *words[at + 1 :]]


@cache
def every_command() -> Any:
    """The group of all commands; it takes a tenth of a second to make."""
    return typer.main.get_command(app)


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words call, and the arguments that are left for it."""
    command, rest = every_command(), list(words)
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"there is no command {' '.join(words)!r}"
        command = command.commands[rest.pop(0)]
    return command, rest


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the examples expect it: a database made from the sample, exports and data."""
    folder = tmp_path_factory.mktemp("examples")
    for name in ("sample", "mappings"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    shutil.copytree(ROOT / "data" / "sample", folder / "exports")
    with pipeline.open_store(folder / "data" / "attendance.duckdb") as store:
        pipeline.ingest(store, [folder / "exports"])
    return folder


@pytest.mark.parametrize("block", named(blocks("python")))
def test_every_python_example_runs(block: str, loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    shutil.copytree(loaded, folder)
    monkeypatch.chdir(folder)
    values: dict[str, Any] = {}
    try:
        exec(block, values)
    finally:
        if "con" in values:
            values["con"].close()
    if "page" in values:
        assert len(values["page"]["attendances"]) == len(set(map(str, values["page"]["attendances"]))) == 3
        assert values["more"]["attendances"]


@pytest.mark.parametrize("block", named(blocks("sql")))
def test_every_sql_example_runs_and_gives_rows(block: str, loaded: Path) -> None:
    with closing(queries.connect(loaded / "data" / "attendance.duckdb")) as con:
        for statement in filter(str.strip, block.split(";")):
            rows = con.execute(statement).fetchall()
            assert rows or statement.strip().startswith("set "), statement


# Everything that has a name


def test_every_command_is_in_the_readmes_table() -> None:
    (table,) = re.findall(r"^\| command \|.*?(?=\n\n)", documents()["README.md"], flags=re.DOTALL | re.MULTILINE)
    assert {name for name in every_command().commands if f"`noshow {name}" not in table} == set()


def test_every_option_of_the_report_is_explained() -> None:
    text = documents()["reports/README.md"]
    options = {option for parameter in command_of(["report"])[0].params for option in parameter.opts}
    everywhere = {"-v", "--verbose", "-q", "--quiet", "--log"}
    assert {option for option in options - everywhere if f"`{option}" not in text} == set()


def test_every_exit_code_is_explained_once() -> None:
    codes = documents()["pipeline/operations.md"]
    for code in (0, 1, *EXIT_CODES.values(), INTERRUPTED):
        assert codes.count(f"\n| {code} |") == 1, code


def test_every_setting_is_explained_once_with_its_default() -> None:
    text = documents()["pipeline/settings.md"]
    for name, field in Settings.model_fields.items():
        cells = re.findall(rf"^\| `{name}` \|([^|]*)\|", text, flags=re.MULTILINE)
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, {}, ()) else f"{default:g}" if isinstance(default, float) else str(default)
        assert [cell.strip() for cell in cells] == [shown], name


def test_every_rule_of_quarantine_is_explained() -> None:
    text = documents()["pipeline/README.md"]
    assert {rule for rule in RULES if f"\n| `{rule}` |" not in text} == set()


def test_every_grouping_table_view_and_macro_is_explained(loaded: Path) -> None:
    text = "".join(documents()[f"queries/{page}.md"] for page in ("README", "views", "intervals", "upcoming", "calls"))
    with closing(queries.connect(loaded / "data" / "attendance.duckdb")) as con:
        tables = con.execute(
            "select if(schema_name = 'main', '', schema_name || '.') || table_name from duckdb_tables() "
            "union all select view_name from duckdb_views() where not internal"
        ).fetchall()
        macros = con.execute("select function_name from duckdb_functions() where not internal").fetchall()
    assert {name for (name,) in tables if f"`{name}`" not in text} == set()
    assert {name for (name,) in macros if f"`{name}(" not in text} == set()
    assert {name for name in queries.GROUPINGS if f"`{name}`" not in text} == set()
    # The stored roster is a table or a view by the number of bookings.
    assert "`known_roster`" in text


def test_every_function_and_error_of_the_queries_is_explained() -> None:
    text = "".join(documents()[f"queries/{page}.md"] for page in ("README", "upcoming", "calls"))
    constants = {name for name in queries.__all__ if name.isupper()}
    results = {"Site", "OpenLake", "connect", "database_path"}
    for name in set(queries.__all__) - constants - results:
        assert f"`{name}`" in text or f"`queries.{name}`" in text, name
    assert "queries.connect(" in text


def test_every_family_of_error_codes_is_explained() -> None:
    families = {code.partition(".")[0] for code in raised_codes() if "." in code}
    capitals = {code for code in raised_codes() if "." not in code}
    assert {"database", "file", "pull", "settings"} <= families
    assert "UNKNOWN_FIELD" in capitals
    text = documents()["pipeline/operations.md"]
    assert {family for family in families if f"`{family}.…`" not in text} == set()
    assert {code for code in capitals if f"`{code}`" not in documents()["queries/language.md"]} == set()


def test_every_finding_of_the_doctor_is_explained() -> None:
    found = codes_given_to({"Finding", "_note"})
    assert len(found) > 10
    assert {code for code in found if f"`{code}`" not in documents()["pipeline/operations.md"]} == set()


def raised_codes() -> set[str]:
    """The codes given to errors anywhere in the packages, found by the classes and functions that make them."""
    errors = {name for name, value in vars(queries.errors).items() if isinstance(value, type)}
    return codes_given_to(errors | OTHER_MAKERS_OF_ERRORS)


def codes_given_to(callers: set[str]) -> set[str]:
    """First text arguments that look like codes, in calls of these names."""
    found = set()
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called(node) & callers:
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                found |= {
                    text
                    for text in texts
                    if isinstance(text, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+|[A-Z]+(_[A-Z]+)+|CONFLICT", text)
                }
    return found


def called(node: ast.Call) -> set[str]:
    """The names in the function of a call: `super().__init__` has `super`."""
    return {part.id for part in ast.walk(node.func) if isinstance(part, ast.Name)}


def test_the_glossary_defines_each_word_once() -> None:
    text = everything()
    for word in TERMS:
        assert text.count(f"\n| **{word}** |") == 1, word


def test_the_changelog_names_the_version() -> None:
    from importlib.metadata import version

    assert f"\n## {version('noshow')}" in documents()["CHANGELOG.md"]


def test_nothing_outside_the_listing_is_a_document() -> None:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert set(listed.stdout.split()) <= set(documents())
