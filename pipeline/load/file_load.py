"""Stage the rows of one file, settle keys that the file repeats, merge the rest into the tables, and count outcomes.

The calls, all within one transaction of the caller: `stage` and `quarantine` for each chunk, then `settle` once, then
`quarantine` for the faults it returns, then `merge`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import partial

import duckdb
import polars as pl

from pipeline.faults import Fault
from pipeline.load.at_fault import KEYED, AtFault
from pipeline.load.deletions import carry_out, hold_back, note_bookings, settle_deletions
from pipeline.load.describing import settle_descriptions
from pipeline.load.history import keep_replaced
from pipeline.load.offer import Offer
from pipeline.load.plain_lines import PlainLines
from pipeline.load.quarantining import Broken, Original, Quarantining
from pipeline.load.statements import hashed_rows_sql, insert_sql, merge_sql
from pipeline.people.erased_contacts import erased_contacts
from pipeline.sources import Chunk
from pipeline.store.content_state import NO_ROWS, counted, tracked
from pipeline.store.findings import Finding
from pipeline.store.removed_rows import note_removed
from pipeline.store.tables import keys_of
from queries.database import rows_by_column
from queries.model.attendance import contradiction_sql
from queries.model.columns import Entity
from queries.model.entities import TABLES
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "load")

# Rows of so many are staged by one statement, which takes DuckDB half the time of a statement per chunk.
_ROWS_A_STATEMENT = 250_000


class FileLoad:
    """The staging tables of one file.

    `stated_at` (naive UTC) is the moment at which the source stated the file's records, if known. `read_before` is an
    earlier load of the same file, which is read again for new columns: rows of later loads are newer.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        load_id: int,
        file: str,
        now: dt.datetime,
        stated_at: dt.datetime | None = None,
        read_before: int | None = None,
    ) -> None:
        self._connection = connection
        self._load_id = load_id
        self._file = file
        self._stated_at = stated_at
        self._read_before = read_before
        self._erased = erased_contacts(connection)
        self._quarantining = Quarantining(connection, load_id, file, now, self._erased)
        for entity in TABLES.values():
            connection.execute(merge_sql("staging", entity))
        connection.execute("create or replace temp table set_aside (record bigint, rule varchar, pointer varchar)")
        connection.execute("create or replace temp table key_aside (record bigint, entity varchar, row_key varchar)")
        connection.execute(
            "create or replace temp table verdict (staged_row bigint, record bigint, entity varchar, verdict varchar)"
        )
        connection.execute(
            "create or replace temp table replaced_undated (record bigint, entity varchar, brought_by bigint)"
        )
        self._staged: set[str] = set()
        self._unique: set[tuple[str, tuple[str, ...]]] = set()
        self._described: list[Finding] = []
        self._valid = {entity.name: Offer(connection, f"valid_{entity.name}") for entity in TABLES.values()}
        self._plain = PlainLines(connection, now)
        self._rows: Counter[str] = Counter()
        self._waiting: defaultdict[str, list[pl.DataFrame]] = defaultdict(list)

    @property
    def quarantined(self) -> int:
        """The number of records set aside so far."""
        return self._quarantining.count

    def commonest(self) -> tuple[Broken, ...]:
        """The rules that most of the records set aside break, the commonest first."""
        return self._quarantining.commonest()

    def stage(self, entity: str, valid: pl.DataFrame) -> None:
        """Add valid rows (`record` and the entity's columns). Bookings lose the names of erased contacts here."""
        if valid.is_empty():
            return
        self._staged.add(entity)
        self._waiting[entity].append(self._erased.out_of(valid) if entity == "booking" else valid)
        if sum(frame.height for frame in self._waiting[entity]) >= _ROWS_A_STATEMENT:
            self._stage_waiting(entity)

    def stage_plain(self, chunk: Chunk) -> list[int]:
        """Stage the plain attendances of a chunk of JSON lines; return the places in the chunk of the other records."""
        others = self._plain.stage(chunk, self._rows["attendance"])
        self._rows["attendance"] += len(chunk.raws)
        if len(others) < len(chunk.raws):
            self._staged.add("attendance")
        return others

    def stage_all(self) -> None:
        """Stage the rows that still wait to be staged together."""
        for name in list(self._waiting):
            self._stage_waiting(name)

    def _stage_waiting(self, entity: str) -> None:
        if frames := self._waiting.pop(entity, None):
            rows = pl.concat(frames, rechunk=False).with_row_index("staged_row", offset=self._rows[entity])
            self._rows[entity] += rows.height
            with self._valid[entity].holding(rows):
                self._connection.execute(merge_sql("stage", TABLES[entity]))

    def quarantine(
        self,
        kind: str,
        faults: Iterable[Fault],
        originals: Mapping[int, Original],
        known: Mapping[int, AtFault] | None = None,
    ) -> None:
        """Set records aside, each with the first rule it breaks, the names of the others, and its description."""
        self._quarantining.add(kind, faults, originals, known or {})

    def known(self) -> dict[int, AtFault]:
        """The entity and key of the records that `settle` set aside."""
        rows = self._connection.execute("select record, entity, row_key from key_aside order by rowid").fetchall()
        return {record: AtFault(entity, key) for record, entity, key in reversed(rows)}

    def settle(
        self,
        quarantine_contradictions: bool,
        quarantine_more_than_booked: bool,
        in_order: bool = False,
        names_sessions: bool = False,
    ) -> list[Fault]:
        """Settle rows and keys that the file repeats; return the faults of records that are set aside for it.

        The caller passes these to `quarantine` with their text. In a file whose records are `in_order`, such as events,
        a later record replaces an earlier one with the same key, and nothing is set aside. `names_sessions` says that
        a mark beside its booking names its session itself, as a mapped row does and an extended booking does not.

        Raises `RuntimeError` if a key is still repeated, which would be a bug.
        """
        self.stage_all()
        (already,) = self._connection.execute("select count(*) from set_aside").fetchall()[0]
        if quarantine_contradictions:
            self._set_aside(_sql("contradictions").format(status_contradicts=contradiction_sql()))
        if quarantine_more_than_booked:
            self._set_aside(_sql("more_than_booked"))
        if already:
            self._unstage()
        self._described = settle_descriptions(self._connection, self._staged)
        if {"booking", "attendance"} <= self._staged and not names_sessions:
            self._connection.execute(merge_sql("session_as_stored", TABLES["attendance"]))
        holds_several = not in_order and len(self._staged) > 1
        if holds_several:
            self._drop_repeated_records()
        for entity in reversed(self._staged_entities()):
            # By id before by key. Say attendance 1 moved from booking A to booking B within the file, and attendance 2
            # is A's now. Settled by key first, the old row of 1 could oust the row of 2 and then be dropped itself as
            # an old version of 1, and A would have no attendance left.
            for key in reversed(keys_of(entity)):
                if self._repeats(entity, key):
                    if holds_several:
                        self._connection.execute(merge_sql("note_shared_keys", entity, key))
                    self._connection.execute(merge_sql("drop_repeats", entity))
                    self._settle_keys(entity, key, in_order)
                    if holds_several:
                        self._set_aside(merge_sql("set_aside_repeats", entity, key))
                    if self._repeats(entity, key):
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

    def _drop_repeated_records(self) -> None:
        """Drop records that repeat an earlier one whole, if a booking or mark is repeated at all.

        Row by row it would not do. Of three lines for one booking, two the same and one with another mark, the second
        line's mark repeats the first's and is dropped, but its booking would stay when the other two are set aside.
        """
        staged = self._staged_entities()
        keyed = [TABLES[name] for name in ("booking", "attendance") if name in self._staged]
        if any(self._repeats(entity, entity.key) for entity in keyed):
            self._connection.execute(_sql("repeated_records").format(rows=hashed_rows_sql(staged)))
            for entity in staged:
                self._connection.execute(merge_sql("drop_repeated_records", entity))

    def _repeats(self, entity: Entity, key: tuple[str, ...]) -> bool:
        """Whether staged rows share a key. Rows are only dropped from then on, so that a no is asked for once."""
        if (entity.name, key) in self._unique:
            return False
        found = bool(self._connection.execute(merge_sql("repeated_keys", entity, key)).fetchall())
        if not found:
            self._unique.add((entity.name, key))
        return found

    def merge(self, read: int, left_out: int = 0) -> dict[str, int]:
        """Merge the staged rows; return how many of the `read` records are loaded, unchanged, duplicate and stale.

        `left_out` are those of which no row came.
        """
        for entity in self._staged_entities():
            self._replace(entity, meets_any=self._judge(entity))
        note_bookings(self._connection)
        carry_out(self._connection, self._load_id)
        return rows_by_column(self._connection.execute(_sql("outcomes"), {"read": read, "left_out": left_out}))[0]

    def distinct_keys(self) -> dict[str, int]:
        """How many different bookings, marks, sessions and services the file is about; to be asked after `settle`."""
        (keys,) = self._connection.execute(_sql("distinct_keys")).fetchall()[0]
        return {name: number for name, number in keys.items() if number}

    def replaced(self, sha256: str) -> int:
        """The number of loaded records that took the place of undated ones from a file of other bytes."""
        (records,) = self._connection.execute(
            "select count(distinct r.record) from replaced_undated as r "
            "join load_ledger as l on l.load_id = r.brought_by where l.sha256 <> $sha256",
            {"sha256": sha256},
        ).fetchall()[0]
        return int(records)

    def findings(self, sha256: str) -> list[Finding]:
        """The oddities of the loaded records: those replaced undated, and those described differently."""
        rows = self._connection.execute(_sql("replaced_undated"), {"sha256": sha256}).fetchall()
        return [*(Finding("replaced", *row) for row in rows), *self._described]

    def _look_up(self, entity: Entity) -> bool:
        """Look up the stored rows that the staged ones may replace, and return whether there are any."""
        statements = ("met", "met_by_key") if len(keys_of(entity)) > 1 else ("met",)
        found = [self._connection.execute(merge_sql(name, entity)).fetchall() for name in statements]
        return any(count for ((count,),) in found)

    def _judge(self, entity: Entity) -> bool:
        """Judge the staged rows, and return whether any stored row shares a key with them: most statements need one."""
        meets_any = self._look_up(entity)
        self._connection.execute(merge_sql("judge" if meets_any else "judge_none", entity))
        if meets_any and len(keys_of(entity)) > 1:
            self._connection.execute(merge_sql("judge_by_id", entity))
        hold_back(self._connection, entity.name, self._stated_at)
        if self._read_before is not None:
            for name in ("hold_back_outdated", "hold_back_removed"):
                self._connection.execute(merge_sql(name, entity), {"read_before": self._read_before})
        self._connection.execute(merge_sql("note_verdicts", entity))
        if meets_any:
            self._connection.execute(merge_sql("replaced", entity))
            if self._stated_at is None and self._read_before is None:
                self._connection.execute(merge_sql("replaced_undated", entity))
        return meets_any

    def _replace(self, entity: Entity, meets_any: bool) -> None:
        """Insert the rows judged as loaded, in place of the rows they replace.

        Raises `RuntimeError` if a key would then occur twice. Staged keys differ from each other, as `settle` has seen
        to, so it is enough to look among the stored rows that staged ones met, not in the whole table.
        """
        gone = counted(self._connection, merge_sql("replaced_content", entity)) if meets_any else None
        ours = ("load_id = $load_id", {"load_id": self._load_id})
        with tracked(self._connection, entity.name, NO_ROWS, ours, taken=gone):
            if gone and gone.rows:
                keep_replaced(self._connection, entity, self._load_id)
                note_removed(self._connection, entity.name, f"select met, hash from replaced_{entity.name}")
                self._connection.execute(merge_sql("remove_replaced", entity))
            insert = insert_sql(entity, every=self._are_all_loaded(entity))
            self._connection.execute(insert, {"load_id": self._load_id})
        for key in keys_of(entity) if meets_any else ():
            if self._connection.execute(merge_sql("twice", entity, key)).fetchall():
                raise self._twice(entity)

    def _are_all_loaded(self, entity: Entity) -> bool:
        """Whether every staged row is judged as loaded."""
        others = "select 1 from verdict where entity = $entity and verdict <> 'loaded' limit 1"
        return not self._connection.execute(others, {"entity": entity.name}).fetchall()

    def _twice(self, entity: Entity) -> RuntimeError:
        return RuntimeError(f"{entity.name} would hold a key twice after {self._file}: nothing is loaded")

    def _settle_keys(self, entity: Entity, key: tuple[str, ...], in_order: bool) -> None:
        if in_order:
            self._connection.execute(merge_sql("settle_in_order", entity, key))
            self._connection.execute(merge_sql("unstage_judged", entity))
        else:
            self._set_aside(merge_sql("settle_keys", entity, key))

    def _set_aside(self, statement: str) -> None:
        """Run a statement that sets records aside, and remove their rows from every staging table."""
        self._connection.execute(statement)
        for name in KEYED:
            if name in self._staged:
                self._connection.execute(merge_sql("note_keys_aside", TABLES[name]))
        self._unstage()

    def _unstage(self) -> None:
        """Remove the rows of records that are set aside."""
        for entity in self._staged_entities():
            self._connection.execute(merge_sql("unstage", entity))

    def _staged_entities(self) -> list[Entity]:
        """The entities that rows were staged of, in the order in which they are loaded."""
        return [entity for entity in TABLES.values() if entity.name in self._staged]
