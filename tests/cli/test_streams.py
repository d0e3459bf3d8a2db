"""`-` is stdin for every file that a command reads, stdout for every file that it writes, and refused for the rest."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import duckdb
import pytest
import typer
from support.commands import Finished, forked, surroundings
from support.every_command import COMMANDS, commands_of, write_inputs

import queries
from pipeline.cli import streams
from pipeline.cli.app import app
from pipeline.cli.exits import MUCH_SET_ASIDE
from pipeline.cli.streams import ON_DISK, READ, READ_MAPPING, WRITE
from pipeline.sources.by_content import suffix_of

COMMAND = typer.main.get_command(app)
FOLDERS_AND_DATABASES = {"db", "lake", "log", "config", "folder"}


def paths_of(name: str, function: Any) -> Iterator[tuple[str, Any]]:
    """The parameters of a command that are paths, each with the callback that says what `-` means."""
    for param, hint in get_type_hints(function, include_extras=True).items():
        if get_origin(hint) is Annotated and "Path" in str(get_args(hint)[0]):
            yield f"{name} {param}", get_args(hint)[1].callback


PATHS = {
    name: callback
    for command, function in [*commands_of(app), ("", app.registered_callback.callback)]  # type: ignore[union-attr]
    for name, callback in paths_of(command, function)
}


def taken(callback: Any, value: Any, stdin: bytes, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The value that a callback returns for this one, in a context of its own; a file is read."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
    with typer.Context(COMMAND) as ctx:
        made = callback(ctx, COMMAND.params[0], value)
        several = made if isinstance(made, list) else [made]
        return [path.read_bytes() if path.exists() else path for path in several]


def test_every_path_of_every_command_says_what_a_dash_means() -> None:
    assert len(PATHS) > 2 * len(COMMANDS)
    assert {name for name, callback in PATHS.items() if callback not in (READ, READ_MAPPING, WRITE, ON_DISK)} == set()
    on_disk = {name.split()[-1] for name, callback in PATHS.items() if callback is ON_DISK}
    assert on_disk - {"out"} == FOLDERS_AND_DATABASES
    assert [name for name, callback in PATHS.items() if name.endswith(" out") and callback is ON_DISK] == ["sample out"]


def test_a_dash_is_stdin_stdout_or_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, callback in PATHS.items():
        for value in (Path("-"), [Path("-")]):
            if callback in (READ, READ_MAPPING):
                assert taken(callback, value, b'{"a": 1}', monkeypatch) == [b'{"a": 1}'], name
        if callback is WRITE:
            assert taken(callback, Path("-"), b"", monkeypatch) == [Path("-")]
        if callback is ON_DISK:
            with pytest.raises(queries.UsageError, match=r"^\S+ cannot be - \(stdin or stdout\)\. Give its path$"):
                taken(callback, Path("-"), b"", monkeypatch)


def test_stdin_is_read_once_and_its_file_goes_when_the_command_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(queries.UsageError, match="- is given twice"):
        taken(READ, [Path("-"), Path("-")], b"x", monkeypatch)
    (folder,) = streams._folders
    assert not folder.exists()
    monkeypatch.setattr(sys, "stdin", None)
    with typer.Context(COMMAND) as ctx, pytest.raises(queries.InputNotFound, match="closed"):
        READ(ctx, ctx.command.params[0], Path("-"))


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"id,start\n1,2\n", ".csv"),
        (b'{"id": 1}\n{"id": 2}\n', ".ndjson"),
        (b'\xef\xbb\xbf[{"id": 1}]', ".json"),
        (b'{\n "id": 1}', ".json"),
        (b"PAR1\0", ".parquet"),
        (b"PK\x03\x04 no archive", ".zip"),
        (b"\x1f\x8b damaged", ".csv.gz"),
        (b"", ".csv"),
    ],
)
def test_the_format_is_that_of_the_first_bytes(data: bytes, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / "stdin"
    file.write_bytes(data)
    assert suffix_of(file) == suffix


def test_the_samples_have_the_suffixes_of_their_content() -> None:
    formats = Path(__file__).parents[1] / "formats"
    found = [path for path in formats.iterdir() if path.suffix in (".csv", ".xlsx", ".json")]
    assert len(found) > 3
    assert [path.name for path in found if suffix_of(path) != path.suffix] == []


# --- whole commands ---


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database whose records came through stdin."""
    made = tmp_path_factory.mktemp("streams")
    write_inputs(made)
    for name in ("bookings.ndjson", "marks.ndjson"):
        outcome = run(made, "ingest", "-", "--json", stdin=(made / name).read_bytes())
        assert outcome.returncode in (0, MUCH_SET_ASIDE), outcome.stderr
    return made


def run(cwd: Path, *args: str, stdin: bytes | None = None) -> Finished:
    return forked(*args, cwd=cwd, env=surroundings(NOSHOW_DB="a.duckdb"), stdin=stdin)


def test_the_ledger_names_what_came_through_stdin_by_its_content(folder: Path) -> None:
    with duckdb.connect(str(folder / "a.duckdb"), read_only=True) as con:
        files = [file for (file,) in con.execute("select file from load_ledger order by load_id").fetchall()]
    assert all(file.startswith("stdin-") and file.endswith(".ndjson") for file in files)
    assert len(set(files)) == 2
    again = run(folder, "ingest", "-", "--json", stdin=(folder / "bookings.ndjson").read_bytes())
    (outcome,) = json.loads(again.stdout)
    assert (outcome["file"], outcome["loaded"], outcome["unchanged"]) == (files[0], 0, 3)


TO_STDOUT = [
    ("rates", "--format", "csv", "--out"),
    ("upcoming", "--format", "json", "--out"),
    ("quarantine", "list", "--format", "csv", "--out"),
    ("quarantine", "export", "--out"),
    ("report", "--format", "md", "--as-of", "2026-06-01T00:00:00Z", "--out"),
    ("export", "--format", "dbt"),
    ("mapping", "draft", "small.csv", "--out"),
    ("calls", "--format", "csv", "--out"),
]


@pytest.mark.parametrize("args", TO_STDOUT, ids=lambda args: " ".join(args[:2]))
def test_stdout_gets_what_the_file_gets(args: tuple[str, ...], folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.ndjson"
    assert run(folder, *args, str(file)).returncode == 0
    printed = run(folder, *args, "-")
    assert (printed.returncode, printed.stdout) == (0, file.read_text(encoding="utf-8")), printed.stderr
    assert "noshow-" not in printed.stderr
    assert not (folder / "-").exists()


@pytest.mark.parametrize(
    ("args", "stdin", "words"),
    [
        (("query", "--file", "-"), b'{"filter": {"status": "ATTENDED"}}', '"status": "ATTENDED"'),
        (("count", "-"), b'{"filter": {"status": "ATTENDED"}}', '"count": 1'),
        (("mapping", "check", "small.csv", "--mapping", "-"), b"namespace = 'x'\n[booking]\nid = 'id'\n", ""),
        (("mapping", "draft", "-", "--out", "-"), b"id,start,status\n1,2026-03-02 18:00,attended\n", "[visit]"),
        (("calls", "done", "-"), b"[]", "0 calls recorded"),
        (("sql", "-", "--format", "csv"), b"select 40 + 2 as answer", "42"),
    ],
)
def test_stdin_is_read(args: tuple[str, ...], stdin: bytes, words: str, folder: Path) -> None:
    done = run(folder, *args, stdin=stdin)
    assert words in done.stdout, done.stderr
    assert "Traceback" not in done.stderr
    assert "/noshow-" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("ingest", "small.csv", "--mapping", "-"), "namespace"),
        (("report", "--by-service", "--out", "-"), "a folder of files"),
        (("export", "-"), "exported as a folder"),
        (("quarantine", "export", "--out", "-", "--reasons", "-"), "given twice"),
        (("rates", "--db", "-"), "--db cannot be -"),
        (("--config", "-", "rates"), "--config cannot be -"),
    ],
)
def test_what_cannot_be_a_stream_is_one_line(args: tuple[str, ...], words: str, folder: Path) -> None:
    refused = run(folder, *args, stdin=b"[booking]\nid = 'id'\n")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert words in refused.stderr


def test_bytes_are_not_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: True))
    for words in streams.BINARY:
        with pytest.raises(queries.UsageError, match="is not for a terminal"):
            streams.require_not_for_terminal(words, "Name a file")
    streams.require_not_for_terminal("csv", "")
