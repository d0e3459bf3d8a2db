"""A store and paths go in; every record of every file is loaded, counted or quarantined, and the counts come out."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.decode.flat import decode_flat
from pipeline.decode.kinds import SHAPES
from pipeline.decode.records import SYNTAX_RULES, Decoded, decode
from pipeline.events import log_event
from pipeline.faults import Fault, Refused
from pipeline.load.file_load import FileLoad, places_in
from pipeline.load.ledger import Load, find_load, next_load_id, write_load
from pipeline.mapping import MappedRows, Mapping, read_mapping
from pipeline.schema import TABLES
from pipeline.sources import FORMATS, Chunk, SourceFile, Warn, read_chunks, sha256_of, shown, source_files
from pipeline.store import Store
from pipeline.typed_rows import typed_rows
from pipeline.validation import validated
from queries.errors import OutputFailed, UsageError

# Where so many records are read and none is valid, the file is not what it was taken for.
MAX_INVALID = 100_000

Progress = Callable[[Path, int], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing of a file was loaded: a stable code, and what and where in words."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file: read = loaded + unchanged + duplicate + stale + quarantined, unless it was refused."""

    file: str
    kind: str | None
    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    duplicate: int = 0
    stale: int = 0
    quarantined: int = 0
    refused: Refusal | None = None
    warnings: tuple[str, ...] = ()
    already_loaded: bool = False

    def to_json(self) -> dict[str, Any]:
        """The object that `noshow ingest --json` prints for the file."""
        told = asdict(self)
        for name in ("warnings", "already_loaded"):
            told.pop(name)
        if told["refused"]:
            told["refused"].pop("hint")
        return told


@dataclass(frozen=True, slots=True)
class Reading:
    """How the files are to be read: kind and format where they cannot be told, encoding, mapping.

    `stated_at` (naive UTC) is when the source said what they hold, where that is known: in order, so that what comes
    later in a file counts.
    """

    kind: str | None = None
    format: str | None = None
    encoding: str = "utf-8"
    mapping: Mapping | None = None
    stated_at: dt.datetime | None = None


def ingest(
    store: Store,
    paths: Iterable[str | os.PathLike[str]],
    *,
    kind: str | None = None,
    format: str | None = None,
    encoding: str = "utf-8",
    mapping: Mapping | str | os.PathLike[str] | None = None,
    stated_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
    passed_over: Callable[[Path], None] | None = None,
) -> list[FileOutcome]:
    """Load files, and those in folders, each in a transaction of its own; one outcome a file, in order.

    A file that cannot be trusted is refused whole and says why; the others are loaded all the same. A file that was
    loaded before, treated the same way, is not read again.

    `kind` (a key of `pipeline.decode.kinds.SHAPES`) and `format` (json, ndjson, csv, parquet) are told by content and
    name where not given; `mapping` reads another system's flat files. `stated_at` (aware) is when
    the source said what the files hold, where that is known. `now` (aware) bounds the instants; `progress`
    is told the file and the records read so far, `passed_over` the files in folders that are of no known format.

    Raises `UsageError`, `InputNotFound` or `DataRefused` (a wrong mapping) before anything is loaded.
    """
    reading = replace(_reading(kind, format, encoding, mapping), stated_at=_naive_utc(stated_at) if stated_at else None)
    moment = _naive_utc(now or dt.datetime.now(dt.UTC))
    sources, others = source_files([Path(path) for path in paths], reading.format)
    for other in others:
        if passed_over:
            passed_over(other)
    return [_ingest_file(store, source, reading, moment, progress or _silent) for source in sources]


def _reading(
    kind: str | None, format: str | None, encoding: str, mapping: Mapping | str | os.PathLike[str] | None
) -> Reading:
    for name, value, known in (("kind", kind, SHAPES), ("format", format, set(FORMATS.values()))):
        if value is not None and value not in known:
            raise UsageError(f"{name}.unknown", f"no {name} is called {value!r}", f"One of: {', '.join(sorted(known))}")
    read = mapping if mapping is None or isinstance(mapping, Mapping) else read_mapping(Path(mapping))
    return Reading(kind, format, encoding, read)


def _naive_utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _silent(_: Path, __: int) -> None:
    return None


def _unheard(_: str) -> None:
    return None


def _ingest_file(
    store: Store, source: SourceFile, reading: Reading, now: dt.datetime, progress: Progress
) -> FileOutcome:
    try:
        sha256, size = sha256_of(source.path), source.path.stat().st_size
    except OSError as error:
        return FileOutcome(shown(source.path), None, refused=Refusal("file.unreadable", str(error.strerror)))
    except Refused as refused:
        return _refusal(source, None, refused)
    treatment = _treatment(reading, store)
    if earlier := find_load(store.connection, sha256, treatment):
        return _again(source, earlier)
    run = Run(store, source.path, lambda warn: read_chunks(source, warn, reading.encoding), reading, now, progress)
    began = time.monotonic()
    try:
        with store.transaction():
            load = run.load(sha256, treatment, size)
            write_load(store.connection, load)
    except Refused as refused:
        log_event("load.refused", level=logging.WARNING, file=shown(source.path), code=refused.code)
        return _refusal(source, run.kind, refused)
    seconds = round(time.monotonic() - began, 3)
    log_event("load.done", load=load.load_id, file=load.file, kind=load.kind, seconds=seconds, **load.counts)
    return outcome_of(load.file, load)


def _refusal(source: SourceFile, kind: str | None, refused: Refused) -> FileOutcome:
    return FileOutcome(shown(source.path), kind, refused=Refusal(refused.code, refused.message, refused.hint))


def _again(source: SourceFile, earlier: Load) -> FileOutcome:
    """A file loaded before: what it brought is in the database, what it repeated or spoiled is as it was."""
    log_event("load.known", load=earlier.load_id, file=shown(source.path))
    outcome = outcome_of(shown(source.path), earlier)
    unchanged = outcome.loaded + outcome.unchanged + outcome.stale
    return replace(outcome, loaded=0, unchanged=unchanged, stale=0, already_loaded=True)


def outcome_of(file: str, load: Load) -> FileOutcome:
    """The outcome of a finished load."""
    n = load.counts
    return FileOutcome(
        file,
        load.kind,
        n["read"],
        n["loaded"],
        n["unchanged"],
        n["duplicate"],
        n["stale"],
        n["quarantined"],
        warnings=load.warnings,
    )


def _treatment(reading: Reading, store: Store) -> str:
    """A hash of all that decides a file's outcome beside its bytes."""
    settings = store.settings
    parts = (
        reading.kind,
        reading.format,
        reading.encoding,
        reading.mapping.digest if reading.mapping else None,
        settings.contradictions,
        settings.more_than_booked,
        *([reading.stated_at.isoformat()] if reading.stated_at else []),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass
class Run:
    """The records of one file on their way: reading, typing, validating, staging, merging.

    `chunks` gives them, told where to send warnings; it is called once more where records turn out to be at fault
    only when all are known. `kinds` are those known before any record is read.
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

    @property
    def kind(self) -> str | None:
        """What the records are, as far as they have been read."""
        return self.reading.kind or "+".join(sorted(self.kinds)) or None

    @property
    def _is_in_order(self) -> bool:
        return self.reading.stated_at is not None or "attendance-event" in self.kinds

    def load(self, sha256: str, treatment: str, size: int) -> Load:
        """Load within the caller's transaction; what the ledger is to say of it."""
        load_id = next_load_id(self.store.connection)
        staging = FileLoad(self.store.connection, load_id, shown(self.path), self.now, self.reading.stated_at)
        mapped = MappedRows(self.reading.mapping) if self.reading.mapping else None
        try:
            for chunk in self.chunks(self.warnings.append):
                self._stage(chunk, staging, mapped)
        finally:
            if mapped:
                mapped.close()
        settings = self.store.settings
        faults = staging.settle(
            settings.contradictions == "quarantine", settings.more_than_booked == "quarantine", self._is_in_order
        )
        self._quarantine_late(staging, faults)
        counts = {"read": self.read, **staging.merge(self.read), "quarantined": staging.quarantined}
        if counts["read"] != sum(counts.values()) - counts["read"]:
            raise RuntimeError(f"{self.path}: the records do not add up: {counts}")
        return Load(
            load_id,
            shown(self.path),
            self.kind or "nothing",
            sha256,
            treatment,
            size,
            counts,
            dict(sorted(self.ignored.items())),
            tuple(dict.fromkeys(self.warnings)),
            self.now,
            self.header,
            str(self.reading.mapping.path) if self.reading.mapping else None,
        )

    def _stage(self, chunk: Chunk, staging: FileLoad, mapped: MappedRows | None) -> None:
        self.header = chunk.header
        decoded = self._decoded(chunk, mapped)
        self._note(decoded, chunk)
        faults = [*chunk.faults, *decoded.faults]
        frames = {}
        for name, raw in decoded.frames().items():
            typed, broken = typed_rows(raw, TABLES[name], self.now)
            valid, invalid = validated(typed, TABLES[name], broken)
            frames[name] = valid
            faults += [*broken, *invalid]
        staging.quarantine(self.kind or "unknown", faults, places_in(chunk, {fault.record for fault in faults}))
        for name, valid in frames.items():
            staging.stage(name, valid)
            self.valid += valid.height
        if faults and not self.valid and staging.quarantined > MAX_INVALID:
            raise Refused(
                "file.nothing_valid",
                f"none of the first {self.read:,} records is valid; the first breaks the rule {faults[0].rule}",
                "Is it the right file? Another system's needs a --mapping",
            )
        self.progress(self.path, self.read)

    def _decoded(self, chunk: Chunk, mapped: MappedRows | None) -> Decoded:
        if mapped:
            if chunk.flat is None:
                raise Refused(
                    "file.not_flat", "a mapping reads CSV or flat Parquet", "Load this file without --mapping"
                )
            frames, faults = mapped.frames(chunk.flat)
            return Decoded(raw_frames=frames, faults=faults, kinds=Counter(dict.fromkeys(frames, 1)))
        if chunk.flat is not None:
            return decode_flat(chunk.flat, self.reading.kind)
        return decode(chunk.raws, chunk.records, self.reading.kind, next(iter(self.kinds), None))

    def _note(self, decoded: Decoded, chunk: Chunk) -> None:
        self.kinds += decoded.kinds
        self.ignored += decoded.ignored
        self.read += len(chunk.raws)
        if not self.kinds and chunk.raws and self.reading.kind is None and not _only_syntax(decoded.faults):
            raise Refused(
                "file.kind_unknown",
                "no attendance, booking, session or service in it",
                "Say what it is with --kind, or give a --mapping for another system's file",
            )

    def _quarantine_late(self, staging: FileLoad, faults: list[Fault]) -> None:
        """Quarantine records found at fault only when the file was known whole: their text is read once more."""
        if not faults:
            return
        wanted = {fault.record for fault in faults}
        for chunk in self.chunks(_unheard):
            places = places_in(chunk, wanted)
            staging.quarantine(self.kind or "unknown", [fault for fault in faults if fault.record in places], places)
            wanted -= places.keys()
        if wanted:
            raise OutputFailed("file.changed", f"{self.path}: changed while it was read", "Load it again")


def _only_syntax(faults: list[Fault]) -> bool:
    return bool(faults) and all(fault.rule in SYNTAX_RULES for fault in faults)
