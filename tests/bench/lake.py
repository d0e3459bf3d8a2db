"""Counts over a lake, by engine: rows that differ from the database's, and rows a second and peak memory.

Run: python tests/bench/lake.py --lake DIR [--db FILE] [--engine duckdb …] [--remote sc://host:15002] [--as-of MOMENT].
With --db, every grouping is compared with the database that the lake was exported from; exits with 1 if any row
differs. Prints Markdown; each engine's counts are timed in a process of their own.
"""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import queries

GROUPINGS = ["", *(name for name in queries.GROUPINGS if name != "participant"), "weekday_hour", "service,week"]
TIMED = ("", "service", "week")


def main() -> int:
    """Compare, time, print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--lake", type=Path, required=True)
    asked.add_argument("--db", type=Path)
    asked.add_argument("--engine", nargs="+", default=["duckdb", "polars"])
    asked.add_argument("--remote")
    asked.add_argument("--as-of", default="2026-06-01T00:00:00Z")
    asked.add_argument("--only", help="time this grouping in this process")
    args = asked.parse_args()
    if args.only is not None:
        print(timed(args))
        return 0
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    differing = sum(compared(args, engine) for engine in args.engine) if args.db else 0
    print("| engine | by | groups | seconds | million rows a second | peak MB |\n|---|---|---|---|---|---|")
    for engine in args.engine:
        for by in TIMED:
            own = [*sys.argv, "--only", by, "--engine", engine]
            print(subprocess.run([sys.executable, *own], check=True, capture_output=True, text=True).stdout, end="")
    return int(differing > 0)


def compared(args: argparse.Namespace, engine: str) -> int:
    """How many groupings of an engine are not, row for row and bit for bit, those of the database."""
    differing = []
    with queries.connect(args.db) as con, queries.open_lake(args.lake, engine, remote(args, engine)) as lake:
        for by in GROUPINGS:
            names = [name for name in by.split(",") if name]
            theirs = queries.no_show_rates(con, names, None, args.as_of)
            if not theirs.equals(queries.lake_rates(lake, names, None, args.as_of)):
                differing.append(by)
    print(f"{engine}: {len(GROUPINGS)} groupings, {len(differing)} with a row that differs {differing or ''}\n")
    return len(differing)


def timed(args: argparse.Namespace) -> str:
    """A row of the table: one grouping, counted once, from opening the lake to rates."""
    (engine,) = args.engine
    start = time.perf_counter()
    with queries.open_lake(args.lake, engine, remote(args, engine)) as lake:
        groups = queries.lake_rates(lake, [name for name in args.only.split(",") if name], None, args.as_of).height
        rows = lake.lake.rows
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"| {engine} | {args.only or 'all'} | {groups:,} | {taken:.1f} | {rows / taken / 1e6:.2f} | {peak:,} |"


def remote(args: argparse.Namespace, engine: str) -> str | None:
    """The address of the server, for Spark."""
    return args.remote if engine == "spark" else None


if __name__ == "__main__":
    sys.exit(main())
