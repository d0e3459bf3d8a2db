"""The imports of each command: they take most of the time of a small one, so none loads a module it does not use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import surroundings
from support.fixtures import Run
from support.records import Make, event, guid
from support.samples import few

HEAVY = frozenset(
    (
        "altair",
        "asyncio",
        "duckdb",
        "httpx",
        "jinja2",
        "narwhals",
        "numpy",
        "pandera",
        "polars",
        "pyarrow",
        "rich",
        "starlette",
        "vl_convert",
    )
)
# A command, and which of these it may import.
COMMANDS = [
    (("settings", "--db", "none.duckdb"), {"rich"}),
    (("settings",), {"duckdb", "rich"}),
    (("ingest", "records.ndjson"), {"duckdb", "polars", "rich"}),  # loaded before
    (("ingest", "new.ndjson"), {"duckdb", "polars", "pandera", "numpy", "rich"}),
    (
        ("set", "--booking", guid(1, 1), "--event", event(1), "--status", "NOT_SET", "--allow-unknown"),
        {"duckdb", "polars", "pandera", "numpy"},
    ),
    (("count", "{}"), {"duckdb"}),
    (("query", "{}"), {"duckdb"}),
    (("doctor",), {"duckdb", "polars", "rich"}),
    (("quarantine", "list"), {"duckdb", "rich"}),
    (("rates",), {"duckdb", "polars", "rich"}),
    (("check", "--min-coverage", "0"), {"duckdb", "polars", "rich"}),
    (("sample", "--out", "made"), {"duckdb", "polars", "numpy", "rich"}),
]
# A plain installation has neither of these. Once installed, they are imported by pandera, and much else with them.
IMPORTED = """
import sys
sys.modules.update(pandas=None, pyspark=None)
from pipeline.cli import main
try:
    main()
finally:
    sys.stdout.flush()
    print(*(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


@pytest.mark.parametrize(("command", "allowed"), few(COMMANDS, 2))
def test_a_command_imports_no_more_than_it_uses(
    tmp_path: Path, run: Run, make: type[Make], command: tuple[str, ...], allowed: set[str]
) -> None:
    records = [make.attendance(n, "ATTENDED") for n in range(1, 9)]
    (tmp_path / "records.ndjson").write_text("".join(json.dumps(record) + "\n" for record in records))
    assert run("ingest", "records.ndjson").returncode == 0
    (tmp_path / "new.ndjson").write_text(json.dumps(make.attendance(9, "ATTENDED")) + "\n")
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *command],
        cwd=tmp_path, env=surroundings(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert HEAVY & set(done.stderr.split()) <= allowed
