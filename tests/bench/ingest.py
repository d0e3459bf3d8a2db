"""Loading: a million attendances beside DuckDB alone and other tools, the same file again, changes onto many rows."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import duckdb
from filled import fill, write_attendances
from measuring import Row, alone, middle, seconds_of

import pipeline
import pipeline.load.ingestion  # loaded here, and not while time is taken
from pipeline.store.publication import sync

_COLUMNS = (
    "{id: 'UUID', bookingId: 'UUID', eventId: 'VARCHAR', status: 'VARCHAR', numberOfAttendees: 'INTEGER', "
    "updatedDate: 'TIMESTAMP'}"
)
_MERGE = """
merge into attendance as t using staged as s on t.booking_id = s.bookingId and t.session_key = s.eventId
when matched then update set id = s.id, status = s.status, number_of_attendees = s.numberOfAttendees,
    updated_at = s.updatedDate
when not matched then insert (id, booking_id, event_id, session_key, status, number_of_attendees, updated_at, load_id)
    values (s.id, s.bookingId, s.eventId, s.eventId, s.status, s.numberOfAttendees, s.updatedDate, 1)
"""


def read_sql(file: Path) -> str:
    """DuckDB's own reading of a file of attendances into typed columns, unchecked."""
    return f"select * from read_json('{file}', format = 'newline_delimited', columns = {_COLUMNS})"


def noshow(file: Path, db: Path, memory_limit: str | None = None) -> float:
    """Load into a database and publish it; an empty one is made first if there is none."""
    settings = pipeline.Settings.model_validate({"memory_limit": memory_limit} if memory_limit else {})
    with pipeline.open_store(db, settings=settings):
        pass

    def load() -> None:
        with pipeline.open_store(db, settings=settings) as store:
            load_file(store, file)

    return seconds_of(load)


def noshow_commits(file: Path, db: Path, memory_limit: str) -> float:
    """Load into a database until all is committed and checkpointed; publishing is not counted."""
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({"memory_limit": memory_limit})) as store:
        return seconds_of(lambda: load_file(store, file))


def load_file(store: pipeline.Store, file: Path) -> None:
    """Load a file, all of it."""
    (outcome,) = pipeline.ingest(store, [file])
    if outcome.refused or outcome.quarantined:
        raise RuntimeError(f"not all was loaded: {outcome}")


def plain_duckdb(file: Path, db: Path) -> float:
    """The columns typed, and no check at all."""
    with duckdb.connect(str(db)) as con:
        return seconds_of(lambda: con.execute(f"create table attendance as {read_sql(file)}"))


def dlt_merge(file: Path, db: Path) -> float:
    """dlt's merge into DuckDB by the id, reading the file in its own way."""
    import dlt
    from dlt.sources.filesystem import filesystem, read_jsonl

    run = dlt.pipeline("bench", destination=dlt.destinations.duckdb(str(db)), pipelines_dir=str(db.parent / "dlt"))
    source = filesystem(bucket_url=file.parent.as_uri(), file_glob=file.name) | read_jsonl(chunksize=50_000)
    source.apply_hints(write_disposition="merge", primary_key="id")
    return seconds_of(lambda: run.run(source.with_name("attendance")))


def sqlite_upsert(file: Path, db: Path) -> float:
    """sqlite-utils' upsert by the id."""
    import sqlite_utils

    database = sqlite_utils.Database(sqlite3.connect(db))
    table = database.table("attendance", pk="id")

    def load() -> None:
        with file.open() as lines:
            table.upsert_all((json.loads(line) for line in lines), batch_size=10_000)

    return seconds_of(load)


def pandas_pandera(file: Path, db: Path) -> float:
    """pandas, the same rules in pandera, and to_sql into DuckDB's neighbour SQLite."""
    import pandas as pd
    import pandera.pandas as pa

    guid = pa.Check.str_matches(r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")
    schema = pa.DataFrameSchema(
        {
            "id": pa.Column(str, guid),
            "bookingId": pa.Column(str, guid),
            "eventId": pa.Column(str, pa.Check.str_length(36, 250)),
            "status": pa.Column(str, pa.Check.isin(["ATTENDED", "NOT_ATTENDED", "NOT_SET"])),
            "numberOfAttendees": pa.Column(int, pa.Check.in_range(0, 100_000)),
            "updatedDate": pa.Column("datetime64[us, UTC]", coerce=True),
        }
    )

    def load() -> None:
        frame = schema.validate(pd.read_json(file, lines=True, dtype=False, convert_dates=False), lazy=True)
        with sqlite3.connect(db) as con:
            frame.to_sql("attendance", con, index=False)

    return seconds_of(load)


def hashing(file: Path) -> float:
    """Load a file again that is recognised by its hash."""

    def read() -> None:
        with file.open("rb") as stream:
            hashlib.file_digest(stream, "sha256")

    return seconds_of(read)


def merge_by_hand(file: Path, db: Path, memory_limit: str) -> float:
    """The changes read without checks and merged in one statement, then checkpointed."""
    with duckdb.connect(str(db), config=_means(db, memory_limit)) as con:
        return seconds_of(lambda: _merge(con, file))


def merge_by_hand_and_copy(file: Path, db: Path, memory_limit: str) -> float:
    """The same, opened and closed, and the file copied and synced: the least that a publication needs."""

    def publish() -> None:
        with duckdb.connect(str(db), config=_means(db, memory_limit)) as con:
            _merge(con, file)
        shutil.copyfile(db, db.with_suffix(".copy"))
        sync(db.with_suffix(".copy"))

    return seconds_of(publish)


def _means(db: Path, memory_limit: str) -> dict[str, str]:
    return {"memory_limit": memory_limit, "temp_directory": str(db.parent / "spill")}


def _merge(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    con.execute(f"create temp table staged as {read_sql(file)}")
    con.execute(_MERGE)
    con.execute("checkpoint")


def rows(folder: Path, size: int) -> list[Row]:
    """`size` attendances, and as many changes onto twenty times as many."""
    file = folder / "attendances.ndjson"
    write_attendances(file, 0, size)
    work = f"ingest {size:,} attendances, NDJSON"
    ours = middle(alone(noshow, file, folder / f"ours{run}" / "a.duckdb") for run in range(3))
    plain = middle(alone(plain_duckdb, file, folder / f"d{run}.duckdb") for run in range(3))
    measured = [Row(work, ours, "DuckDB read_json, no checks", plain, "at most 2.5x")]
    others = {
        "dlt merge": (dlt_merge, 30),
        "sqlite-utils upsert": (sqlite_upsert, 10),
        "pandas + pandera + to_sql": (pandas_pandera, 3),
    }
    for number, (name, (tool, goal)) in enumerate(others.items()):
        measured.append(Row(work, ours, name, alone(tool, file, folder / f"other{number}.db"), f"at least {goal}x"))
    hashed = alone(hashing, file)  # first, so that the file is in memory for both
    again = alone(noshow, file, folder / "ours0" / "a.duckdb")
    measured.append(Row("the same file again", again, "reading its hash", hashed, "hash + 0.3 s"))
    return measured


def changes(folder: Path, size: int, memory_limit: str = "500MB") -> list[Row]:
    """`size` changed attendances onto twenty times as many: until they are committed, and until they are published."""
    file = folder / "changed.ndjson"
    filled = folder / "many"
    fill(filled / "a.duckdb", 20 * size, booked=False)
    write_attendances(file, 5 * size, 6 * size, later=30_000_000)
    with duckdb.connect(str(folder / "hand.duckdb")) as con:
        con.execute(f"attach '{filled / 'a.duckdb'}' as a (read_only)")
        con.execute("create table attendance as from a.attendance")
    measured = []
    for told_as, ours, beside, theirs in (
        ("committed", noshow_commits, "a MERGE by hand, checkpointed", merge_by_hand),
        ("published", noshow, "the same, and a copy of the file, synced", merge_by_hand_and_copy),
    ):
        place = folder / told_as
        shutil.copytree(filled, place)
        shutil.copyfile(folder / "hand.duckdb", place / "hand.duckdb")
        work = f"load {size:,} changed attendances onto {20 * size:,}, {memory_limit}, {told_as}"
        by_hand = alone(theirs, file, place / "hand.duckdb", memory_limit)
        measured.append(Row(work, alone(ours, file, place / "a.duckdb", memory_limit), beside, by_hand, "at most 1.5x"))
    return measured
