"""Load files into a store, each in a transaction of its own, so that every record is loaded, counted or quarantined."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.events import log_event
from pipeline.faults import Refused
from pipeline.load.run import Progress, Reading, Run
from pipeline.load.superseding import let_go_of_superseded
from pipeline.mapping.reading import Mapping, read_mapping
from pipeline.sources import SourceFile, read_chunks, sha256_of, shown, size_of, source_files
from pipeline.store.ledger import Load, find_load, has_load_of, write_load
from pipeline.store.opening import Store
from queries.errors import DataRefused, UsageError
from queries.model.vocabularies import RECORD_KINDS, SOURCE_FORMATS
from queries.moments import naive_utc


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why nothing of a file was loaded: a stable code, a message that names the place, and a hint."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The outcome of a file: read = loaded + unchanged + duplicate + stale + quarantined, or else it was refused."""

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
        answer = asdict(self)
        for name in ("warnings", "already_loaded"):
            answer.pop(name)
        if answer["refused"]:
            answer["refused"].pop("hint")
        return answer


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
    """Load files, and those in folders, each in a transaction of its own; return one outcome for each file, in order.

    A file that cannot be trusted is refused as a whole, and its outcome says why; the others are still loaded. A file
    that was loaded before with the same options and settings is not read again.

    `kind` (one of `RECORD_KINDS`) is recognised by content by default, and `format` (json, ndjson, csv, parquet) by
    file name. `mapping` describes another system's flat files. `stated_at` (aware) is the moment at which the source
    stated the records, if known; they are then in order. `now` (aware) bounds the instants in records. `progress` is
    called with the file and the number of records read so far, `passed_over` with each file in a folder whose name has
    no known format.

    Raises `UsageError`, `InputNotFound` or `DataRefused` (a wrong mapping) before anything is loaded.
    """
    reading = replace(_reading(kind, format, encoding, mapping), stated_at=naive_utc(stated_at) if stated_at else None)
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    sources, others = source_files([Path(path) for path in paths], reading.format)
    for other in others:
        if passed_over:
            passed_over(other)
    return [_ingest_file(store, source, reading, moment, progress or _ignore) for source in sources]


def _reading(
    kind: str | None, format: str | None, encoding: str, mapping: Mapping | str | os.PathLike[str] | None
) -> Reading:
    for name, value, known in (("kind", kind, RECORD_KINDS), ("format", format, SOURCE_FORMATS)):
        if value is not None and value not in known:
            raise UsageError(f"{name}.unknown", f"no {name} is called {value!r}", f"One of: {', '.join(sorted(known))}")
    read = mapping if mapping is None or isinstance(mapping, Mapping) else read_mapping(Path(mapping))
    return Reading(kind, format, encoding, read)


def _ignore(_: Path, __: int) -> None:
    return None


def _ingest_file(
    store: Store, source: SourceFile, reading: Reading, now: dt.datetime, progress: Progress
) -> FileOutcome:
    treatment = _treatment(reading, store)
    run = Run(store, source.path, lambda warn: read_chunks(source, warn, reading.encoding), reading, now, progress)
    began = time.monotonic()
    try:
        size = size_of(source.path)
        with ThreadPoolExecutor(1) as thread:
            # Hashed by a thread while the file is read. Only a file of the size of an earlier load may be the same
            # file, so only then does reading wait for the hash.
            hashing = thread.submit(sha256_of, source.path)
            if has_load_of(store.connection, size) and (
                earlier := find_load(store.connection, hashing.result(), treatment)
            ):
                return _again(source, earlier)
            with store.transaction():
                load = run.load(hashing.result, treatment, size)
                write_load(store.connection, load)
                let_go_of_superseded(store.connection, load.load_id)
        store.has_loaded = True
    except (Refused, DataRefused) as refused:
        log_event("load.refused", level=logging.WARNING, file=shown(source.path), code=refused.code)
        return FileOutcome(shown(source.path), run.kind, refused=Refusal(refused.code, refused.message, refused.hint))
    seconds = round(time.monotonic() - began, 3)
    log_event("load.done", load=load.load_id, file=load.file, kind=load.kind, seconds=seconds, **load.counts)
    return outcome_of(load.file, load)


def _again(source: SourceFile, earlier: Load) -> FileOutcome:
    """The outcome of a file loaded before: records loaded or stale then are unchanged now."""
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
    """A hash of all that affects a file's outcome besides its bytes: options, mapping, settings."""
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
