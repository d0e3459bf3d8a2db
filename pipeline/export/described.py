"""Describe the exported views to other tools: Datasette's metadata and the sources of a dbt project."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pipeline.export.views import View

_TITLE = "noshow: bookings, attendance and no-shows"
# The database in Datasette is named after its file.
DATASETTE_DATABASE = "noshow"


def datasette_metadata(views: Sequence[View]) -> str:
    """Datasette's metadata (JSON) for the SQLite export in a file called `noshow.sqlite`."""
    tables = {
        view.name: {"description": view.meaning, "columns": {column.name: column.meaning for column in view.columns}}
        for view in views
    }
    return json.dumps({"title": _TITLE, "databases": {DATASETTE_DATABASE: {"tables": tables}}}, indent=1) + "\n"


def dbt_sources(views: Sequence[View], database: str) -> str:
    """The `sources.yml` of a dbt project; `database` is the name that dbt-duckdb attaches the file under."""
    # A text of JSON is one of YAML as well.
    quoted = json.dumps
    lines = [
        "version: 2",
        "sources:",
        "  - name: noshow",
        f"    description: {quoted(_TITLE)}",
        f"    database: {quoted(database)}",
        "    schema: main",
        "    tables:",
    ]
    for view in views:
        lines += [f"      - name: {view.name}", f"        description: {quoted(view.meaning)}", "        columns:"]
        for column in view.columns:
            lines += [
                f"          - name: {column.name}",
                f"            description: {quoted(column.meaning)}",
                f"            data_type: {column.type.lower()}",
            ]
    return "\n".join(lines) + "\n"
