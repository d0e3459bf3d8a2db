"""Remove bookings that are gone at the source, when a run's files are said to be all there is of some dates.

A full export of Tuesday does not say that the booking deleted on Monday is gone: it just does not have it. With
`noshow ingest --complete` bookings go that earlier loads of the same mapping and kind brought, that start within the
dates, and that no file of the run has.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import partial

import duckdb

from pipeline.load.history import keep_history
from pipeline.store.content_state import NO_ROWS, tracked
from pipeline.store.findings import Finding, write_findings
from pipeline.store.ledger import Load
from queries.errors import UsageError
from queries.model.entities import TABLES
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "load", "taking_back")

# In the order in which they are removed: rows that name others come first.
_REMOVED = ("fee", "payment", "attendance", "booking", "session", "service")
_SCOPE = (
    "create or replace temp table run_scope as select $mapping::varchar as mapping, $kinds::varchar[] as kinds, "
    "$first::date as first, $last::date as last"
)
_UNKNOWN = (
    "select count(*) from quarantine where load_id in (from run_load) "
    "and (entity is null or entity not in ('booking', 'attendance', 'session', 'service', 'payment', 'fee'))"
)


@dataclass(frozen=True, slots=True)
class Dates:
    """The first and last local dates of which the files are all there is; None for those that the files span.

    Raises `UsageError` if the first lies after the last.
    """

    first: dt.date | None = None
    last: dt.date | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise UsageError("complete.dates", f"{self.first} lies after {self.last}", "Give --from before --to")


@dataclass
class Completing:
    """The things that the files of one run contain. `why_not` says why nothing was removed, if so."""

    connection: duckdb.DuckDBPyConnection
    dates: Dates
    loads: list[int] = field(default_factory=list)
    why_not: str = ""

    def __post_init__(self) -> None:
        columns = {
            "booking": "id uuid, starts_at timestamp, time_zone varchar, session_key varchar",
            "session": "id varchar",
            "service": "id uuid",
        }
        for name, typed in columns.items():
            self.connection.execute(f"create or replace temp table seen_{name} ({typed})")

    def note(self) -> None:
        """Note the things that a file contains, once its rows are staged, within its transaction."""
        self.connection.execute(_sql("seen"))

    def remove_gone(self, load: Load, kinds: set[str]) -> dict[str, int]:
        """Remove rows gone at the source, as changes of the run's last load, and return their number by entity."""
        self.connection.execute(
            "create or replace temp table run_load as select unnest($loads::bigint[]) as load_id",
            {"loads": [*self.loads, load.load_id]},
        )
        (unknown,) = self.connection.execute(_UNKNOWN).fetchall()[0]
        if unknown:
            self.why_not = f"{unknown:,} records set aside have no id that can be read, and any booking may be theirs"
            return {}
        self.connection.execute(_sql("seen_aside"))
        seen_first, seen_last = self.connection.execute(_sql("dates_seen")).fetchall()[0]
        if seen_first is None:
            # An export that broke off often has its header left, and would take every booking with it.
            self.why_not = "no booking with a start is in the files, which may be a broken export"
            return {}
        first, last = self.dates.first or seen_first, self.dates.last or seen_last
        scope = {"mapping": load.mapping, "kinds": sorted(kinds), "first": first, "last": last}
        self.connection.execute(_SCOPE, scope)
        self.connection.execute(_sql("gone"))
        removed = {name: self._remove(name, load.load_id) for name in _REMOVED}
        gone = {name: rows for name, rows in removed.items() if rows}
        write_findings(
            self.connection,
            load.load_id,
            [Finding("gone", name, f"{first} to {last}", rows) for name, rows in gone.items()],
        )
        return gone

    def _remove(self, name: str, load_id: int) -> int:
        condition = f"id in (from gone_{name})"
        keep_history(self.connection, TABLES[name], load_id, condition)
        with tracked(self.connection, name, (condition, {}), NO_ROWS):
            return len(self.connection.execute(f"delete from {name} where {condition} returning 1").fetchall())
