"""Write records that break a rule to the table `quarantine`, and count the rules they break."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import duckdb
import polars as pl

from pipeline.faults import Fault
from pipeline.load.at_fault import AtFault
from pipeline.load.offer import Offer
from pipeline.people.erased_contacts import ErasedContacts
from pipeline.sources import Chunk
from pipeline.store.content_state import NO_ROWS, tracked

MAX_RAW = 64 * 2**10
_COMMONEST = 3


@dataclass(frozen=True, slots=True)
class Original:
    """A record as it stands in its file: its text, its line (from 1), its place in an array (from 0)."""

    raw: bytes
    line: int | None
    index: int | None


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that records of a file break, the number of these records, and the first of them as an example."""

    rule: str
    pointer: str
    records: int
    example: AtFault


class Quarantining:
    """The records of one load that are set aside. `count` is their number so far."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, load_id: int, file: str, now: dt.datetime, erased: ErasedContacts
    ) -> None:
        self._connection = connection
        self._load_id = load_id
        self._file = file
        self._now = now
        self._erased = erased
        self._bad = Offer(connection, "bad_rows")
        self._rules: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], AtFault] = {}
        self.count = 0

    def add(
        self, kind: str, faults: Iterable[Fault], originals: Mapping[int, Original], known: Mapping[int, AtFault]
    ) -> None:
        """Set records aside, each with the first rule it breaks and the names of the others."""
        by_record: dict[int, list[Fault]] = defaultdict(list)
        for fault in faults:
            by_record[fault.record].append(fault)
        if not by_record:
            return
        rows = [
            self._row(kind, broken, originals[record], known.get(record, AtFault()))
            for record, broken in sorted(by_record.items())
        ]
        added = ("load_id = $load_id and record in (select record from bad_rows)", {"load_id": self._load_id})
        with self._bad.holding(pl.DataFrame(rows, schema=_QUARANTINE)):
            with tracked(self._connection, "quarantine", NO_ROWS, added):
                self._connection.execute("insert into quarantine by name select * from bad_rows")
            self._connection.execute("insert into set_aside select record, rule, pointer from bad_rows")
        self.count += len(rows)

    def commonest(self) -> tuple[Broken, ...]:
        """The three rules that most records break, the commonest first."""
        return tuple(
            Broken(*place, records, self._examples[place]) for place, records in self._rules.most_common(_COMMONEST)
        )

    def _row(self, kind: str, faults: list[Fault], original: Original, known: AtFault) -> dict[str, object]:
        first, *others = faults
        kept = original.raw[:MAX_RAW]
        known = known if known.message else replace(known, message=first.message)
        if self._erased.mentioned_in(original.raw):
            kept, known = b"", replace(known, value=None, message=first.message, row_key=self._bare(known.row_key))
        place = (first.rule, first.pointer)
        self._rules[place] += 1
        self._examples.setdefault(place, known)
        return {
            "load_id": self._load_id,
            "file": self._file,
            "kind": kind,
            "record": first.record,
            "line": original.line,
            "index": original.index,
            "rule": first.rule,
            "reason_code": f"row.{first.rule}",
            "pointer": first.pointer,
            "message": known.message if first.detail and first.rule == "mapping_expression" else known.in_words(),
            "also_broken": [f"{fault.rule} {fault.pointer}".strip() for fault in others],
            "raw": kept.decode("utf-8", errors="replace"),
            "raw_bytes": len(original.raw),
            "raw_sha256": hashlib.sha256(original.raw).hexdigest(),
            "quarantined_at": self._now,
            "entity": known.entity,
            "row_key": known.row_key,
            "value": known.value,
        }

    def _bare(self, key: str | None) -> str | None:
        """A key that mentions an erased contact itself is left out; the id of a booking, a GUID, may stay."""
        own = key.split("/", 1)[-1] if key else ""
        return None if self._erased.mentioned_in(own.encode()) and len(own) != len(_GUID) else key


_GUID = "00000000-0000-0000-0000-000000000000"
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
    "entity": pl.String(),
    "row_key": pl.String(),
    "value": pl.String(),
}


def originals_in(chunk: Chunk, records: Iterable[int]) -> dict[int, Original]:
    """The originals, by number, of those of the records that are in the chunk."""
    wanted = set(records)
    return {
        record: Original(chunk.raws[at], chunk.lines[at], chunk.indexes[at])
        for at, record in enumerate(chunk.records if wanted else ())
        if record in wanted
    }
