"""Load one file: read, decode, type, validate, stage and merge its records, and sum them up for the ledger.

The steps run at the same time on neighbouring chunks, each one chunk ahead of the next step (see `_one_ahead`). While
chunk 1 is staged, a thread types and validates chunk 2, another decodes chunk 3, and a third reads chunk 4. Polars and
DuckDB release Python's lock for most of their work, so this uses more than one core.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import polars as pl

from pipeline.decode.columnar import decode
from pipeline.decode.flat import decode_flat
from pipeline.decode.records import SYNTAX_RULES, Decoded
from pipeline.faults import Fault, Refused
from pipeline.load.at_fault import AtFault, at_fault
from pipeline.load.earlier_rows import rows_held
from pipeline.load.file_load import FileLoad
from pipeline.load.quarantining import Broken, originals_in
from pipeline.load.refusals import nothing_valid, require_known_values
from pipeline.mapping.days import Days
from pipeline.mapping.evaluation import MappedRows
from pipeline.mapping.reading import Mapping
from pipeline.mapping.sections import SITE
from pipeline.people.erased_contacts import erased_contacts
from pipeline.settings.stored import site_zone
from pipeline.sources import Chunk, Warn, shown
from pipeline.store.findings import Finding, limited
from pipeline.store.ledger import Load, next_load_id
from pipeline.store.opening import Store
from pipeline.typing.typed_rows import typed_rows
from pipeline.validation.valid_rows import validated
from queries.model.entities import TABLES

# If more records than this are quarantined and none is valid, it is probably the wrong file, and it is refused.
MAX_INVALID = 100_000

Progress = Callable[[Path, int], None]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Validated:
    """A chunk, its decoded records, the valid rows by entity, and the faults of the others with their descriptions.

    `sound` is the number of records with a valid row and no fault.
    """

    chunk: Chunk
    decoded: Decoded
    frames: dict[str, pl.DataFrame]
    faults: list[Fault]
    known: dict[int, AtFault]
    sound: int
    uncertain: list[Fault]


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the files: kind and format, or None to recognise them, encoding, mapping, order of day and month.

    `stated_at` (naive UTC) is the moment at which the source stated the records, if known. They are then in order, so
    that a later record in a file replaces an earlier one with the same key.
    """

    kind: str | None = None
    format: str | None = None
    encoding: str = "utf-8"
    mapping: Mapping | None = None
    stated_at: dt.datetime | None = None
    dates: str | None = None


@dataclass
class Run:
    """The load of one file, from its chunks to its row in the ledger.

    `chunks` reads the file; it takes the function to call with warnings. It is called a second time if records turn out
    to be at fault only after the whole file is read, to get at their text. `kinds` may hold kinds that are known before
    any record is read.
    """

    store: Store
    path: Path
    chunks: Callable[[Warn], Iterator[Chunk]]
    reading: Reading
    now: dt.datetime
    progress: Progress
    kinds: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    read: int = 0
    header: str | None = None
    valid: int = 0
    is_retry: bool = False
    when_staged: Callable[[], None] = lambda: None
    commonest: tuple[Broken, ...] = ()
    uncertain: dict[str, Finding] = field(default_factory=dict)
    _mapped: MappedRows | None = None

    @property
    def refuses_if_nothing_is_valid(self) -> bool:
        """Whether a file without a valid record is refused, however small: a wrong file, or a wrong mapping.

        Not a retry, nor a part of a pull or a webhook: one booking may be all that has changed since the last one.
        """
        return not self.is_retry and self.reading.stated_at is None

    @property
    def unmet(self) -> dict[str, Counter[str]]:
        """By column that the mapping compares with constants: the values of loaded records that met none of them."""
        return self._mapped.unmet if self._mapped else {}

    @property
    def kind(self) -> str | None:
        """The kind of the records, as far as they have been read; several are joined by +."""
        return self.reading.kind or "+".join(sorted(self.kinds)) or None

    @property
    def _is_in_order(self) -> bool:
        return self.reading.stated_at is not None or "attendance-event" in self.kinds

    def load(self, sha256: Callable[[], str], treatment: str, size: int) -> Load:
        """Load within the caller's transaction, and return the entry for the ledger.

        `sha256` is called at the end, since another thread hashes the file while it is read.

        Raises `Refused`, also if the file changes meanwhile, and `RuntimeError` if the counts do not add up.
        """
        load_id = next_load_id(self.store.connection)
        staging = FileLoad(self.store.connection, load_id, shown(self.path), self.now, self.reading.stated_at)
        if self.reading.mapping:
            held = rows_held(self.store.connection, self.path)
            zone = self.reading.mapping.zone
            used = site_zone(self.store.connection) if zone == SITE else zone
            self._mapped = MappedRows(self.reading.mapping, self.path, held, used)
        mapped = self._mapped
        try:
            for validated_chunk in _one_ahead(self._validated_chunks(mapped)):
                self._stage(validated_chunk, staging)
        finally:
            if mapped:
                mapped.close()
        if staging.quarantined and not self.valid and self.refuses_if_nothing_is_valid:
            raise nothing_valid(self.read, self.header, staging.commonest()[0])
        if self.store.settings.unmet_values == "refuse" and not self.is_retry:
            require_known_values(self._unmet_values())
        staging.stage_all()
        self.when_staged()
        settings = self.store.settings
        faults = staging.settle(
            settings.contradictions == "quarantine",
            settings.more_than_booked == "quarantine",
            self._is_in_order,
            names_sessions=self.reading.mapping is not None,
        )
        self._quarantine_late(staging, faults)
        distinct = staging.distinct_keys()
        counts = {"read": self.read, **staging.merge(self.read), "quarantined": staging.quarantined}
        if counts["read"] != sum(counts.values()) - counts["read"]:
            raise RuntimeError(f"{self.path}: the records do not add up: {counts}")
        self.commonest = staging.commonest()
        hashed = sha256()
        return Load(
            load_id,
            shown(self.path),
            self.kind or "nothing",
            hashed,
            treatment,
            size,
            counts,
            dict(sorted(self.ignored.items())),
            tuple(dict.fromkeys(self.warnings)),
            self.now,
            self.header,
            str(self.reading.mapping.path) if self.reading.mapping else None,
            staging.replaced(hashed),
            distinct,
            limited([*staging.findings(hashed), *self.uncertain.values(), *self._unmet_values()]),
        )

    def _unmet_values(self) -> Iterator[Finding]:
        erased = erased_contacts(self.store.connection)
        for column, values in self.unmet.items():
            for value, records in values.items():
                yield Finding(
                    "unmet_value", column, value if value and not erased.mentioned_in(value.encode()) else None, records
                )

    def _note_uncertain(self, read: _Validated) -> None:
        """Count the times that a clock change makes uncertain, in records that are loaded, with one example each."""
        at_fault = {fault.record for fault in read.faults}
        for time in read.uncertain:
            if time.record not in at_fault:
                place = f"{time.entity}.{time.pointer}"
                known = self.uncertain.get(place, Finding("time_uncertain", place, time.detail, 0))
                self.uncertain[place] = replace(known, records=known.records + 1)

    def _readable_chunks(self, mapped: MappedRows | None) -> Iterator[Chunk]:
        """The chunks as a mapping reads them: JSON as columns, days and times in ISO's form."""
        if mapped is None or self.reading.mapping is None:
            return self.chunks(self.warnings.append)
        days = Days(self.reading.mapping.dates, self.reading.dates, self.warnings.append)
        return days.read(lambda: mapped.flat_chunks(self.chunks(self.warnings.append)))

    def _decoded_chunks(self, mapped: MappedRows | None) -> Iterator[tuple[Chunk, Decoded]]:
        fallback = next(iter(self.kinds), None)
        for chunk in _one_ahead(self._readable_chunks(mapped)):
            decoded = self._decoded(chunk, mapped, fallback)
            fallback = fallback or next(iter(decoded.kinds), None)
            yield chunk, decoded

    def _validated_chunks(self, mapped: MappedRows | None) -> Iterator[_Validated]:
        for chunk, decoded in _one_ahead(self._decoded_chunks(mapped)):
            faults = [*chunk.faults, *decoded.faults]
            raw, typed, frames = decoded.frames(), {}, {}
            uncertain: list[Fault] = []
            for name, texts in raw.items():
                typed[name], broken = typed_rows(texts, TABLES[name], self.now, uncertain)
                frames[name], invalid = validated(typed[name], TABLES[name], broken)
                found = [*broken, *invalid]
                if mapped and found and chunk.flat is not None:
                    found = mapped.explained(name, found, texts, chunk.flat)
                faults += found
            known = at_fault(chunk, raw, typed, faults, self.reading.mapping, decoded.keys)
            yield _Validated(chunk, decoded, frames, faults, known, _sound(frames, faults), uncertain)

    def _stage(self, read: _Validated, staging: FileLoad) -> None:
        self.header = read.chunk.header
        self._note(read.decoded, read.chunk)
        faults = read.faults
        if self._mapped:
            self._mapped.count_unmet({fault.record for fault in faults})
        originals = originals_in(read.chunk, {fault.record for fault in faults})
        staging.quarantine(self.kind or "unknown", faults, originals, read.known)
        for name, valid in read.frames.items():
            staging.stage(name, valid)
        self.valid += read.sound
        self._note_uncertain(read)
        if faults and not self.valid and staging.quarantined > MAX_INVALID:
            raise nothing_valid(self.read, self.header, staging.commonest()[0], "the first")
        self.progress(self.path, self.read)

    def _decoded(self, chunk: Chunk, mapped: MappedRows | None, fallback: str | None) -> Decoded:
        if mapped:
            if chunk.flat is None:
                raise RuntimeError(f"{self.path}: a chunk without columns")
            frames, faults = mapped.frames(chunk.flat)
            keys = mapped.keys({fault.record for fault in faults}, chunk.flat)
            if chunk.aside is not None:
                keys |= mapped.keys(chunk.aside["record"].to_list(), chunk.aside)
            return Decoded(raw_frames=frames, faults=faults, kinds=Counter(dict.fromkeys(frames, 1)), keys=keys)
        if chunk.flat is not None:
            return decode_flat(chunk.flat, self.reading.kind)
        return decode(chunk.raws, chunk.records, self.reading.kind, fallback)

    def _note(self, decoded: Decoded, chunk: Chunk) -> None:
        self.kinds += decoded.kinds
        self.ignored += decoded.ignored
        self.read += len(chunk.raws)
        if not self.kinds and chunk.raws and self.reading.kind is None and not _only_syntax(decoded.faults):
            raise Refused(
                "file.kind_unknown",
                "no attendance, booking, session or service in it",
                "Name its kind with --kind, or give a --mapping for another system's file",
            )

    def _quarantine_late(self, staging: FileLoad, faults: list[Fault]) -> None:
        """Quarantine records that turned out to be at fault only after the whole file was read.

        Their text is no longer in memory, so the file is read once more.
        """
        if not faults:
            return
        wanted, known = {fault.record for fault in faults}, staging.known()
        for chunk in self.chunks(_ignore):
            originals = originals_in(chunk, wanted)
            here = [fault for fault in faults if fault.record in originals]
            staging.quarantine(self.kind or "unknown", here, originals, known)
            wanted -= originals.keys()
        if wanted:
            raise Refused("file.changed", "it changed while it was read", "Load it again")


def _sound(frames: dict[str, pl.DataFrame], faults: list[Fault]) -> int:
    """The number of records that have a valid row and no fault, such as a bad booking beside a valid service."""
    records = pl.concat([frame["record"] for frame in frames.values()]) if frames else pl.Series([], dtype=pl.Int64)
    at_fault = {fault.record for fault in faults}
    return len(records.unique()) - len(records.filter(records.is_in(list(at_fault))).unique())


def _ignore(_: str) -> None:
    return None


def _one_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items; while the caller uses one, a thread makes the next.

    Exactly one ahead, so that a slow consumer does not let chunks pile up in memory. An error of the thread is raised
    to the caller at the item it belongs to.
    """
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def _only_syntax(faults: list[Fault]) -> bool:
    return bool(faults) and all(fault.rule in SYNTAX_RULES for fault in faults)
