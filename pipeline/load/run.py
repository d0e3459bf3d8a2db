"""Load one file: stage and merge its valid records, set the others aside, and sum them up for the ledger."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from pipeline.decode.kinds import kind_unknown
from pipeline.decode.records import SYNTAX_RULES, Decoded
from pipeline.faults import Fault, Refused
from pipeline.load.earlier_rows import rows_held
from pipeline.load.file_load import FileLoad
from pipeline.load.plain_lines import may_be_plain
from pipeline.load.quarantining import Broken, originals_in
from pipeline.load.refusals import nothing_valid, require_known_values
from pipeline.load.validating import Reading, Validated, Validating
from pipeline.mapping.evaluation import MappedRows
from pipeline.mapping.sections import SITE
from pipeline.people.erased_contacts import erased_contacts
from pipeline.printable import shown
from pipeline.settings.stored import site_zone
from pipeline.sources import Chunk, Warn
from pipeline.sources.chunks import joined
from pipeline.store.findings import Finding, limited
from pipeline.store.ledger import Load, next_load_id
from pipeline.store.opening import Store

# A file without a valid record among its first ones is refused without reading the rest.
ENOUGH_TO_SAY = 100_000
# Records that are not plain wait for others until they are so many bytes.
_ENOUGH_TOGETHER = 2**23

Progress = Callable[[Path, int], None]


@dataclass
class Run:
    """The load of one file, from its chunks to its row in the ledger.

    `chunks` reads the file; it takes the function to call with warnings. It is called a second time if records turn out
    to be at fault only after the whole file is read, to get at their text. `kinds` may hold kinds that are known before
    any record is read. `read_before` is the load of the same bytes before an upgrade that added columns.
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
    left_out: int = 0
    is_retry: bool = False
    read_before: int | None = None
    when_staged: Callable[[], None] = lambda: None
    commonest: tuple[Broken, ...] = ()
    uncertain: dict[str, Finding] = field(default_factory=dict)
    _mapped: MappedRows | None = None

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
        staging = FileLoad(
            self.store.connection, load_id, shown(self.path), self.now, self.reading.stated_at, self.read_before
        )
        if self.reading.mapping:
            held = rows_held(self.store.connection, self.path)
            zone = self.reading.mapping.zone
            used = site_zone(self.store.connection) if zone == SITE else zone
            self._mapped = MappedRows(self.reading.mapping, self.path, held, used)
        mapped = self._mapped
        try:
            self._stage_all(staging)
        finally:
            if mapped:
                mapped.close()
        self._require_any_valid(staging, "its")
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
        counts = {"read": self.read, **staging.merge(self.read, self.left_out), "quarantined": staging.quarantined}
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

    def _stage_all(self, staging: FileLoad) -> None:
        """Stage plain attendances many at a time, and the records between them, and then all others, one by one.

        The others begin with the first chunk of which most records are not plain, since the attempt costs time.
        """
        if self._mapped:
            self._stage_validated(self.chunks, staging, next(iter(self.kinds), None))
            return
        chunks, waiting = self.chunks(self.warnings.append), list[Chunk]()
        for chunk in chunks:
            kind = next(iter(self.kinds), None)
            rest = self._stage_plain(chunk, staging)
            waiting += [rest] if rest.raws else []
            if 2 * len(rest.raws) > len(chunk.raws):
                others = chain(waiting, chunks)
                self._stage_validated(lambda _: others, staging, kind)  # noqa: B023  (the loop ends here)
                return
            # Those before any plain record do not wait: the kind of the others would not be known to them.
            if kind is None or sum(chunk.size for chunk in waiting) > _ENOUGH_TOGETHER:
                self._stage_together(waiting, staging, kind)
                waiting = []
        self._stage_together(waiting, staging, next(iter(self.kinds), None))

    def _stage_together(self, chunks: list[Chunk], staging: FileLoad, kind: str | None) -> None:
        """Stage the few records of many chunks as those of one, since each chunk costs as much as 1,000 of them."""
        if chunks:
            chunk = joined(chunks)
            self._stage_validated(lambda _: iter([chunk]), staging, kind)

    def _stage_plain(self, chunk: Chunk, staging: FileLoad) -> Chunk:
        """Stage the plain attendances of a chunk, and return the chunk without them."""
        if self.reading.kind not in (None, "attendance") or not may_be_plain(chunk):
            return chunk
        others = staging.stage_plain(chunk)
        if plain := len(chunk.raws) - len(others):
            self.kinds["attendance"] += plain
            self.read += plain
            self.valid += plain
            self.progress(self.path, self.read)
        return chunk.only(others)

    def _stage_validated(self, chunks: Callable[[Warn], Iterator[Chunk]], staging: FileLoad, kind: str | None) -> None:
        reading = Validating(chunks, self.reading, self.now, self.warnings.append, self._mapped, kind)
        for chunk in reading.validated():
            self._stage(chunk, staging)

    def _require_any_valid(self, staging: FileLoad, of: str) -> None:
        """Refuse a file without a valid record, however small: a wrong file, or a wrong mapping.

        Not a retry, nor a part of a pull or a webhook: one booking may be all that has changed since the last one.
        """
        may_be_few = self.is_retry or self.reading.stated_at is not None
        if staging.quarantined and not self.valid and not may_be_few:
            raise nothing_valid(self.read, self.header, staging.commonest()[0], of)

    def _unmet_values(self) -> Iterator[Finding]:
        if not self.unmet:
            return
        erased = erased_contacts(self.store.connection)
        for column, values in self.unmet.items():
            for value, records in values.items():
                yield Finding(
                    "unmet_value", column, value if value and not erased.mentioned_in(value.encode()) else None, records
                )

    def _note_uncertain(self, read: Validated) -> None:
        """Count the times that a clock change makes uncertain, in records that are loaded, with one example each."""
        at_fault = {fault.record for fault in read.faults}
        for time in read.uncertain:
            if time.record not in at_fault:
                place = f"{time.entity}.{time.pointer}"
                known = self.uncertain.get(place, Finding("time_uncertain", place, time.detail, 0))
                self.uncertain[place] = replace(known, records=known.records + 1)

    def _stage(self, read: Validated, staging: FileLoad) -> None:
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
        self.left_out += read.left_out
        self._note_uncertain(read)
        if self.read > ENOUGH_TO_SAY:
            self._require_any_valid(staging, "the first")
        self.progress(self.path, self.read)

    def _note(self, decoded: Decoded, chunk: Chunk) -> None:
        self.kinds += decoded.kinds
        self.ignored += decoded.ignored
        self.read += len(chunk.raws)
        if not self.kinds and chunk.raws and self.reading.kind is None and not _only_syntax(decoded.faults):
            raise kind_unknown("no attendance, booking, session or service in it")

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


def _ignore(_: str) -> None:
    return None


def _only_syntax(faults: list[Fault]) -> bool:
    return bool(faults) and all(fault.rule in SYNTAX_RULES for fault in faults)
