"""Open the newest report in the browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import typer

import queries
from queries.errors import InputNotFound, OutputFailed


def run(db: Path | None) -> None:
    """Print the path of the newest report beside the database, and open it.

    Raises `InputNotFound` if there is none, `OutputFailed` if there is no browser.
    """
    folder = queries.database_path(db).parent
    found = newest_report(folder)
    if found is None:
        raise InputNotFound("report.not_found", f"{folder}: no report here", "Run `noshow report` without --out")
    typer.echo(found)
    if not webbrowser.open(found.resolve().as_uri()):
        raise OutputFailed("report.browser", f"{found}: no browser was found", "Open the file yourself")


def newest_report(folder: Path) -> Path | None:
    """The page that was written last: a report beside the database, or the index of reports by location or the like."""
    pages = [*folder.glob("*.html"), *folder.glob("*/index.html")]
    return max(pages, key=lambda page: (page.stat().st_mtime_ns, page.name), default=None)
