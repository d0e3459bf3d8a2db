"""Valid rows of one file go in, chunk by chunk; in the end they are in the tables, and the counts come out.

All within one transaction of the caller's: staging, settling of repeated keys, merge, quarantine, ledger.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import duckdb
import polars as pl

from pipeline.faults import Fault
from pipeline.load.deletions import carry_out, hold_back, note_bookings, settle_deletions
from pipeline.load.offer import Offer
from pipeline.load.statements import merge_sql
from pipeline.people.erased_contacts import erased_contacts
from pipeline.sources import Chunk
from pipeline.store.content_state import NO_ROWS, counted, tracked
from pipeline.store.tables import keys_of
from queries.model.columns import Entity
from queries.model.entities import TABLES
from queries.model.rules import message
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "load")

MAX_RAW = 64 * 2**10
# Rows that are staged by one statement: DuckDB takes half the time for them.
_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in its file, and its text."""

    raw: bytes
    line: int | None
    index: int | None


class FileLoad:
    """The staging tables of one file.

    `stated_at` (naive UTC) is when the source said what the file holds, where that is known.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        load_id: int,
        file: str,
        now: dt.datetime,
        stated_at: dt.datetime | None = None,
    ) -> None:
        self._connection = connection
        self._load_id = load_id
        self._file = file
        self._now = now
        self._stated_at = stated_at
        self._erased = erased_contacts(connection)
        for entity in TABLES.values():
            connection.execute(merge_sql("staging", entity))
        connection.execute("create or replace temp table set_aside (record bigint, rule varchar, pointer varchar)")
        connection.execute("create or replace temp table verdict (record bigint, entity varchar, verdict varchar)")
        self._staged: set[str] = set()
        self._valid = {entity.name: Offer(connection, f"valid_{entity.name}") for entity in TABLES.values()}
        self._bad = Offer(connection, "bad_rows")
        self._waiting: defaultdict[str, list[pl.DataFrame]] = defaultdict(list)
        self.quarantined = 0

    def stage(self, entity: str, valid: pl.DataFrame) -> None:
        """Add valid rows (`record` and the entity's columns)."""
        if valid.is_empty():
            return
        self._staged.add(entity)
        self._waiting[entity].append(self._erased.out_of(valid) if entity == "booking" else valid)
        if sum(frame.height for frame in self._waiting[entity]) >= _AT_ONCE:
            self._stage_waiting(entity)

    def _stage_waiting(self, entity: str) -> None:
        if frames := self._waiting.pop(entity, None):
            with self._valid[entity].holding(pl.concat(frames, rechunk=False)):
                self._connection.execute(merge_sql("stage", TABLES[entity]))

    def quarantine(self, kind: str, faults: Iterable[Fault], places: Mapping[int, Place]) -> None:
        """Set records aside, each with the first rule it breaks and the names of the others."""
        by_record: dict[int, list[Fault]] = defaultdict(list)
        for fault in faults:
            by_record[fault.record].append(fault)
        if not by_record:
            return
        rows = [self._row(kind, found, places[record]) for record, found in sorted(by_record.items())]
        added = ("load_id = $load_id and record in (select record from bad_rows)", {"load_id": self._load_id})
        with self._bad.holding(pl.DataFrame(rows, schema=_QUARANTINE)):
            with tracked(self._connection, "quarantine", NO_ROWS, added):
                self._connection.execute("insert into quarantine by name select * from bad_rows")
            self._connection.execute("insert into set_aside select record, rule, pointer from bad_rows")
        self.quarantined += len(rows)

    def settle(
        self, quarantine_contradictions: bool, quarantine_more_than_booked: bool, in_order: bool = False
    ) -> list[Fault]:
        """Settle repeated rows and keys within the file; the faults of records that must be set aside for it.

        The caller sends them to `quarantine` with their text, and then calls `merge`. A file that tells things
        `in_order`, such as events, may tell them anew: what came later counts, and nothing is set aside for it.
        """
        for name in list(self._waiting):
            self._stage_waiting(name)
        (already,) = self._connection.execute("select count(*) from set_aside").fetchall()[0]
        if quarantine_contradictions:
            self._set_aside(_sql("contradictions"))
        if quarantine_more_than_booked:
            self._set_aside(_sql("more_than_booked"))
        for entity in TABLES.values():
            self._connection.execute(merge_sql("unstage", entity))
        if {"booking", "attendance"} <= self._staged:
            self._connection.execute(merge_sql("session_as_stored", TABLES["attendance"]))
        for entity in reversed(TABLES.values()):
            for key in reversed(keys_of(entity)):
                if self._connection.execute(merge_sql("repeated_keys", entity, key)).fetchall():
                    self._connection.execute(merge_sql("drop_repeats", entity))
                    self._settle_keys(entity, key, in_order)
                    if self._connection.execute(merge_sql("repeated_keys", entity, key)).fetchall():
                        raise self._twice(entity)
        settle_deletions(self._connection)
        rows = self._connection.execute(
            "select record, min(rule), min(pointer) from set_aside group by record order by record"
        ).fetchall()
        known = (
            self._connection.execute(
                "select record from quarantine where load_id = $load_id", {"load_id": self._load_id}
            ).fetchall()
            if already
            else []
        )
        done = {record for (record,) in known}
        return [Fault(record, rule, pointer) for record, rule, pointer in rows if record not in done]

    def merge(self, read: int) -> dict[str, int]:
        """Merge what is staged; the number of records loaded, unchanged, duplicate and stale of those `read`."""
        staged = [entity for entity in TABLES.values() if entity.name in self._staged]
        for entity in staged:
            self._judge(entity)
            self._replace(entity)
        note_bookings(self._connection)
        carry_out(self._connection)
        result = self._connection.execute(_sql("outcomes"), {"read": read})
        names = [column[0] for column in result.description or ()]
        return dict(zip(names, result.fetchall()[0], strict=True))

    def _judge(self, entity: Entity) -> None:
        self._connection.execute(merge_sql("met", entity))
        self._connection.execute(merge_sql("judge", entity))
        if len(keys_of(entity)) > 1:
            self._connection.execute(merge_sql("judge_by_id", entity))
        hold_back(self._connection, entity.name, self._stated_at)
        self._connection.execute(merge_sql("note_verdicts", entity))
        self._connection.execute(merge_sql("replaced", entity))

    def _replace(self, entity: Entity) -> None:
        """Put what is loaded in the place of what it replaces; staged keys differ, and none that stays is theirs."""
        gone = counted(self._connection, merge_sql("replaced_content", entity))
        ours = ("load_id = $load_id", {"load_id": self._load_id})
        with tracked(self._connection, entity.name, NO_ROWS, ours, taken=gone):
            if gone.rows:
                self._connection.execute(merge_sql("remove_replaced", entity))
            self._connection.execute(merge_sql("insert", entity), {"load_id": self._load_id})
        for key in keys_of(entity):
            if self._connection.execute(merge_sql("twice", entity, key)).fetchall():
                raise self._twice(entity)

    def _twice(self, entity: Entity) -> RuntimeError:
        return RuntimeError(f"{entity.name} would hold a key twice after {self._file}: nothing is loaded")

    def _settle_keys(self, entity: Entity, key: tuple[str, ...], in_order: bool) -> None:
        if in_order:
            self._connection.execute(merge_sql("settle_in_order", entity, key))
            self._connection.execute(merge_sql("unstage_judged", entity))
        else:
            self._set_aside(merge_sql("settle_keys", entity, key))

    def _set_aside(self, statement: str) -> None:
        """Run a statement that sets records aside, and take their rows out of every staging table."""
        self._connection.execute(statement)
        for entity in TABLES.values():
            self._connection.execute(merge_sql("unstage", entity))

    def _row(self, kind: str, faults: list[Fault], place: Place) -> dict[str, object]:
        first, *others = faults
        kept = b"" if self._erased.mentioned_in(place.raw) else place.raw[:MAX_RAW]
        return {
            "load_id": self._load_id,
            "file": self._file,
            "kind": kind,
            "record": first.record,
            "line": place.line,
            "index": place.index,
            "rule": first.rule,
            "reason_code": f"row.{first.rule}",
            "pointer": first.pointer,
            "message": message(first.rule, first.pointer.rsplit("/", 1)[-1] or None),
            "also_broken": [f"{fault.rule} {fault.pointer}".strip() for fault in others],
            "raw": kept.decode("utf-8", errors="replace"),
            "raw_bytes": len(place.raw),
            "raw_sha256": hashlib.sha256(place.raw).hexdigest(),
            "quarantined_at": self._now,
        }


_QUARANTINE: dict[str, pl.DataType] = {
    "load_id": pl.Int64(),
    "file": pl.String(),
    "kind": pl.String(),
    "record": pl.Int64(),
    "line": pl.Int64(),
    "index": pl.Int64(),
    "rule": pl.String(),
    "reason_code": pl.String(),
    "pointer": pl.String(),
    "message": pl.String(),
    "also_broken": pl.List(pl.String),
    "raw": pl.String(),
    "raw_bytes": pl.Int64(),
    "raw_sha256": pl.String(),
    "quarantined_at": pl.Datetime("us"),
}


def places_in(chunk: Chunk, records: Iterable[int]) -> dict[int, Place]:
    """The places of those of the records that are in the chunk."""
    wanted = set(records)
    return {
        record: Place(chunk.raws[at], chunk.lines[at], chunk.indexes[at])
        for at, record in enumerate(chunk.records if wanted else ())
        if record in wanted
    }
