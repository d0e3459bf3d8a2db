"""Loading as a command beside DuckDB alone as a process: both with their start, their imports and an empty database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filled import write_attendances
from ingest import read_sql
from measuring import Row, Run, command, middle

_ROUNDS = 3
_INGEST = "import sys; from pipeline.cli import main; sys.argv = ['noshow', 'ingest', {file!r}, '--db', {db!r}]; main()"
_PLAIN = "import duckdb; duckdb.connect({db!r}).execute({sql!r})"


def _spaced(_: int, record: dict[str, Any]) -> str:
    return json.dumps(record)


def _with_nulls(_: int, record: dict[str, Any]) -> str:
    return _minified({**record, "sessionId": None, "startDate": None})


def _bad_now_and_then(number: int, record: dict[str, Any]) -> str:
    bad = (
        {**record, "status": "LATE"},
        {**record, "numberOfAttendees": "2"},
        {**record, "bookingId": "7"},
        {**record, "extra": 1},
    )
    if number % 1_000 != 7:
        return _minified(record)
    return '{"id":"7' if number % 5_000 == 7 else _minified(bad[number // 1_000 % len(bad)])


def _minified(record: dict[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"))


_VARIANTS: dict[str, Callable[[int, dict[str, Any]], str]] = {
    "spaces as Python writes them": _spaced,
    "two nulls a line": _with_nulls,
    "one bad line in a thousand": _bad_now_and_then,
}


def rows(folder: Path, size: int) -> list[Row]:
    """`size` attendances: clean beside DuckDB alone, and in other forms beside clean; in turn, the medians of three."""
    clean = folder / "clean.ndjson"
    write_attendances(clean, 0, size)
    files = {"clean": clean} | {name: _written(clean, folder / f"{name}.ndjson", name) for name in _VARIANTS}
    runs: dict[str, list[Run]] = {name: [] for name in ("DuckDB", *files)}
    for turn in range(_ROUNDS):
        db = folder / f"plain{turn}.duckdb"
        sql = f"create table attendance as {read_sql(clean)}"
        runs["DuckDB"].append(command([sys.executable, "-c", _PLAIN.format(db=str(db), sql=sql)]))
        for name, file in files.items():
            db = folder / f"{turn} {name}" / "a.duckdb"
            db.parent.mkdir()
            runs[name].append(command([sys.executable, "-c", _INGEST.format(file=str(file), db=str(db))]))
    work, ours = f"noshow ingest of {size:,} attendances", {name: middle(found) for name, found in runs.items()}
    return [
        Row(work, ours["clean"], "DuckDB read_json, no checks, as a process", ours["DuckDB"], "at most 2.5x"),
        *(Row(f"{work}, {name}", ours[name], "clean", ours["clean"], "at most 1.3x") for name in _VARIANTS),
    ]


def _written(clean: Path, file: Path, name: str) -> Path:
    with clean.open(encoding="utf-8") as lines, file.open("w", encoding="utf-8") as made:
        for number, line in enumerate(lines):
            made.write(_VARIANTS[name](number, json.loads(line)) + "\n")
    return file
