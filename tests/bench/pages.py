"""Pages of 50 at any depth and single rows, beside SQL written by hand over the same file and beside Datasette."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from filled import fill
from measuring import Row, Run, median

import queries
from queries.language.cursor import Origin
from queries.language.filters import read_filter
from queries.language.requests import read_query
from queries.language.resources import ATTENDANCE
from queries.language.sorting import read_sort
from queries.statements import page_sql

COLUMNS = "id, booking_id, event_id, session_id, status, number_of_attendees"
REQUEST = {"query": {"filter": {"$and": [{"status": "ATTENDED"}, {"numberOfAttendees": {"$gte": 2}}]}}}
ORIGIN = Origin("x", "y")
_NO_RUN = Run(0, 0)


def fetched(con: duckdb.DuckDBPyConnection, text: str, values: Any) -> Run:
    """A statement and its rows."""
    return median(lambda: con.execute(text, values).fetchall())


def rows(folder: Path, size: int) -> list[Row]:
    """Pages and gets among `size` attendances."""
    db = folder / "a.duckdb"
    fill(db, size * 10 // 9, booked=False)
    con = queries.connect(db)
    (some_id,) = con.execute("select id::varchar from attendance using sample 1").fetchall()[0]
    measured = [Row("compile a request", median(lambda: read_query(ATTENDANCE, REQUEST, ORIGIN)), "", _NO_RUN, "")]
    site = _datasette(con, folder / "a.sqlite")
    first: dict[str, Run] = {}
    for name, filter in (("unfiltered", {}), ("by status", {"status": "NOT_ATTENDED"})):
        for place, share in (("first", 0.0), ("middle", 0.5), ("last", 1 - 2000 / size)):
            after = f"{int(share * 0xFFFFFFFF):08x}-0000-4000-8000-000000000000"
            ours = fetched(
                con,
                *page_sql(
                    "attendance", COLUMNS, read_filter(ATTENDANCE, filter), read_sort(ATTENDANCE, None), (after,), 51
                ),
            )
            work = f"page of 50 of {size:,}, {name}, {place}"
            where = " and ".join(f"{column} = ?" for column in filter) or "true"
            hand = f"select {COLUMNS} from attendance where {where} and id > ?::uuid order by id limit 51"
            measured.append(
                Row(work, ours, "keyset SQL by hand", fetched(con, hand, [*filter.values(), after]), "at most 1.5x")
            )
            measured.append(Row(work, ours, "Datasette's JSON page", site(filter, after), "at most 1x"))
            first.setdefault(name, ours)
        measured.append(Row(f"the last page, {name}", ours, "the first", first[name], "at most 1.5x"))
    by_hand = fetched(con, f"select {COLUMNS} from attendance where id = ?::uuid", [some_id])
    get = median(lambda: queries.get_attendance(con, some_id))
    return [*measured, Row(f"get by id among {size:,}", get, "a lookup by hand", by_hand, "at most 1.3x")]


def _datasette(con: duckdb.DuckDBPyConnection, file: Path) -> Callable[[dict[str, Any], str], Run]:
    """The same rows in SQLite with indexes, served in this process."""
    from datasette.app import Datasette

    write_sqlite(con, file)
    site = Datasette([str(file)])
    loop = asyncio.new_event_loop()
    loop.run_until_complete(site.invoke_startup())

    def page(filter: dict[str, Any], after: str) -> Run:
        wanted = "&".join(
            [f"{name}={value}" for name, value in filter.items()] + ["_size=50", f"_next={after}", "_nocount=1"]
        )
        address = f"/{file.stem}/attendance.json?{wanted}"

        def get() -> None:
            response = loop.run_until_complete(site.client.get(address))
            if response.status_code != 200 or len(response.json()["rows"]) != 50:
                raise RuntimeError(f"{address}: {response.status_code}")

        return median(get)

    return page


def write_sqlite(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Write the attendances of a database into SQLite, with an index on the status."""
    database = sqlite3.connect(file)
    database.execute(f"create table attendance ({COLUMNS.replace('id, ', 'id text primary key, ', 1)})")
    result = con.execute(
        f"select id::varchar, booking_id::varchar, {COLUMNS.split(', ', 2)[2]} from attendance order by id"
    )
    while batch := result.fetchmany(100_000):
        database.executemany("insert into attendance values (?, ?, ?, ?, ?, ?)", batch)
    database.execute("create index by_status on attendance (status, id)")
    database.commit()
    database.close()
