"""Times a report of a year of the demo chain after start-up, its parts, and one report each for many locations.

Run: python tests/bench/report.py [LOCATIONS]. Times are of this machine; the ratios are what can be compared.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pipeline
import queries
import reports
from pipeline.load.content_state import tracked

AS_OF = "2026-07-01T00:00:00Z"


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The median of some runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main(locations: int) -> None:
    """Print a table: what, seconds, ratio to one report."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pipeline.write_sample(folder / "source", until=dt.date(2026, 6, 28), bookings=5000)
        with pipeline.open_store(folder / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
            pipeline.ingest(store, [folder / "source"])
            with store.transaction(), tracked(store.connection, "booking"):
                store.connection.execute(
                    "update booking set location_id = 'site-' || hash(id) % $n, "
                    "location_name = 'Site ' || hash(id) % $n",
                    {"n": locations},
                )
            with store.transaction(), tracked(store.connection, "session"):
                store.connection.execute("update session set location_id = null, location_name = null")
        con = queries.connect(folder / "a.duckdb")
        one = folder / "one.html"
        reports.build_report(con, one, as_of=AS_OF)  # start-up: charts and templates are loaded
        report = seconds(lambda: reports.build_report(con, one, as_of=AS_OF))
        content = seconds(lambda: reports.the_report(con, as_of=AS_OF))
        many = seconds(lambda: reports.build_reports(con, folder / "all", "location", as_of=AS_OF), 1)
        con.close()
        print("| work | seconds | beside one report |\n|---|---|---|")
        print(f"| one report, {one.stat().st_size:,} bytes | {report:.2f} | 1.0 |")
        print(f"| its content alone | {content:.2f} | {content / report:.1f} |")
        print(f"| {locations} reports by location | {many:.2f} | {many / report:.1f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
