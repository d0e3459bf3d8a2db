"""Import every module of noshow, and the packages that its commands import when they run, for processes to be forked.

Nothing is computed here: a thread that Polars or DuckDB had started would not survive the fork.
"""

from __future__ import annotations

import importlib
import pkgutil

PACKAGES = ("pipeline", "queries", "reports")
# Imported late, within functions, by the commands that need them.
LATE = (
    "altair",
    "httpx",
    "jinja2",
    "pandera.polars",
    "pyarrow.parquet",
    "rich.table",
    "starlette",
    "uvicorn",
    "vl_convert",
)


def _import_all() -> None:
    for package in PACKAGES:
        found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
        for module in found:
            importlib.import_module(module.name)
    for name in LATE:
        importlib.import_module(name)


_import_all()
