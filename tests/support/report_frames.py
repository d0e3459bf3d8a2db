"""Frames as `queries` gives them, made by hand from counts, for whatever the sections of a report need.

Frames of unknown groupings and measures are made without rows, by the columns that `queries` gives them, so that a new
section needs nothing here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

import pipeline
from queries import Site
from queries.gathered import gathered
from queries.measures.clustering import INDEPENDENT
from queries.measures.frequent import with_frequent
from queries.measures.rates import with_rates, with_shrunk_rates
from queries.model.attributes import attribute_named
from queries.model.groupings import groupings_named
from reports import registry
from reports.measured.frames import Frames
from reports.page.charts import charts_of
from reports.page.render import page
from reports.report import Report, needs_of, report_content
from reports.scope.circumstances import Circumstances
from reports.scope.options import Options

AS_OF = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
SITE = Site("Europe/Madrid", 24, 24, "EUR", 1, "0.1.0")
_COUNTS = (
    "bookings",
    "marked_bookings",
    "attended_bookings",
    "no_shows",
    "unmarked_bookings",
    "presumed_attended",
    "presumed_missed",
    "excused",
    "rated_bookings",
    "missed_bookings",
    "register_marked",
    "register_no_shows",
    "register_excused",
    "partial_no_shows",
    "booked",
    "booked_marked",
    "absent",
    "walk_ins",
    "booked_squared",
    "cancelled_bookings",
    "early_cancelled",
    "late_cancelled",
    "business_cancelled",
    "unknown_cancelled",
    "doubtful_defaults",
    "sessions",
    "sessions_unmarked",
    "session_squares",
    "contact_squares",
    "top_missed",
    "top_rated",
    "top_squares",
)


def counts(attended: int, no_shows: int, unmarked: int = 0, **changes: int | None) -> dict[str, int | None]:
    """Counts of bookings for one participant each, from a source that records both sides unless changed."""
    marked = attended + no_shows
    row: dict[str, int | None] = dict.fromkeys(_COUNTS, 0)
    row |= {
        "bookings": marked + unmarked,
        "marked_bookings": marked,
        "attended_bookings": attended,
        "no_shows": no_shows,
        "unmarked_bookings": unmarked,
        "rated_bookings": marked,
        "missed_bookings": no_shows,
        "register_marked": marked,
        "register_no_shows": no_shows,
        "booked": marked + unmarked,
        "booked_marked": marked,
        "absent": no_shows,
        "booked_squared": marked,
        "sessions": marked + unmarked,
        "session_squares": marked,
        "contact_squares": marked,
        "top_missed": min(3, no_shows),
        "top_rated": min(3, no_shows),
        "top_squares": min(3, no_shows),
    }
    return row | changes


Counts = dict[str, int | None]
Group = tuple[dict[str, Any], Counts]


def rates(groups: Sequence[Group], keys: dict[str, Any], min_bookings: int = 10) -> pl.DataFrame:
    """Rates of groups (their keys and counts), as `queries.no_show_rates` returns them."""
    schema = keys | dict.fromkeys(_COUNTS, pl.Int64) | {"value_absent": pl.Decimal(38, 4)}
    frame = pl.DataFrame([{"value_absent": None} | key | row for key, row in groups], schema=schema)
    flagged = with_frequent(with_shrunk_rates(with_rates(frame, INDEPENDENT)), min_bookings, INDEPENDENT)
    return flagged.with_columns(too_few=pl.col("rated_bookings") < min_bookings)


def named(grouping: str, *groups: tuple[str | None, dict[str, int | None]]) -> pl.DataFrame:
    """Rates by a grouping that has an id and a name; rank as given."""
    rows = [({f"{grouping}_id": f"id-{number}", grouping: name}, row) for number, (name, row) in enumerate(groups)]
    return rates(rows, {f"{grouping}_id": pl.String, grouping: pl.String})


def dated(grouping: str, *groups: tuple[dt.date, dict[str, int | None]]) -> pl.DataFrame:
    """Rates by week, month or day."""
    return rates([({grouping: date}, row) for date, row in groups], {grouping: pl.Date})


def lead(*bands: tuple[str, dict[str, int | None]]) -> pl.DataFrame:
    """Rates by lead-time band."""
    return rates([({"lead_time": name}, row) for name, row in bands], {"lead_time": pl.String})


def grid(*cells: tuple[int, int, dict[str, int | None]]) -> pl.DataFrame:
    """Counts by ISO weekday and hour."""
    keys = {"local_weekday": pl.Int64, "local_hour": pl.Int64}
    return rates([({"local_weekday": day, "local_hour": hour}, row) for day, hour, row in cells], keys)


WHEN = pl.Datetime("us")
COUNTS = dict.fromkeys(_COUNTS, pl.Int64)
MONEY = pl.Decimal(38, 4)
PLACE: dict[str, Any] = {"service": pl.String, "location": pl.String, "staff": pl.String, "local_start": WHEN}
ROWS: dict[str, dict[str, Any]] = {
    "registers": {"session_id": pl.String} | PLACE | dict.fromkeys(("bookings", "unmarked_bookings"), pl.Int64),
    "sessions": {"session_id": pl.String} | PLACE | {"capacity": pl.Int64, "all_sessions": pl.Int64} | COUNTS,
    "course_numbers": {"session_number": pl.Int64} | COUNTS,
    "enrolments": dict.fromkeys(("booking_id", "service", "location", "participant_id", "participant_name"), pl.String)
    | dict.fromkeys(("attended_bookings", "no_shows", "unmarked_bookings", "not_due"), pl.Int64),
    "repeat_no_shows": dict.fromkeys(("participant_id", "participant_name"), pl.String)
    | dict.fromkeys(("no_shows_in_a_year", "no_shows", "rated_bookings", "bookings"), pl.Int64)
    | {"last_no_show": pl.Date},
    "occupancy": dict.fromkeys(("service_id", "service", "service_type"), pl.String)
    | dict.fromkeys(("capacity", "sessions", "empty_sessions", "full_sessions", "seats", "booked"), pl.Int64)
    | dict.fromkeys(("seats_marked", "came_within", "attended_bookings", "no_shows"), pl.Int64)
    | dict.fromkeys(("rated_sessions", "booked_rated", "absent", "booked_rated_squared"), pl.Int64)
    | {"absent_squared_share": pl.Float64},
    "empty_seats": dict.fromkeys(("service_id", "service", "currency"), pl.String)
    | dict.fromkeys(("absent", "absent_priced", "unmarked_seats"), pl.Int64)
    | {"value_absent": MONEY, "value_unmarked": MONEY},
    "weeks": dict.fromkeys(("family", "service_id", "series_id", "location_id", "staff_id", "location"), pl.String)
    | {"local_hour": pl.Int64, "week": pl.Date}
    | dict.fromkeys(("bookings", "rated_bookings", "missed_bookings", "session_squares"), pl.Int64),
}


@cache
def columns_of(measure: str) -> dict[str, Any]:
    """The columns of a measure, as it has them over an empty database."""
    with TemporaryDirectory() as folder:
        settings = pipeline.Settings.model_validate({})
        with (
            pipeline.open_store(Path(folder) / "empty.duckdb", settings=settings) as store,
            gathered(store.connection) as found,
        ):
            return dict(found.measure(measure).drop("part").schema)


def rows(name: str, *given: dict[str, Any]) -> pl.DataFrame:
    """The frame of a measure: whole numbers that are not given are 0, all else is null."""
    schema = ROWS[name] if name in ROWS else columns_of(name)
    empty = {column: 0 if kind == pl.Int64 else None for column, kind in schema.items()}
    return pl.DataFrame([empty | row for row in given], schema=schema)


def waterfall(attended: int, no_shows: int, unmarked: int) -> pl.DataFrame:
    """The steps from bookings to the rate."""
    steps = [
        ("pairs", "Bookings", attended + no_shows + unmarked, 0),
        ("marked", "marked", attended + no_shows, 1),
        ("unmarked", "not marked", unmarked, 1),
    ]
    return pl.DataFrame(
        steps,
        schema={"step": pl.String, "label": pl.String, "rows": pl.Int64, "level": pl.Int64},
        orient="row",
    )


NO_FLAGS = pl.DataFrame(schema={"flag": pl.String, "meaning": pl.String, "rows": pl.Int64})
NO_FINDINGS = pl.DataFrame(
    schema={"load_id": pl.Int64, "file": pl.String, "finding": pl.String, "place": pl.String, "value": pl.String}
    | {"records": pl.Int64}
)
NO_QUARANTINE = pl.DataFrame(schema={"kind": pl.String, "rule": pl.String, "message": pl.String, "rows": pl.Int64})
NO_MODEL = pl.DataFrame(schema={"card": pl.String})
NO_CALLS = pl.DataFrame(schema={"hold_back": pl.Float64})
LOADS = {
    "load_id": pl.Int64,
    "file": pl.String,
    "kind": pl.String,
    **dict.fromkeys(
        ("read", "loaded", "unchanged", "duplicate", "stale", "quarantined", "superseded", "discarded"), pl.Int64
    ),
    "finished_at": pl.Datetime("us"),
}


def quality_flags(*given: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(given, schema=NO_FLAGS.schema, orient="row")


def quarantine(*given: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(given, schema=NO_QUARANTINE.schema, orient="row")


def loads(*given: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(given, schema=LOADS, orient="row").with_columns(left_out=pl.lit(0, pl.Int64))


ONE_LOAD = (
    1,
    "/home/pat/exports/bookings.json",
    "booking",
    120,
    110,
    2,
    3,
    1,
    4,
    0,
    0,
    dt.datetime(2026, 3, 2, 9, 0),  # noqa: DTZ001 the ledger keeps UTC without a zone
)


def grouped(grouping: str) -> pl.DataFrame:
    """Rates by any grouping, without groups."""
    (found,) = groupings_named((grouping,))
    return rates([], dict.fromkeys(found.columns, pl.String))


def frames(**changes: pl.DataFrame) -> Frames:
    """Frames of 34 bookings in two weeks, for every section there is; any of them replaced by keyword."""
    needs = needs_of(registry.SECTIONS)
    by = {
        "service": named("service", ("Yoga", counts(15, 5, 2)), ("Pilates", counts(8, 2, 0)), ("Talk", counts(1, 1))),
        "series": named("series", ("Yoga, Mon 18:00, Harbour, Ana", counts(24, 8, 2))),
        "location": named("location", ("Harbour", counts(24, 8, 2))),
        "staff": named("staff", ("Ana", counts(24, 8, 2))),
        "lead_time": lead(("same day", counts(14, 4)), ("over 28 days", counts(10, 4, 2))),
        "month": dated("month", (dt.date(2026, 2, 1), counts(24, 8, 2))),
        "week": dated("week", (dt.date(2026, 2, 16), counts(14, 4)), (dt.date(2026, 2, 23), counts(10, 4, 2))),
        "day": dated("day", (dt.date(2026, 2, 16), counts(14, 4)), (dt.date(2026, 2, 23), counts(10, 4, 2))),
    }
    known = {
        "overall": rates([({}, counts(24, 8, 2))], {}),
        "grid": grid((1, 18, counts(24, 8, 2))),
        "waterfall": waterfall(24, 8, 2),
        "flags": NO_FLAGS,
        "quarantine_by_rule": NO_QUARANTINE,
        "findings": NO_FINDINGS,
        "loads": loads(ONE_LOAD),
        "model": NO_MODEL,
        "calls": NO_CALLS,
    }
    known |= by | changes
    attributes = [name for name in changes if attribute_named(name)]
    return Frames(
        overall=known["overall"],
        by={name: known[name] if name in known else grouped(name) for name in (*needs.by, *attributes)},
        records={name: known[name] for name in needs.records},
        counts={name: known[name] if name in known else rows_by(*by) for name, by in needs.counts.items()},
        rows={name: known[name] if name in known else rows(name) for name in needs.rows},
        before=known.get("before"),
    )


def rows_by(*groupings: str) -> pl.DataFrame:
    """Counts by several groupings, without groups."""
    columns = [column for grouping in groupings_named(groupings) for column in grouping.columns]
    return rates([], dict.fromkeys(columns, pl.String))


def about(title: str | None = None, share: bool = False, **changes: Any) -> Circumstances:
    """The circumstances of a report; any of them replaced by keyword."""
    values: dict[str, Any] = {
        "as_of": AS_OF,
        "filter": "all booked sessions",
        "database": "attendance.duckdb",
        "site": SITE,
        "pseudonym_key": "of the tests",
        "versions": (("noshow", "0.1.0"), ("duckdb", "2.0.0")),
        "options": Options(title=title, share=share),
    }
    return Circumstances(**(values | changes))


def report(circumstances: dict[str, Any] | None = None, **changes: pl.DataFrame) -> Report:
    """The content of a page: frames replaced by keyword, the circumstances by the arguments of `about`."""
    return report_content(frames(**changes), about(**(circumstances or {})), registry.SECTIONS)


def nothing() -> Frames:
    """Nothing due, nothing loaded."""
    return frames(
        overall=rates([({}, counts(0, 0))], {}),
        service=named("service"),
        series=named("series"),
        location=named("location"),
        staff=named("staff"),
        lead_time=lead(),
        month=dated("month"),
        grid=grid(),
        week=dated("week"),
        day=dated("day"),
        waterfall=waterfall(0, 0, 0),
        loads=loads(),
    )


def draw(content: Report) -> str:
    """A page from its content, charts and all."""
    return page(content, charts_of(content))


def plain(text: str) -> str:
    """A text with plain spaces, as it is easier to compare."""
    return text.replace("\u00a0", " ")
