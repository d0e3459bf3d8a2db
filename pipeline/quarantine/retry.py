"""Load quarantined records again, or discard them for good.

For every load at any time: quarantined = records in the table `quarantine` + retried + discarded +
superseded. Superseded are those that a later load brought again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

import polars as pl

from pipeline.events import log_event
from pipeline.faults import Refused
from pipeline.formats.recognition import format_at
from pipeline.load.history import keep_records
from pipeline.load.outcomes import FileOutcome, Refusal, outcome_of
from pipeline.load.run import Progress, Run
from pipeline.load.superseding import let_go_of_superseded
from pipeline.load.validating import Reading
from pipeline.mapping.days import DATES_READ
from pipeline.mapping.reading import Mapping, read_mapping
from pipeline.sources import Chunks
from pipeline.sources.chunks import RECORDS_PER_CHUNK
from pipeline.sources.files import format_of
from pipeline.sources.kept_records import Kept, chunk_of
from pipeline.store.content_state import NO_ROWS, tracked
from pipeline.store.ledger import write_load
from pipeline.store.opening import Store
from queries.answers.quarantined import Choice, quarantine
from queries.errors import DataRefused, UsageError
from queries.model.vocabularies import RECORD_KINDS
from queries.moments import naive_utc

_CHOSEN = "(load_id, record) in (select load_id, record from chosen_rows)"
NOTHING_CHANGED = "none passes: nothing was changed"


class _NonePasses(Exception):
    """Rolls back a transaction in which no record left quarantine."""

    def __init__(self, outcome: FileOutcome) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class _Origin:
    """The load that quarantined some records, and how their file was read."""

    load_id: int
    file: str
    kind: str
    header: str | None
    mapping: str | None
    warnings: list[str]

    @property
    def dates(self) -> str | None:
        """The order of day and month that the whole file decided; a few of its rows may not."""
        found = (one.removeprefix(DATES_READ) for one in self.warnings if one.startswith(DATES_READ))
        return next(found, None)


def retry_quarantined(
    store: Store,
    names: Iterable[str] = (),
    *,
    every: bool = False,
    mapping: Mapping | str | os.PathLike[str] | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
    left_out: Callable[[list[str]], None] | None = None,
    **choice: Unpack[Choice],
) -> list[FileOutcome]:
    """Load quarantined records again as their files were loaded, under today's settings; return an outcome per load.

    The records of each load are retried in one transaction. Those that pass leave quarantine; the others are moved to a
    new load in quarantine, with their place in the file and the rule they break today. If none passes, nothing is
    changed, and the outcome has a warning. Records of a file that was read with a mapping are read with `mapping`.
    Records that were not kept whole stay, and `left_out` is called with their names. Records that cannot be read again
    stay too, and lead to a refused outcome.

    Records are chosen as in `queries.quarantine`, or all with `every`. Raises the errors of `queries.quarantine`, and
    `UsageError` if nothing is chosen.
    """
    chosen = _chosen(store, names, every, choice)
    read = mapping if mapping is None or isinstance(mapping, Mapping) else read_mapping(Path(mapping))
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    cut = chosen.filter(~pl.col("is_whole"))["id"].to_list()
    if cut and left_out:
        left_out(cut)
    parts = chosen.filter("is_whole").partition_by("load_id", maintain_order=True)
    origins = [_origin(store, part["load_id"][0]) for part in parts]
    if read and not any(origin.mapping for origin in origins):
        raise UsageError("quarantine.no_mapping", "nothing chosen was read with a mapping", "Leave --mapping out")
    return [
        _retry(store, origin, part, read, moment, progress or (lambda _, __: None))
        for origin, part in zip(origins, parts, strict=True)
    ]


def discard_quarantined(
    store: Store, names: Iterable[str] = (), *, every: bool = False, **choice: Unpack[Choice]
) -> int:
    """Remove quarantined records for good and return their number; choose them as for `retry_quarantined`."""
    chosen = _chosen(store, names, every, choice)
    if chosen.height:
        with store.transaction():
            _take_out(store, chosen)
        log_event("quarantine.discarded", records=chosen.height)
    return chosen.height


def _chosen(store: Store, names: Iterable[str], every: bool, choice: Choice) -> pl.DataFrame:
    wanted = list(names)
    if not every and not wanted and all(value is None for value in choice.values()):
        raise UsageError(
            "quarantine.nothing_chosen",
            "no record is chosen",
            "Name records, choose by --load, --rule, --kind or --file, or give --all",
        )
    return quarantine(store.connection, wanted, **choice)


def _origin(store: Store, load_id: int) -> _Origin:
    (row,) = store.connection.execute(
        "select load_id, file, kind, header, mapping, warnings from load_ledger where load_id = $load_id",
        {"load_id": load_id},
    ).fetchall()
    return _Origin(*row)


def _retry(
    store: Store, origin: _Origin, chosen: pl.DataFrame, mapping: Mapping | None, now: dt.datetime, progress: Progress
) -> FileOutcome:
    try:
        with store.transaction():
            outcome = _load(store, origin, chosen, _reading(origin, mapping), now, progress)
            _take_out(store, chosen, retried_by=outcome.load_id)
    except _NonePasses as none:
        return replace(none.outcome, warnings=(*none.outcome.warnings, NOTHING_CHANGED))
    except (Refused, DataRefused) as refused:
        return FileOutcome(origin.file, origin.kind, refused=Refusal(refused.code, refused.message, refused.hint))
    log_event("quarantine.retried", load=origin.load_id, records=chosen.height, quarantined=outcome.quarantined)
    return outcome


def _load(
    store: Store, origin: _Origin, chosen: pl.DataFrame, reading: Reading, now: dt.datetime, progress: Progress
) -> FileOutcome:
    run = Run(
        store,
        Path(origin.file),
        lambda _: _chunks(store, origin, chosen["record"]),
        reading,
        now,
        progress,
        kinds=Counter(kind for kind in origin.kind.split("+") if kind in RECORD_KINDS),
        is_retry=True,
    )
    load = run.load(lambda: _hash_of(chosen), f"retry of load {origin.load_id}", int(chosen["raw_bytes"].sum()))
    outcome = outcome_of(origin.file, load)
    if outcome.quarantined == outcome.read:
        raise _NonePasses(outcome)
    write_load(store.connection, load)
    let_go_of_superseded(store.connection, load.load_id, before=origin.load_id)
    return outcome


def _reading(origin: _Origin, mapping: Mapping | None) -> Reading:
    """How the records' file was read. Raises `Refused` if that is not known, or if it needs a mapping.

    The mapping of a format that noshow recognises need not be given.
    """
    if origin.mapping:
        mapping = mapping or format_at(Path(origin.mapping))
        if mapping is None:
            raise Refused(
                "quarantine.mapping_needed",
                f"load {origin.load_id} was read with a mapping ({origin.mapping})",
                "Give it, corrected, with --mapping",
            )
        return Reading(mapping=mapping, dates=origin.dates)
    if origin.header is None:
        if format_of(Path(origin.file)) == "csv":
            raise Refused(
                "quarantine.header_unknown",
                f"load {origin.load_id} was made by an earlier noshow that did not keep the header",
                "Load the file again, then discard these",
            )
        return Reading()
    return Reading(kind=origin.kind if origin.kind in RECORD_KINDS else None)


def _chunks(store: Store, origin: _Origin, records: pl.Series) -> Chunks:
    """Read the chosen records of a load in chunks, as the reader of their file returned them."""
    for start in range(0, len(records), RECORDS_PER_CHUNK):
        rows = store.connection.execute(
            "select record, raw, line, index from quarantine "
            "where load_id = $load_id and record in (select unnest($records::bigint[])) order by record",
            {"load_id": origin.load_id, "records": records[start : start + RECORDS_PER_CHUNK].to_list()},
        ).fetchall()
        numbers, raws, lines, indexes = zip(*rows, strict=True)
        yield chunk_of(Kept(origin.header, numbers, raws, lines, indexes))


def _take_out(store: Store, chosen: pl.DataFrame, *, retried_by: int | None = None) -> None:
    """Remove records from quarantine; their load counts them as retried, if another load did so, or discarded."""
    connection = store.connection
    connection.register("chosen_rows", chosen.select("load_id", "record").to_arrow())
    if retried_by is not None:
        keep_records(connection, retried_by, _CHOSEN)
    with tracked(connection, "quarantine", (_CHOSEN, {}), NO_ROWS):
        connection.execute(f"delete from quarantine where {_CHOSEN}")
    with tracked(connection, "load_ledger", ("load_id in (select load_id from chosen_rows)", {})):
        connection.execute(
            "update load_ledger as l set retried = retried + if($retried, c.records, 0), "
            "discarded = discarded + if($retried, 0, c.records) "
            "from (select load_id, count(*) as records from chosen_rows group by load_id) as c "
            "where l.load_id = c.load_id",
            {"retried": retried_by is not None},
        )
    connection.unregister("chosen_rows")


def _hash_of(chosen: pl.DataFrame) -> str:
    return hashlib.sha256("".join(chosen["raw_sha256"]).encode()).hexdigest()
