"""Cases of the specification: records, and the results of each engine compared with small tables.

The engines are SQL in memory, Polars, and the oracle in plain Python.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
from support import oracle
from support.ascii_tables import columns_of, read_table, require_rows

import queries
from queries.database import frame_of
from queries.lake.columns import lake_columns
from queries.lake.counts import (
    CLUSTERED,
    clusters_by_contact,
    clusters_by_session,
    clusters_finished,
    contacts,
    finished,
    rows_that_count,
    sessions,
    summed,
)
from queries.measures.clustering import clustering_of
from queries.measures.no_shows import ranked
from queries.model.attributes import attribute_named
from queries.model.groupings import GROUPINGS, groupings_named
from queries.statements import lake_rows_sql

AS_OF = "2026-06-01 00:00"
TABLES = ("session", "booking", "attendance")
# The values of a record unless a table says otherwise.
USUAL: dict[str, dict[str, str]] = {
    "session": {"status": "CONFIRMED"},
    "booking": {"status": "CONFIRMED", "created_at": "2026-02-20 10:00"},
    "attendance": {"number_of_attendees": "1"},
}
# Short names of columns, and a name for each of the columns that it stands for.
SHORT: dict[str, dict[str, tuple[str, ...]]] = {
    "session": {"session": ("id",), "course": ("schedule_id",)},
    "booking": {"booking": ("id",), "session": ("event_id", "session_key"), "course": ("schedule_id",),
                "booked": ("participants",), "contact": ("contact_id",), "payment": ("payment_status",),
                "zone": ("time_zone",)},
    "attendance": {"booking": ("booking_id",), "session": ("event_id", "session_key"),
                   "number": ("number_of_attendees",)},
}  # fmt: skip
NAMED = ("service", "location", "staff")
INSTANTS = ("starts_at", "ends_at", "created_at", "canceled_at", "updated_at")
NUMBERS = ("participants", "capacity", "number_of_attendees", "weight")


def instant(text: str) -> dt.datetime:
    """A moment in UTC, without its zone, as the database keeps it."""
    return dt.datetime.fromisoformat(text)


def guid(name: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, name)


def record(kind: str, cells: dict[str, str]) -> dict[str, Any]:
    """A row of a table of the database from a row of a table of a case."""
    row: dict[str, Any] = {"load_id": 1}
    for name, text in (USUAL[kind] | cells).items():
        if name in NAMED:
            row |= {f"{name}_name": text or None, f"{name}_id": _id_of(name, text)}
        for column in SHORT[kind].get(name, () if name in NAMED else (name,)):
            row[column] = _value(kind, column, text)
    if kind == "booking":
        row["booked_entity"] = "schedule" if row.get("schedule_id") else "slot"
    if kind == "attendance":
        row["id"] = guid(f"{row['booking_id']} {row['session_key']}")
    return row


def _id_of(name: str, text: str) -> uuid.UUID | str | None:
    if not text:
        return None
    return guid(text) if name == "service" else text.lower()


def _value(kind: str, column: str, text: str) -> Any:
    if not text:
        return None
    if column in ("id", "booking_id") and kind != "session":
        return guid(text)
    if column in INSTANTS:
        return instant(text)
    if column in NUMBERS:
        return int(text)
    if column == "excused":
        return text == "yes"
    return Decimal(text) if column == "price" else text


class Case:
    """Records in an in-memory database; each assertion compares the engines, one by one, with a table."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.records = oracle.Records()
        self.names: dict[str, str] = {}

    def given(self, site: dict[str, Any] | None = None, **tables: str) -> None:
        """The records of the case: `session`, `booking`, `attendance` as tables, and settings of the site."""
        cells = {kind: read_table(text) for kind, text in tables.items()}
        rows = {kind: [record(kind, row) for row in found] for kind, found in cells.items()}
        self.names = {str(guid(row["booking"])): row["booking"] for row in cells.get("booking", [])}
        self.load(
            oracle.Records(rows.get("session", []), rows.get("booking", []), rows.get("attendance", []), site or {})
        )

    def load(self, records: oracle.Records) -> None:
        """Put records into the tables, and settings into the site."""
        self.records = records
        for kind, rows in zip(TABLES, (records.sessions, records.bookings, records.attendances), strict=True):
            for row in rows:
                places = ", ".join(f"${name}" for name in row)
                self.con.execute(f"insert into {kind} ({', '.join(row)}) values ({places})", dict(row))
        for name, value in records.site.items():
            self.con.execute(f"update site set {name} = $value", {"value": value})

    def pairs(self, expected: str) -> None:
        """Each booking with each session that it covers, whatever became of either."""
        self._require(expected, "from booking_session", {}, oracle.pairs(self.records))

    def fact(self, expected: str, as_of: str = AS_OF) -> None:
        """The bookings that count: confirmed, and due as of a moment."""
        statement = "from booked_session_at($as_of)"
        self._require(expected, statement, {"as_of": instant(as_of)}, oracle.fact(self.records, instant(as_of)))

    def _require(self, expected: str, statement: str, bound: dict[str, Any], theirs: Sequence[dict[str, Any]]) -> None:
        names = columns_of(expected)
        require_rows(expected, (self._named(row, names) for row in theirs), "the oracle")
        found = frame_of(self.con, statement, bound).iter_rows(named=True)
        require_rows(expected, (self._named(row, names) for row in found), "SQL")

    def _named(self, row: dict[str, Any], names: list[str]) -> dict[str, Any]:
        """With bookings and sessions under the names that the case gives them."""
        short = {"booking": self.names.get(str(row["booking_id"])), "session": row["session_id"]}
        return {name: short[name] if name in short else row[name] for name in names}

    def steps(self, expected: str, as_of: str = AS_OF) -> None:
        """How many pairs stand at each step of the waterfall."""
        wanted = {row["step"]: int(row["rows"]) for row in read_table(expected)}
        table = queries.waterfall(self.con, as_of=f"{as_of}:00+00:00")
        found = dict(table.select("step", "rows").iter_rows())
        assert {step: rows for step, rows in found.items() if rows} == wanted, "SQL and Polars"
        assert oracle.steps(self.records, instant(as_of)) == wanted, "the oracle"
        parts = ("other_status", "cancelled", "session_cancelled", "no_session", "confirmed")
        assert found["pairs"] == sum(found[step] for step in parts)
        assert found["confirmed"] == found["not_due"] + found["due"]
        without_mark = ("unmarked", "presumed_attended", "presumed_missed", "excused")
        assert found["due"] == found["marked"] + sum(found[step] for step in without_mark)
        assert found["marked"] == found["attended"] + found["not_attended"]

    def flags(self, expected: str, as_of: str = AS_OF) -> None:
        """Oddities that deserve a look at the source; flags that no row has are left out of the table."""
        found = dict(queries.flags(self.con, f"{as_of}:00+00:00").select("flag", "rows").iter_rows())
        wanted = {row["flag"]: int(row["rows"]) for row in read_table(expected)}
        assert {flag: rows for flag, rows in found.items() if rows} == wanted

    def figures(self, expected: str, *by: str, as_of: str = AS_OF) -> None:
        """Counts and rates of each group, with `by=()` over all, as each engine computes them."""
        moment = f"{as_of}:00+00:00"
        wanted = columns_of(expected)
        require_rows(expected, oracle.figures(self.records, by, instant(as_of)), "the oracle")
        measured = queries.no_show_rates(self.con, by, as_of=moment)
        require_rows(expected, measured.iter_rows(named=True), "no_show_rates")
        if "participant" not in by:
            require_rows(expected, self._in_polars(by, moment).iter_rows(named=True), "Polars")
        if len(by) == 1 and by[0] in GROUPINGS:
            self.con.execute(f"set variable as_of = timestamp '{as_of}'")
            view = frame_of(self.con, f"from no_show_by_{by[0]}")
            require_rows(expected, view.iter_rows(named=True), "the view")
            key = GROUPINGS[by[0]].columns[0]
            ours = measured.sort(key, nulls_last=True).select(view.columns)
            assert view.sort(key, nulls_last=True).equals(ours), f"{wanted}: view and measures differ"

    def _in_polars(self, by: Sequence[str], as_of: str) -> pl.DataFrame:
        """Counted as over a lake, on a Polars frame."""
        groupings = groupings_named(by)
        attributes = [own for name in by if (own := attribute_named(name))]
        frame = frame_of(self.con, lake_rows_sql(lake_columns(attributes=attributes))).lazy()
        rows = rows_that_count(nw.from_native(frame), dt.datetime.fromisoformat(as_of))
        parts = (summed(rows, groupings), sessions(rows, groupings), contacts(rows, groupings))
        sums, by_session, by_contact = (nw.to_native(part).collect() for part in parts)
        own = nw.to_native(summed(rows, (), only=CLUSTERED)).collect()
        clustered = (clusters_by_contact(rows), clusters_by_session(rows))
        (clusters,) = clusters_finished(own, *(nw.to_native(part).collect() for part in clustered)).to_dicts()
        return ranked(finished(sums, by_session, by_contact, groupings), groupings, 10, clustering_of(clusters))

    def clear(self) -> None:
        for table in TABLES:
            self.con.execute(f"delete from {table}")
        self.con.execute("reset variable as_of")
