"""The types of the fixtures that all tests share; `tests/conftest.py` makes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import duckdb
from support.commands import Finished
from support.records import Record

from pipeline.load.outcomes import FileOutcome

Published = Callable[[], duckdb.DuckDBPyConnection]
# Write texts as one file, or as several, and load it: the outcome of each file.
LoadFile = Callable[..., FileOutcome]
LoadFiles = Callable[..., list[FileOutcome]]


class Write(Protocol):
    """Write records as NDJSON, texts as they are, into a new file."""

    def __call__(self, *records: Record | str, name: str = ...) -> Path: ...


class Load(Protocol):
    """Ingest records into the store; options are those of `pipeline.ingest`."""

    def __call__(self, *records: Record | str, **options: Any) -> FileOutcome: ...


class Run(Protocol):
    """Run noshow in the test's folder, with environment variables given by keyword."""

    def __call__(self, *args: str | Path, **env: str) -> Finished: ...
