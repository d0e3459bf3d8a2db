"""Times the query language: a request compiled, pages of 50 at any depth, a get by id, each beside SQL written by hand.

Run: python tests/bench/query_pages.py [--rows 10000000]. Prints a Markdown table; every figure is the median of
several runs within this one process, and the last column is the ratio to the hand-written statement.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

import pipeline
import queries
from pipeline.load.content_state import tracked
from queries.language.filters import read_filter
from queries.language.requests import read_query
from queries.language.resources import ATTENDANCE
from queries.language.sorting import read_sort
from queries.statements import page_sql

COLUMNS = "id, booking_id, event_id, session_id, status, number_of_attendees"
REQUEST = {"query": {"filter": {"$and": [{"status": "ATTENDED"}, {"numberOfAttendees": {"$gte": 2}}]}}}
FILL = """
insert into attendance (id, booking_id, event_id, session_key, status, number_of_attendees, load_id)
select
    md5('a' || i)::uuid, md5('b' || i // 3)::uuid, 'event-' || lpad((i % 50000)::varchar, 30, '0'), 'event-' || i,
    ['ATTENDED', 'ATTENDED', 'ATTENDED', 'NOT_ATTENDED', 'NOT_SET'][1 + i % 5], 1 + i % 3, 1
from range($rows::bigint) as t(i)
order by 1
"""


def median_ms(run: Callable[[], Any], times: int = 7) -> float:
    """The median time of a call, in milliseconds, after one that is not counted."""
    run()
    measured = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        measured.append(time.perf_counter() - started)
    return statistics.median(measured) * 1000


def fetch_ms(con: duckdb.DuckDBPyConnection, text: str, values: Any) -> float:
    """The median time of a statement and its rows."""
    return median_ms(lambda: con.execute(text, values).fetchall())


def pages(con: duckdb.DuckDBPyConnection, rows: int, filter: dict[str, Any]) -> list[tuple[str, float, float]]:
    """A page of 50 at the start, in the middle and near the end, beside keyset SQL written by hand."""
    where = " and ".join(f"{'booking_id' if name == 'bookingId' else name} = ?" for name in filter) or "true"
    values = list(filter.values())
    name = ", ".join(filter) or "unfiltered"
    told = []
    for place, share in (("page 1", 0.0), ("middle", 0.5), ("near the end", 0.999)):
        after = f"{int(share * 0xFFFFFFFF):08x}-0000-4000-8000-000000000000"
        keys, node = read_sort(ATTENDANCE, None), read_filter(ATTENDANCE, filter)
        ours = page_sql("attendance", COLUMNS, node, keys, (after,), 51)
        hand = f"select {COLUMNS} from attendance where {where} and id > ?::uuid order by id limit 51"
        times = (fetch_ms(con, *ours), fetch_ms(con, hand, [*values, after]))
        told.append((f"page of 50, {name}, {place}", *times))
    return told


def main() -> None:
    """Make the rows, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "bench.duckdb"
        with pipeline.open_store(db) as store, store.transaction(), tracked(store.connection, "attendance"):
            store.connection.execute(FILL, {"rows": rows})
        con = queries.connect(db)
        some_id, some_booking = con.execute(
            "select id::varchar, booking_id::varchar from attendance limit 1"
        ).fetchall()[0]
        results = [("compile a request", median_ms(lambda: read_query(ATTENDANCE, REQUEST, "x"), 200), float("nan"))]
        for filter in ({}, {"status": "NOT_ATTENDED"}, {"bookingId": some_booking}):
            results += pages(con, rows, filter)
        hand = f"select {COLUMNS} from attendance where id = ?::uuid"
        ours = median_ms(lambda: queries.get_attendance(con, some_id))
        results.append(("get by id", ours, fetch_ms(con, hand, [some_id])))
        first = median_ms(lambda: queries.query_attendance(con))
        plain = f"select {COLUMNS} from attendance order by id limit 51"
        results.append(("query_attendance, whole", first, fetch_ms(con, plain, [])))
        con.close()
    print(
        f"{rows:,} attendances, {platform.machine()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}\n"
    )
    print("| work | noshow, ms | by hand, ms | ratio |\n|---|---|---|---|")
    for name, ours, theirs in results:
        ratio = "" if theirs != theirs else f"{ours / theirs:.2f}"
        print(f"| {name} | {ours:.3f} | {'' if theirs != theirs else f'{theirs:.3f}'} | {ratio} |")


if __name__ == "__main__":
    main()
