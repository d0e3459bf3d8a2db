"""Counts over a lake, by engine: rows that differ from the database's, and rows a second and peak memory.

Run: python tests/bench/lake.py --lake DIR [--db FILE] [--engine duckdb …] [--remote sc://host:15002] [--as-of MOMENT].
With --db, every grouping and attribute, and the measures of a report that an engine counts, are compared with the
database that the lake was exported from; exits with 1 if any row differs. --fill makes the database and the lake first:
sources that record both sides, no-shows or arrivals alone, rows for many, and attributes. --times multiplies a lake,
beside it, with ids of its own for each copy. Prints Markdown; each engine's counts are timed in a process of their own,
and --server is the process of Spark's server, whose CPU seconds are added.
"""

from __future__ import annotations

import argparse
import datetime as dt
import platform
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from measuring import cpu_seconds, peak_mb, table

import pipeline
import queries
from queries.lake.manifest import FILE, MANIFEST, Partition, read_lake
from queries.model.stretches import Stretches
from reports.measured.source import source_of

GROUPINGS = ["", *(name for name in queries.GROUPINGS if name != "participant"), "weekday_hour", "service,week"]
TIMED = ("", "service", "week")
# The measures of a report by the engine, beside counts: the marks of sources, and the sums behind intervals.
MEASURES = ("waterfall", "regimes", "weeks", "halves")
HEAD = ["rows", "engine", "by", "groups", "seconds", "CPU s", "million rows a CPU s", "peak MB"]
_LOCATION = pl.when(pl.col("location_id").is_not_null()).then("location").alias("location")
_STRETCHES = {
    "spring": Stretches(
        (dt.date(2026, 2, 1), dt.date(2026, 3, 31)),
        (dt.date(2026, 4, 1), dt.date(2026, 5, 31)),
    )
}
# A client books some ten visits, so that visits are alike by client and by session; of sums a row stands for 1 to 40.
_VISITS = """
select
    i as "Visit", timestamp '2026-01-05 09:00' + to_days((hash(i, 1) % 140)::int) + to_hours((hash(i, 2) % 9)::int)
    as "Date", 'Service ' || hash(i, 3) % 5 as "Service", 'Staff ' || hash(i, 4) % 7 as "Staff",
    'Place ' || hash(i, 5) % 3 as "Place", 'client ' || hash(i, 6) % ($count // 10) as "Client",
    timestamp '2026-01-04' - to_days((hash(i, 7) % 30)::int) as "Booked",
    ['Yes', 'No', ''][1 + (hash(i, 8) % 3)::int] as "Reminder", ['web', 'phone', 'app'][1 + (hash(i, 9) % 3)::int] as
    "Channel", 1 + hash(i, 10) % 40 as "Bookings",
    case when hash(i % ($count // 10), 11) % 7 = 0 or hash(i, 12) % 9 = 0 then 'DNA' when hash(i, 13) % 11 = 0 then
    'Excused' else 'Came' end as "Outcome"
from range($first::bigint, $first + $count) as t(i)
"""
_MAPPING = """
zone = "Europe/Dublin"
marks = "{marks}"
[visit]
date = {{column = "Date", format = "year first"}}
service = {{column = "Service"}}
staff = {{column = "Staff"}}
location = {{column = "Place"}}
client = {{column = "Client"}}
booked = {{column = "Booked", format = "year first"}}
id = {{column = "Visit"}}
{weight}
[visit.attributes]
reminder = {{column = "Reminder", yes = ["Yes"], no = ["No"]}}
channel = {{column = "Channel"}}
[visit.status]
column = "Outcome"
{status}
"""
_TIMES = """
copy (
    select * replace (
        booking_id || '-' || k as booking_id, session_id || '-' || k as session_id,
        first_booking || '-' || k as first_booking
    )
    from read_parquet('{source}', hive_partitioning = false), range({times}) as t(k)
) to '{into}' (format parquet, compression zstd)
"""
# The marks of a source -> the statuses that it has, and whether its rows stand for many.
_SOURCES = {
    "both": ('no_show = ["DNA"]\nexcused = ["Excused"]\nattended = ["Came"]', False),
    "no_shows": ('no_show = ["DNA"]\nunmarked = ["Came", "Excused"]', False),
    "arrivals": ('attended = ["Came"]\nunmarked = ["DNA", "Excused"]', False),
    "sums": ('no_show = ["DNA"]\nattended = ["Came", "Excused"]', True),
}


def main() -> int:
    """Compare, time, print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--lake", type=Path, required=True)
    asked.add_argument("--db", type=Path)
    asked.add_argument("--engine", nargs="+", default=["duckdb", "polars"])
    asked.add_argument("--remote")
    asked.add_argument("--as-of", default="2026-06-01T00:00:00Z")
    asked.add_argument("--fill", type=int, help="make --db and --lake first, with so many rows of each kind of source")
    asked.add_argument("--times", type=int, help="multiply the lake first, into DIR-times")
    asked.add_argument("--server", type=int, help="the process of Spark's server")
    asked.add_argument("--only", help="time this grouping in this process")
    args = asked.parse_args()
    if args.only is not None:
        print(timed(args))
        return 0
    if args.fill:
        fill(args.db, args.lake, args.fill)
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    if args.times:
        args.lake = multiplied(args.lake, args.times)
    differing = sum(compared(args, engine) for engine in args.engine) if args.db else 0
    print(table(HEAD, []))
    for engine in args.engine:
        for by in TIMED:
            own = [sys.argv[0], "--lake", str(args.lake), "--as-of", args.as_of, "--only", by, "--engine", engine]
            own += ["--remote", args.remote] if args.remote else []
            own += ["--server", str(args.server)] if args.server else []
            print(subprocess.run([sys.executable, *own], check=True, capture_output=True, text=True).stdout, end="")
    return int(differing > 0)


def fill(db: Path, lake: Path, count: int) -> None:
    """Load sources of each kind, and export them."""
    folder = db.parent / "sources"
    folder.mkdir(parents=True)
    with pipeline.open_store(db) as store:
        for number, (kind, (status, are_sums)) in enumerate(_SOURCES.items()):
            text = _VISITS.replace("$first", str(number * count)).replace("$count", str(count))
            duckdb.execute(f"copy ({text}) to '{folder / kind}.csv' (format csv)")
            weight = 'weight = {column = "Bookings"}' if are_sums else ""
            mapping = folder / f"{kind}.toml"
            marks = "both" if are_sums else kind
            mapping.write_text(_MAPPING.format(marks=marks, weight=weight, status=status), encoding="utf-8")
            (outcome,) = pipeline.ingest(store, [folder / f"{kind}.csv"], mapping=mapping)
            if outcome.refused or not outcome.loaded:
                raise RuntimeError(f"{kind}: {outcome}")
    pipeline.export_lake(db, lake)


def compared(args: argparse.Namespace, engine: str) -> int:
    """How many frames of an engine are not, row for row and bit for bit, those of the database."""
    with queries.connect(args.db) as con, queries.open_lake(args.lake, engine, remote(args, engine)) as lake:
        by = [*GROUPINGS, *(f"attributes.{name}" for name in lake.lake.attributes)]
        where = {"marks": {"$in": ["both", "no_shows"]}}
        frames = {
            **{name: (rates_of(con, name, args), rates_of(lake, name, args)) for name in by},
            "service, filtered": (rates_of(con, "service", args, where), rates_of(lake, "service", args, where)),
            **measured(con, lake, args.as_of),
        }
    differing = [name for name, (theirs, ours) in frames.items() if not theirs.equals(ours)]
    rows = sum(theirs.height for theirs, _ in frames.values())
    print(
        f"{engine}: {len(frames)} frames of {rows:,} rows, {len(differing)} with a row that differs {differing or ''}\n"
    )
    return len(differing)


def rates_of(opened: Any, by: str, args: argparse.Namespace, where: dict[str, Any] | None = None) -> pl.DataFrame:
    """Rates by groupings of a database or a lake."""
    rates = queries.no_show_rates if isinstance(opened, duckdb.DuckDBPyConnection) else queries.lake_rates
    return rates(opened, [name for name in by.split(",") if name], where, args.as_of)


def measured(con: Any, lake: Any, as_of: str) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """The measures of a report of both, as a whole and split by location."""
    found = {}
    for split in (None, "location"):
        with (
            source_of(con).gather(None, as_of, None, split) as theirs,
            source_of(lake).gather(None, as_of, None, split) as ours,
        ):
            pairs = {name: (theirs.measure(name), ours.measure(name)) for name in MEASURES}
            # Only groups at a location have its name in a lake.
            pairs["weeks"] = tuple(frame.with_columns(_LOCATION) for frame in pairs["weeks"])
            pairs |= {"clusters": (theirs.clusters(), ours.clusters())}
            pairs |= {"overlaps": (theirs.overlaps(_STRETCHES), ours.overlaps(_STRETCHES))}
            for name, (own, others) in pairs.items():
                found[f"{name} by {split}"] = in_order(own), in_order(others.select(own.columns))
    return found


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in the order of all columns: a measure promises none."""
    return frame.sort(frame.columns)


def timed(args: argparse.Namespace) -> str:
    """A row of the table: one grouping, counted once, from opening the lake to rates."""
    (engine,) = args.engine
    start, used = time.perf_counter(), cpu_of(args)
    with queries.open_lake(args.lake, engine, remote(args, engine)) as lake:
        groups = queries.lake_rates(lake, [name for name in args.only.split(",") if name], None, args.as_of).height
        rows = lake.lake.rows
    taken, used = time.perf_counter() - start, cpu_of(args) - used
    cells = [f"{rows:,}", engine, args.only or "all", f"{groups:,}", f"{taken:.1f}", f"{used:.1f}"]
    return f"| {' | '.join(cells)} | {rows / used / 1e6:.2f} | {peak_mb():,.0f} |"


def cpu_of(args: argparse.Namespace) -> float:
    """CPU seconds so far of this process, and of Spark's server."""
    return time.process_time() + (cpu_seconds(args.server) if args.server and args.engine == ["spark"] else 0)


def multiplied(lake: Path, times: int) -> Path:
    """A lake with each row so many times, in as many sessions, of as many contacts."""
    into = lake.with_name(f"{lake.name}-{times}")
    known = read_lake(lake)
    partitions = {}
    for name, partition in known.partitions.items():
        file = into / name / FILE
        file.parent.mkdir(parents=True)
        duckdb.execute(_TIMES.format(source=lake / name / FILE, times=times, into=file))
        partitions[name] = Partition(partition.rows * times, partition.content, file.stat().st_size)
    (into / MANIFEST).write_text(replace(known, folder=into, partitions=partitions).to_json(), encoding="utf-8")
    return into


def remote(args: argparse.Namespace, engine: str) -> str | None:
    """The address of the server, for Spark."""
    return args.remote if engine == "spark" else None


if __name__ == "__main__":
    sys.exit(main())
