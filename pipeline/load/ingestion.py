"""Load files into a store, each in a transaction of its own, so that every record is loaded, counted or quarantined."""

from __future__ import annotations

import datetime as dt
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path

from pipeline.events import log_event
from pipeline.faults import Refused
from pipeline.formats.recognition import recognised
from pipeline.load.history import forget_history
from pipeline.load.little_memory import lift_limit, loaded_in_little_memory
from pipeline.load.outcomes import FileOutcome, RecognisedFormat, Refusal, outcome_of
from pipeline.load.run import Progress, Run
from pipeline.load.superseding import let_go_of_superseded
from pipeline.load.taking_back.completing import Completing, Dates
from pipeline.load.taking_back.unloading import Unloaded, require_recent, take_back
from pipeline.load.treatment import options_of, treatment_of
from pipeline.load.validating import Reading
from pipeline.mapping.joining import is_partner, read_joined, sha256_of_pair
from pipeline.mapping.reading import Mapping as FieldMapping
from pipeline.mapping.reading import read_mapping
from pipeline.mapping.same_names import names_twice
from pipeline.mapping.sections import SITE
from pipeline.printable import shown
from pipeline.settings.stored import zone_is_assumed
from pipeline.sources import SourceFile, size_of, source_files
from pipeline.sources.files import natural_key
from pipeline.store.ledger import (
    COUNTS,
    Load,
    find_load,
    has_load_of,
    loads_of,
    newest_load,
    replaced_since,
    write_load,
)
from pipeline.store.opening import Store
from queries.errors import DataRefused, UsageError
from queries.model.vocabularies import DATE_ORDERS, RECORD_KINDS, SOURCE_FORMATS
from queries.moments import naive_utc


def ingest(
    store: Store,
    paths: Iterable[str | os.PathLike[str]],
    *,
    kind: str | None = None,
    format: str | None = None,
    encoding: str = "utf-8",
    mapping: FieldMapping | str | os.PathLike[str] | None = None,
    stated_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
    passed_over: Callable[[Path], None] | None = None,
    complete: Dates | None = None,
    replace: bool = False,
    dates: str | None = None,
    named: Callable[[Path], Path] = lambda path: path,
) -> list[FileOutcome]:
    """Load files, and those in folders, each in a transaction of its own; return one outcome for each file, in order.

    A file that cannot be trusted is refused as a whole, and its outcome says why; the others are still loaded. A file
    that was loaded before with the same options and settings is not read again.

    `kind` (one of `RECORD_KINDS`) is recognised by content by default, and `format` (json, ndjson, csv, parquet) by
    file name. `mapping` describes another system's files; without one an export that noshow knows is recognised by
    the head of the file, and read as its format says. `dates` (day-first or month-first) is the order of day and
    month, which the values of a file decide by default. `stated_at` (aware) is the moment at which the source
    stated the records, if known; they are then in order. `now` (aware) bounds the instants in records. `progress` is
    called with the file and the number of records read so far, `passed_over` with each file in a folder whose name has
    no known format. `named` gives the name of a file for the ledger and for outcomes by its path, which is the name by
    default.

    `complete` says that the files are all there is of some dates: bookings that earlier loads of the same mapping and
    kind brought and they do not have are removed with the last file, unless a file of the run is refused. All files are
    then read, even if they were loaded before. With `replace` a load of the same bytes under another mapping is taken
    back first.

    Raises `UsageError`, `InputNotFound` or `DataRefused` (a wrong mapping) before anything is loaded.
    """
    if dates is not None and dates not in DATE_ORDERS:
        raise UsageError(
            "dates.unknown", f"{dates!r} is not an order of day and month", f"One of: {', '.join(DATE_ORDERS)}"
        )
    reading = _reading(kind, format, encoding, mapping, naive_utc(stated_at) if stated_at else None, dates)
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    sources, others = source_files([Path(path) for path in paths], reading.format)
    for other in others:
        if passed_over:
            passed_over(other)
    sources = _without_partners(sources, reading.mapping)
    run = _Ingesting(
        store,
        reading,
        moment,
        progress or _ignore,
        Completing(store.connection, complete) if complete else None,
        replace,
        names_twice(reading.mapping, [source.path for source in sources]) if reading.mapping else {},
        named,
    )
    return [run.ingest(source, is_last=source is sources[-1]) for source in sources]


def _reading(
    kind: str | None,
    format: str | None,
    encoding: str,
    mapping: FieldMapping | str | os.PathLike[str] | None,
    stated_at: dt.datetime | None,
    dates: str | None,
) -> Reading:
    for name, value, known in (("kind", kind, RECORD_KINDS), ("format", format, SOURCE_FORMATS)):
        if value is not None and value not in known:
            raise UsageError(f"{name}.unknown", f"no {name} is called {value!r}", f"One of: {', '.join(sorted(known))}")
    read = mapping if mapping is None or isinstance(mapping, FieldMapping) else read_mapping(Path(mapping))
    return Reading(kind, format, encoding, read, stated_at, dates)


def _without_partners(sources: list[SourceFile], mapping: FieldMapping | None) -> list[SourceFile]:
    """The files without those that the mapping joins to others, which are read with them."""
    if mapping is None or mapping.join is None:
        return sources
    join = mapping.join
    left = [source for source in sources if not is_partner(source, join)]
    if not left:
        names = ", ".join(shown(source.path) for source in sources)
        raise UsageError("mapping.partner", f"{names}: [join] reads it with another file", "Name the other file")
    return left


def _ignore(_: Path, __: int) -> None:
    return None


@dataclass
class _Ingesting:
    """One run of `ingest`: how its files are read, and whether it takes anything back.

    `same_names` are files whose rows would get the ids of an earlier file's rows, with that file.
    """

    store: Store
    reading: Reading
    now: dt.datetime
    progress: Progress
    completing: Completing | None
    replaces: bool
    same_names: Mapping[Path, Path]
    named: Callable[[Path], Path]
    kinds: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    def ingest(self, source: SourceFile, is_last: bool) -> FileOutcome:
        """Load one file in a transaction of its own, and return its outcome."""
        reading = self._reading_of(source)
        run = self._run(source, reading)

        def load() -> FileOutcome:
            nonlocal run
            run = self._run(source, reading)
            return self._load(source, run, is_last)

        began = time.monotonic()
        try:
            known, in_utc = self._about_format(reading), self._is_in_utc(reading)
            outcome = changed(
                loaded_in_little_memory(self.store, size_of(source), load), format=known, is_in_utc=in_utc
            )
        except Refused as refused:
            reason = Refusal(refused.code, refused.message, refused.hint)
            return changed(self.refuse(source, reason, is_last, run.kind), format=self._about_format(reading))
        if not outcome.already_loaded:
            counts = {name: getattr(outcome, name) for name in COUNTS}
            seconds = round(time.monotonic() - began, 3)
            log_event(
                "load.done", load=outcome.load_id, file=outcome.file, kind=outcome.kind, seconds=seconds, **counts
            )
        return outcome

    def refuse(self, source: SourceFile, reason: Refusal, is_last: bool, kind: str | None = None) -> FileOutcome:
        """The outcome of a file of which nothing is loaded."""
        name = shown(self.named(source.path))
        log_event("load.refused", level=logging.WARNING, file=name, code=reason.code)
        self.refused.append(name)
        return FileOutcome(name, kind, refused=reason, not_removed=self._why_not(is_last))

    def _reading_of(self, source: SourceFile) -> Reading:
        """How to read a file: as said, or as the format says that it is recognised to be in."""
        given = self.reading
        if given.mapping or given.kind or given.stated_at or not source.format:
            return given
        known = recognised(source)
        return changed(given, mapping=known) if known else given

    def _about_format(self, reading: Reading) -> RecognisedFormat | None:
        """What to say of the format that a file is in, if it is one that comes with noshow."""
        if reading.mapping is None or reading.mapping.format is None:
            return None
        known = reading.mapping.format
        return RecognisedFormat(known.name, known.title, known.doubt)

    def _is_in_utc(self, reading: Reading) -> bool:
        """Whether times are to be in the site's zone, and no setting names it."""
        is_of_site = reading.mapping is not None and reading.mapping.zone == SITE
        return is_of_site and zone_is_assumed(self.store.connection, self.store.settings)

    def _run(self, source: SourceFile, reading: Reading) -> Run:
        run = Run(
            self.store,
            self.named(source.path),
            lambda warn: read_joined(source, warn, reading.encoding, reading.mapping),
            reading,
            self.now,
            self.progress,
        )
        if self.completing:
            run.when_staged = self.completing.note
        return run

    def _load(self, source: SourceFile, run: Run, is_last: bool) -> FileOutcome:
        if other := self.same_names.get(source.path):
            raise Refused(
                "mapping.same_name",
                f"{shown(other)} has the same name, and the mapping makes ids of rows' numbers, so its rows would be "
                "replaced",
                "Rename one of the two, or make ids of columns",
            )
        connection = self.store.connection
        treatment = treatment_of(run.reading, self.store)
        size = size_of(source)
        with ThreadPoolExecutor(1) as thread:
            # Hashed by a thread while the file is read. Only a file of the size of an earlier load may be the same
            # file, so only then does reading wait for the hash.
            hashing = thread.submit(sha256_of_pair, source, run.reading.mapping)
            others: list[Load] = []
            if has_load_of(connection, size):
                others = self._otherwise_mapped(hashing.result(), treatment, run.reading)
                known = find_load(connection, hashing.result(), treatment)
                if known and not self.completing and not (others and self.replaces):
                    return _again(run.path, known, replaced_since(connection, known))
                before = None if known else newest_load(connection, hashing.result(), options_of(treatment))
                run.read_before = before.load_id if before else None
            with self.store.transaction():
                taken = self._take_back(others) if self.replaces else []
                load = run.load(hashing.result, treatment, size)
                lift_limit(self.store)
                write_load(connection, load)
                let_go_of_superseded(connection, load.load_id)
                gone = self._remove_gone(load) if is_last else {}
                forget_history(connection, self.now, self.store.settings.unload_days)
        self.store.has_loaded = True
        self._note(load)
        return changed(
            outcome_of(load.file, load),
            commonest=run.commonest,
            gone=gone,
            earlier=() if taken else tuple(others),
            unloaded=tuple(taken),
            not_removed=self._why_not(is_last),
        )

    def _take_back(self, loads: list[Load]) -> list[Unloaded]:
        numbers = [load.load_id for load in loads]
        try:
            require_recent(self.store.connection, numbers)
        except DataRefused as refused:
            raise Refused(refused.code, refused.message, refused.hint) from None
        return [take_back(self.store.connection, number) for number in numbers]

    def _otherwise_mapped(self, sha256: str, treatment: str, reading: Reading) -> list[Load]:
        """Loads of the same bytes under another mapping, the newest first."""
        mapped = reading.mapping is not None
        found = loads_of(self.store.connection, sha256)
        return [
            load
            for load in found
            if options_of(load.treatment) != options_of(treatment) and (mapped or load.mapping is not None)
        ]

    def _remove_gone(self, load: Load) -> Mapping[str, int]:
        if self.completing is None or self.refused:
            return {}
        return self.completing.remove_gone(load, self.kinds | {load.kind})

    def _note(self, load: Load) -> None:
        self.kinds.add(load.kind)
        if self.completing:
            self.completing.loads.append(load.load_id)

    def _why_not(self, is_last: bool) -> str:
        """Why nothing was removed that is gone at the source, if something was to be."""
        if self.completing is None or not is_last:
            return ""
        if self.refused:
            return f"{', '.join(self.refused)} could not be read, so the files are not all there is"
        return self.completing.why_not


def _again(name: Path, earlier: Load, replaced_by: str) -> FileOutcome:
    """The outcome of a file loaded before: records loaded or stale then are unchanged now.

    Its records may have been replaced by those of a file that it comes after: a newer export that repeats an older
    one is not applied.
    """
    log_event("load.known", load=earlier.load_id, file=shown(name))
    outcome = outcome_of(shown(name), earlier)
    unchanged = outcome.loaded + outcome.unchanged + outcome.stale
    is_later = bool(replaced_by) and natural_key(Path(Path(replaced_by).name)) < natural_key(Path(name.name))
    return changed(
        outcome,
        loaded=0,
        unchanged=unchanged,
        stale=0,
        already_loaded=True,
        same_as=(earlier.load_id, earlier.file, replaced_by) if is_later else None,
    )
