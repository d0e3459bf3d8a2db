"""`-` on the command line: stdin in place of a file to read, stdout in place of a file to write.

Every option or argument that names a file has one of four callbacks, by the meaning of `-` for it: `READ` and
`READ_MAPPING` (stdin), `WRITE` (stdout), `ON_DISK` (refused: databases and folders are neither).
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer

from queries.errors import InputNotFound, OutputFailed, UsageError

STDIO = Path("-")
# Formats that are bytes, not text, in words.
BINARY = {
    "parquet": "Parquet",
    "xlsx": "an Excel workbook",
    "pdf": "a PDF",
    "sqlite": "a SQLite database",
    "duckdb": "a DuckDB database",
}
# Under these keys of the context's `meta`: the parameters that have taken stdin and stdout.
_TAKEN = "noshow.stdin", "noshow.stdout"
_READ, _WRITTEN = _TAKEN
# The folders of files that hold the bytes read from stdin; there is one, or none.
_folders: list[Path] = []


def _reading(suffix: str | None) -> Callable[[typer.Context, typer.CallbackParam, Any], Any]:
    def callback(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
        if ctx.resilient_parsing or value is None:
            return value
        if isinstance(value, Path):
            return _from_stdin(ctx, param, suffix) if value == STDIO else value
        return [_from_stdin(ctx, param, suffix) if path == STDIO else path for path in value]

    return callback


def _write(ctx: typer.Context, param: typer.CallbackParam, value: Path | None) -> Path | None:
    if value == STDIO:
        _take(ctx, param, _WRITTEN)
    return value


def _on_disk(ctx: typer.Context, param: typer.CallbackParam, value: Path | None) -> Path | None:
    if value == STDIO and not ctx.resilient_parsing:
        raise UsageError("stream.on_disk", f"{_name(param)} cannot be - (stdin or stdout)", "Give its path")
    return value


READ, READ_MAPPING, WRITE, ON_DISK = _reading(None), _reading(".toml"), _write, _on_disk


def _name(param: typer.CallbackParam) -> str:
    return str(param.opts[0]) if param.opts[0].startswith("-") else str(param.metavar or param.name).upper()


def _take(ctx: typer.Context, param: typer.CallbackParam, stream: str) -> None:
    """Note the parameter that uses a stream. Raises `UsageError` if there is one already: a stream is read once."""
    if other := ctx.meta.get(stream):
        raise UsageError("stream.twice", f"- is given twice, for {other} and {_name(param)}", "Name a file for one")
    ctx.meta[stream] = _name(param)


def _from_stdin(ctx: typer.Context, param: typer.CallbackParam, suffix: str | None) -> Path:
    """Keep stdin in a private temporary file until the command ends: files are read twice, to hash and to load.

    It is named by its content, `stdin-3f2a91c4.csv`. A mapping may make ids of the name and the row's number, and two
    exports that came through stdin must not replace each other's rows.
    """
    _take(ctx, param, _READ)
    if sys.stdin is None:
        raise InputNotFound("stream.stdin", "stdin is closed", "Send a file to it, or name the file")
    folder = Path(ctx.find_root().with_resource(TemporaryDirectory(prefix="noshow-")))
    _folders[:] = [folder]
    raw = folder / "stdin"
    with raw.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    if suffix is None:
        from pipeline.sources.by_content import suffix_of

        suffix = suffix_of(raw)
    with raw.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return raw.rename(folder / f"stdin-{digest[:8]}{suffix}")


def named(path: Path) -> Path:
    """The name of a file to read, for the ledger and for messages: its path, or `stdin-3f2a91c4.csv`."""
    return next((path.relative_to(folder) for folder in _folders if path.is_relative_to(folder)), path)


def without_folder(text: str) -> str:
    """A message without the folder of the temporary file that stands for stdin."""
    for folder in _folders:
        text = text.replace(f"{folder}/", "")
    return text


@contextmanager
def file_for(out: Path, suffix: str) -> Iterator[Path]:
    """The file to write: `out`, or for `-` a temporary one, of which stdout gets the bytes when the block ends."""
    if out != STDIO:
        yield out
        return
    with TemporaryDirectory(prefix="noshow-") as folder:
        draft = Path(folder, f"stdout{suffix}")
        yield draft
        with draft.open("rb") as stream:
            shutil.copyfileobj(stream, _stdout())
        sys.stdout.flush()


def write_bytes(data: bytes, out: Path | None) -> None:
    """Write bytes to the file, or to stdout if none is named, or `-`."""
    if out and out != STDIO:
        out.write_bytes(data)
    else:
        _stdout().write(data)
        sys.stdout.flush()


def _stdout() -> Any:
    if sys.stdout is None:
        raise OutputFailed("stream.stdout", "stdout is closed", "Name a file")
    return sys.stdout.buffer


def require_not_for_terminal(format: str, hint: str) -> None:
    """Raise `UsageError` if stdout is a terminal and the format is bytes."""
    if format in BINARY and sys.stdout and sys.stdout.isatty():
        raise UsageError("output.terminal", f"{BINARY[format]} is not for a terminal", hint)
