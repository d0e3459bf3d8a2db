"""Serve the API's calls over HTTP until the process is stopped."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import queries
from pipeline.cli.exits import say
from queries.errors import UsageError
from queries.installed import how_to_install

_NEEDED = ("starlette", "uvicorn")


def run(host: str, port: int, token_file: Path | None, strict: bool, db: Path | None) -> None:
    """Serve. Raises `UsageError` saying what to install if the packages for HTTP are missing."""
    if not all(map(find_spec, _NEEDED)):
        raise UsageError("serve.missing", "the packages for HTTP are not installed", how_to_install("serve"))
    from pipeline.serving.server import read_token, serve

    serve(queries.database_path(db), host, port, read_token(token_file), say, strict)
