"""A connection and a filter go in; the report is queried, laid out and written as one file."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

import queries
from reports.charts import weekly_chart
from reports.content import Headline, headline, ranking, weeks, weeks_in_words
from reports.render import render

if TYPE_CHECKING:
    import duckdb

LOADS_SHOWN = 15
# Title, words below it, head of the first column, where the rest is.
_RANKINGS = {
    "service": ("Services", "The services that lose most people come first.", "Service", "view no_show_by_service"),
    "series": (
        "Weekly sessions",
        "The same service, weekday, time, place and person, over all dates. Small ones are drawn towards the rest.",
        "Series",
        "noshow rates --by series",
    ),
    "session": (
        "Single sessions",
        "One date each: few bookings, so few can say anything by themselves.",
        "Session",
        "view no_show_by_session",
    ),
}


def build_report(
    con: duckdb.DuckDBPyConnection,
    path: str | os.PathLike[str],
    *,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    min_bookings: int = 10,
    title: str | None = None,
) -> Headline:
    """Write the no-show report of a database to `path`, and return its headline.

    `where` filters the booked sessions (`queries.filters`), `as_of` is the moment the figures hold for, and groups
    with fewer than `min_bookings` marked say too little for a rate. The same snapshot, filter and moment give the
    same bytes. An existing file is replaced whole. Raises `OSError` where the file cannot be written.
    """
    moment = queries.as_of_instant(as_of)
    values = page_values(con, where, moment, min_bookings, title or "No-show report")
    _write(Path(path), render("report.html.j2", values))
    told: Headline = values["headline"]
    return told


def page_values(
    con: duckdb.DuckDBPyConnection, where: Mapping[str, Any] | None, as_of: dt.datetime, min_bookings: int, title: str
) -> dict[str, Any]:
    """All that the page says, by the names that its template uses."""

    def rates(*by: str) -> pl.DataFrame:
        return queries.no_show_rates(con, by=by, where=where, as_of=as_of, min_bookings=min_bookings)

    site = queries.site(con)
    course = weeks(rates("week"), _first_day(rates("day")), _last_full_week(as_of, site.grace_hours))
    loads = queries.loads(con)
    return {
        "title": title,
        "headline": headline(rates().row(0, named=True)),
        "rankings": (
            ranking(rates("service"), "service", *_RANKINGS["service"]),
            ranking(rates("series"), "series", *_RANKINGS["series"]),
            ranking(rates("session"), "session", *_RANKINGS["session"]),
        ),
        "weeks": course,
        "chart": Markup(weekly_chart(course, "weekly")) if course else "",
        "chart_words": weeks_in_words(course),
        "waterfall": queries.waterfall(con, where=where, as_of=as_of).to_dicts(),
        "flags": queries.flags(con, as_of=as_of).filter(pl.col("rows") > 0).to_dicts(),
        "quarantine": queries.quarantine_by_rule(con).to_dicts(),
        "loads": loads.head(LOADS_SHOWN).to_dicts(),
        "loads_total": loads.height,
        "read_total": int(loads["read"].sum()),
        "quarantined_total": int(loads["quarantined"].sum()),
        "min_bookings": min_bookings,
        "as_of": f"{as_of:%Y-%m-%d %H:%M} UTC",
        "filter": queries.filter_in_english(where),
        "site": site,
        "versions": ", ".join(f"{name} {version(name)}" for name in ("noshow", "duckdb", "polars")),
    }


def _first_day(days: pl.DataFrame) -> dt.date | None:
    known = days.filter(pl.col("day").is_not_null())["day"]
    return known[0] if len(known) else None


def _last_full_week(as_of: dt.datetime, grace_hours: int) -> dt.date:
    """The Monday of the last week of which every session, in any zone, can be due."""
    settled = (as_of - dt.timedelta(hours=grace_hours + 12)).date()
    return settled - dt.timedelta(days=settled.weekday() + 7)


def _write(path: Path, page: str) -> None:
    """Put the page in its place in one step, so that nobody opens half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(page)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
