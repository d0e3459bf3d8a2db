"""Loading as a command beside DuckDB alone as a process: both with their start, their imports and an empty database."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filled import RECORDS, VISITS, write_attendances, write_records, write_visits
from ingest import read_sql
from measuring import Row, Run, command, middle
from unchecked import statements

# The arguments of a process, for the database that it writes.
Command = Callable[[Path], list[str]]

_ROUNDS = 3
_BESIDE = "DuckDB alone, no checks, as a process"
_NOSHOW = "import sys; from pipeline.cli import main; sys.argv = {arguments!r}; main()"
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
    """`size` attendances, a tenth of other records and of mapped rows, each beside DuckDB alone; and small loads."""
    return [*_attendances(folder, size), *_others(folder, size // 10), *_small(folder)]


def _attendances(folder: Path, size: int) -> list[Row]:
    """Clean beside DuckDB alone, and in other forms beside clean; in turn, the medians of three."""
    clean = folder / "clean.ndjson"
    write_attendances(clean, 0, size)
    files = {"clean": clean} | {name: _written(clean, folder / f"{name}.ndjson", name) for name in _VARIANTS}
    sql = f"create table attendance as {read_sql(clean)}"
    made = {"DuckDB": _unchecked(sql)} | {name: _ingest(file) for name, file in files.items()}
    ours = _in_turn(folder / "attendances", made)
    work = f"noshow ingest of {size:,} attendances"
    return [
        Row(work, ours["clean"], _BESIDE, ours["DuckDB"], "at most 2.5x"),
        *(Row(f"{work}, {name}", ours[name], "clean", ours["clean"], "at most 1.3x") for name in _VARIANTS),
    ]


def _others(folder: Path, size: int) -> list[Row]:
    """Bookings, extended bookings and sessions of the API, and a mapped CSV, beside DuckDB with the same columns."""
    files = {kind: folder / f"{kind}.ndjson" for kind in RECORDS}
    for kind, file in files.items():
        write_records(file, kind, size)
    files["visits"], mapping = folder / "visits.csv", folder / "visits.toml"
    write_visits(files["visits"], size)
    mapping.write_text(VISITS, encoding="utf-8")
    measured = []
    for kind, file in files.items():
        options = ["--mapping", str(mapping)] if kind == "visits" else []
        made = {"DuckDB": _unchecked(statements(kind, file)), "noshow": _ingest(file, *options)}
        ours = _in_turn(folder / kind, made)
        name, goal = ("mapped rows of CSV", "at most 3x") if kind == "visits" else (f"{kind}s", "at most 4x")
        measured.append(Row(f"noshow ingest of {size:,} {name}", ours["noshow"], _BESIDE, ours["DuckDB"], goal))
    return measured


def _small(folder: Path) -> list[Row]:
    """A load of 5,000 attendances into a new database, and the demo, beside the start of DuckDB alone."""
    small = folder / "small.ndjson"
    write_attendances(small, 0, 5_000)
    made = {
        "DuckDB": lambda db: [sys.executable, "-c", "import duckdb"],
        "noshow": _ingest(small),
        "demo": lambda db: _noshow("demo", "--dir", str(db.parent / "demo")),
    }
    ours = _in_turn(folder / "small", made)
    return [
        Row("noshow ingest of 5,000 attendances", ours["noshow"], "import duckdb", ours["DuckDB"], "at most 2x"),
        Row("noshow demo", ours["demo"], "import duckdb", ours["DuckDB"], "at most 7 CPU s"),
    ]


def _in_turn(folder: Path, made: Mapping[str, Command]) -> dict[str, Run]:
    """The median run of each command, all run in turn, each with a new database."""
    runs: dict[str, list[Run]] = {name: [] for name in made}
    for turn in range(_ROUNDS):
        for name, command_on in made.items():
            db = folder / f"{turn} {name}" / "a.duckdb"
            db.parent.mkdir(parents=True)
            runs[name].append(command(command_on(db)))
            shutil.rmtree(db.parent)
    return {name: middle(found) for name, found in runs.items()}


def _unchecked(sql: str) -> Command:
    return lambda db: [sys.executable, "-c", _PLAIN.format(db=str(db), sql=sql)]


def _ingest(file: Path, *options: str) -> Command:
    return lambda db: _noshow("ingest", str(file), "--db", str(db), *options)


def _noshow(*arguments: str) -> list[str]:
    return [sys.executable, "-c", _NOSHOW.format(arguments=["noshow", *arguments])]


def _written(clean: Path, file: Path, name: str) -> Path:
    with clean.open(encoding="utf-8") as lines, file.open("w", encoding="utf-8") as made:
        for number, line in enumerate(lines):
            made.write(_VARIANTS[name](number, json.loads(line)) + "\n")
    return file
