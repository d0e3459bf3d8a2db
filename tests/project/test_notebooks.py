"""The notebooks under data/ run as scripts, as marimo reads them, and draw the figures of the database."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import surroundings
from support.records import Make

import pipeline
import queries

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "data" / "notebooks").glob("*.py"))
PROBED = """
import json, runpy, sys
_, defined = runpy.run_path(sys.argv[1])["app"].run()
print(json.dumps([defined["by_service"].to_dicts(), len(defined["by_week"])], default=str))
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_calls_functions_that_there_are(path: Path) -> None:
    """The small test: every name of `queries` in the cells is public, and no name is defined in two cells."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "queries"
    }
    assert asked
    assert asked <= set(queries.__all__)
    given = [
        name.id
        for cell in tree.body
        if isinstance(cell, ast.FunctionDef)
        for node in cell.body
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple)
        for name in node.value.elts
        if isinstance(name, ast.Name)
    ]
    assert len(given) == len(set(given))


@pytest.mark.long
def test_the_notebook_of_rates_draws_them(tmp_path: Path) -> None:
    records = [Make.booking(number) for number in range(1, 31)]
    records += [Make.attendance(number, "NOT_ATTENDED" if number % 3 else "ATTENDED") for number in range(1, 31)]
    (tmp_path / "records.ndjson").write_text("\n".join(map(json.dumps, records)))
    with pipeline.open_store(tmp_path / "a.duckdb") as store:
        pipeline.ingest(store, [tmp_path / "records.ndjson"])
    env = surroundings(NOSHOW_DB=str(tmp_path / "a.duckdb"))
    (path,) = NOTEBOOKS
    for command in ([path], ["-c", PROBED, path]):
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    services, weeks = json.loads(done.stdout.splitlines()[-1])
    assert [(row["service"], row["no_shows"], row["marked_bookings"]) for row in services] == [("Yoga", 20, 30)]
    assert weeks == 1
