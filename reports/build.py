"""A connection and a path go in; the report stands at the path, and its headline comes out. The edge of the package.

Reading, the clock, versions and the file are here; what is between them is pure (`content`, `charts`, `render`).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import queries
from reports.content import RANKINGS, Circumstances, Frames, report_content
from reports.headline import Headline

if TYPE_CHECKING:
    import duckdb

_GROUPINGS = (*(kind.grouping for kind in RANKINGS), "week", "day")
_DATABASE = "select path from duckdb_databases() where database_name = current_database()"


def build_report(
    con: duckdb.DuckDBPyConnection,
    path: str | os.PathLike[str],
    *,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    min_bookings: int = 10,
    title: str | None = None,
) -> Headline:
    """Write the report as one HTML file (UTF-8), folders too, in one step: a reader sees the old file or the new.

    `where` filters the booked sessions (`queries.language`), `as_of` is the moment figures hold for (aware datetime or
    ISO text; default now), groups with fewer than `min_bookings` marked get no rate. The same database, arguments and
    versions give the same bytes. Returns the headline numbers; `.text` says them in a sentence.

    Raises `UsageError` (`QueryError`) for arguments that make no sense, and OSError where the file cannot be written.
    """
    from reports.charts import NARROW, WIDE, weekly_chart  # altair and jinja2 only where a report is built
    from reports.render import page

    moment = queries.as_of_instant(as_of)
    about = Circumstances(
        as_of=moment,
        filter=queries.filter_in_english(where),
        database=_database_name(con),
        site=(site := queries.site(con)),
        versions=_versions(site),
        min_bookings=min_bookings,
        filtered=bool(where),
        title=title,
    )
    report = report_content(_frames(con, where, moment, min_bookings), about)
    charts = {f"weekly_{size.name}": weekly_chart(report.weekly, size) for size in (WIDE, NARROW)}
    _write(Path(path), page(report, charts))
    return report.headline


def _frames(
    con: duckdb.DuckDBPyConnection, where: Mapping[str, Any] | None, as_of: dt.datetime, min_bookings: int
) -> Frames:
    def rates(*by: str) -> Any:
        return queries.no_show_rates(con, by=by, where=where, as_of=as_of, min_bookings=min_bookings)

    return Frames(
        overall=rates(),
        by={grouping: rates(grouping) for grouping in _GROUPINGS},
        waterfall=queries.waterfall(con, where=where, as_of=as_of),
        flags=queries.flags(con, as_of=as_of),
        quarantine=queries.quarantine_by_rule(con),
        loads=queries.loads(con),
    )


def _database_name(con: duckdb.DuckDBPyConnection) -> str:
    """The name of the file, without its folders: reports are passed on."""
    (row,) = con.execute(_DATABASE).fetchall()
    return Path(row[0]).name if row[0] else "in memory"


def _versions(site: queries.Site) -> tuple[tuple[str, str], ...]:
    return tuple((name, _version(name) or site.noshow_version) for name in ("noshow", "duckdb", "polars"))


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:  # noshow itself, run from a source tree
        return None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
