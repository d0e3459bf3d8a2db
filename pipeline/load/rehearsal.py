"""Load a file into a database in memory, to see the effect of a mapping before anything is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

import duckdb
import polars as pl

from pipeline.faults import Refused
from pipeline.load.outcomes import FileOutcome, Refusal, outcome_of
from pipeline.load.run import Run
from pipeline.load.validating import Reading
from pipeline.mapping.days import DATES_READ, Days
from pipeline.mapping.evaluation import MappedRows
from pipeline.mapping.joining import read_joined
from pipeline.mapping.model import OPTIONAL, OWN, Mapping
from pipeline.mapping.planning import plan_of
from pipeline.mapping.sections import SITE
from pipeline.printable import shown
from pipeline.settings import Settings
from pipeline.settings.stored import site_zone
from pipeline.sources import source_files
from pipeline.store.files import StoreFiles
from pipeline.store.ledger import write_load
from pipeline.store.opening import Store, make_all
from queries.database import rows_by_column
from queries.errors import UsageError
from queries.model.entities import ENTITIES
from queries.moments import naive_utc
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "load")
_FIRST = 3
# Fields of a visit that are shown of the first rows; those that name people are left out.
_SHOWN = {
    "start": ("booking", "starts_at"),
    "zone": ("booking", "time_zone"),
    "service": ("booking", "service_name"),
    "location": ("session", "location_name"),
    "status": ("booking", "status"),
    "cancellation": ("booking", "cancellation"),
    "mark": ("attendance", "status"),
    "price": ("booking", "price"),
}


@dataclass(frozen=True)
class Example:
    """One of the first rows of the file: the values that the mapping reads, by column, and those that it makes."""

    before: dict[str, str]
    after: dict[str, str]


@dataclass
class Rehearsal:
    """The effect of a mapping on a file. `connection` is the database in memory, open as long as the block runs.

    `unwatched` are places and columns whose values are compared with constants in a way that noshow does not watch.
    """

    outcome: FileOutcome
    connection: duckdb.DuckDBPyConnection
    examples: list[Example] = field(default_factory=list)
    at_fault: list[tuple[str, str, int, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    unwatched: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def rehearsed(
    path: Path,
    mapping: Mapping,
    settings: Settings,
    encoding: str = "utf-8",
    now: dt.datetime | None = None,
    dates: str | None = None,
) -> Iterator[Rehearsal]:
    """Load the whole file in memory. Nothing is written to the disk. `dates` is as in `ingest`.

    Raises `InputNotFound` if there is no such file, `UsageError` for a folder.
    """
    sources, _ = source_files([path])
    if path.is_dir() or len(sources) != 1:
        raise UsageError("mapping.one_file", f"{shown(path)}: a mapping is checked on one file", "Name one file")
    (source,) = sources
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    with closing(duckdb.connect(config={"autoinstall_known_extensions": "false"})) as connection:
        connection.execute("set TimeZone = 'UTC'")
        make_all(connection, settings)
        store = Store(StoreFiles(Path("rehearsal.duckdb")), connection, settings)
        run = Run(
            store,
            path,
            lambda warn: read_joined(source, warn, encoding, mapping),
            Reading(encoding=encoding, mapping=mapping, dates=dates),
            moment,
            lambda _, __: None,
        )
        connection.execute("begin")
        try:
            load = run.load(lambda: "", "", 0)
            write_load(connection, load)
            connection.execute("commit")
            outcome = outcome_of(load.file, load)
        except Refused as refused:
            connection.execute("rollback")
            reason = Refusal(refused.code, refused.message, refused.hint)
            yield Rehearsal(FileOutcome(shown(path), run.kind, refused=reason), connection)
            return
        examples = _examples(run, mapping)
        # For a date, a mapping in words compares parts of it, and no words that its author wrote.
        unwatched = [
            (str(place), column) for place, column in plan_of(mapping).unwatched if not place.field.startswith(OWN)
        ]
        yield Rehearsal(outcome, connection, examples, _at_fault(connection), _counts(connection), unwatched)


def _examples(run: Run, mapping: Mapping) -> list[Example]:
    """The first rows of the file as they are, and as the run has read them: its order of day and month, its zone."""
    zone = site_zone(run.store.connection) if mapping.zone == SITE else mapping.zone
    # The run has looked at the values of the whole file.
    order = next((text.removeprefix(DATES_READ) for text in run.warnings if text.startswith(DATES_READ)), None)
    days = Days(mapping.dates, order, lambda _: None)
    mapped = MappedRows(mapping, run.path, None, zone)
    try:
        (chunk,) = mapped.flat_chunks(islice(run.chunks(lambda _: None), 1))
        first = replace(chunk, flat=chunk.flat.head(_FIRST) if chunk.flat is not None else None)
        if first.flat is None:
            return []
        before, _ = mapped.examples(first.flat, _FIRST)
        (read,) = days.read(lambda: iter([first]))
        _, frames = mapped.examples(read.flat if read.flat is not None else first.flat, _FIRST)
    finally:
        mapped.close()
    fields = {
        name: place for name, place in _SHOWN.items() if place[0] in frames and place[1] in frames[place[0]].columns
    }
    plan = plan_of(mapping)
    read_by = {name.removeprefix(OPTIONAL).lower() for place in fields.values() for name in plan.reads.get(place, ())}
    in_file = {name.lower(): at for at, name in enumerate(first.flat.columns)}
    columns = sorted(
        (name for name in before.columns if name.removeprefix(OPTIONAL).lower() in read_by),
        key=lambda name: in_file.get(name.removeprefix(OPTIONAL).lower(), len(in_file)),
    )
    return [
        Example(
            {name.removeprefix(OPTIONAL): row[name] or "" for name in columns},
            {
                name: str(value)
                for name, (entity, column) in fields.items()
                if (value := _value(frames[entity], row["record"], column)) is not None
            },
        )
        for row in before.iter_rows(named=True)
    ]


def _value(frame: pl.DataFrame, record: int, column: str) -> object:
    found = frame.filter(pl.col("record") == record)[column]
    return found[0] if len(found) else None


def _at_fault(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int, str]]:
    """The rules that records break: rule, field, number of records and an example, the commonest first."""
    personal = [f"/{entity.name}/{column.name}" for entity in ENTITIES.values() for column in entity.personal]
    rows = connection.execute(_sql("rehearsed_faults")).fetchall()
    return [
        (rule, pointer, records, f"line {line}: {message}" if pointer not in personal else f"line {line}")
        for rule, pointer, records, message, line in rows
    ]


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Numbers of bookings, sessions, services and people, and of bookings by outcome."""
    return rows_by_column(connection.execute(_sql("rehearsed_counts")))[0]
