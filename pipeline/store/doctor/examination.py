"""One database file goes in; whether it opens, is ours and holds what was written to it comes out."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline.settings import Settings
from pipeline.store.content_state import differing_tables, hashed_by_another
from pipeline.store.files import write_ahead_log
from pipeline.store.ledger import hashes
from pipeline.store.migrations import OLDEST
from pipeline.store.opening import connect_work
from pipeline.store.publication import STORAGE_VERSION, generation
from pipeline.store.tables import ROSTER, keys_of, twice_anywhere_sql
from pipeline.store.template import make_schema
from queries.database import SCHEMA_VERSION, database_id, open_snapshot, require_ours
from queries.errors import NoshowError
from queries.model.entities import TABLES
from queries.packaged import packaged_sql

RECOVER = "noshow doctor --recover"
# A view or macro and its words.
Definition = tuple[str, list[str]]
_TORN_LOG = re.compile(r"byte position (\d+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a file: a stable code, what it is in words, and what to do. A note is no problem."""

    code: str
    file: Path
    message: str
    remedy: str = ""
    is_problem: bool = True


@dataclass(slots=True)
class Examined:
    """A database file as it was found: its change number, the hashes of its loads, and what is wrong with it.

    `torn_at` is the byte at which its write-ahead log stops making sense.
    """

    file: Path
    generation: int = 0
    database_id: str = ""
    hashes: frozenset[str] = frozenset()
    torn_at: int | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with its content."""
        return not any(finding.is_problem for finding in self.findings)


def examine(file: Path) -> Examined:
    """Open a database file of ours read-only and hold it against itself; nothing is changed."""
    found = Examined(file)
    try:
        with closing(open_snapshot(file)) as connection:
            require_ours(connection, file, oldest=OLDEST)
            _look(connection, found)
    except (duckdb.Error, NoshowError) as error:
        reason = str(error.message if isinstance(error, NoshowError) else error).splitlines()[0]
        torn = _TORN_LOG.search(str(error)) if write_ahead_log(file).exists() else None
        found.torn_at = int(torn.group(1)) if torn else None
        found.findings.append(Finding("file.unreadable", file, reason, RECOVER))
    return found


def _look(connection: duckdb.DuckDBPyConnection, found: Examined) -> None:
    found.generation, found.database_id = generation(connection), database_id(connection)
    found.hashes = frozenset(hashes(connection))
    (schema,) = connection.execute("select schema_version from site").fetchall()[0]
    if schema < SCHEMA_VERSION:
        found.findings.append(_note(found, "schema.old", f"schema {schema}: the next load brings it up to date"))
        return
    if hashed_by_another(connection):
        found.findings.append(
            _note(found, "content.unknown", "hashed by another version of DuckDB: the next load counts anew")
        )
    found.findings += [
        Finding("content.differs", found.file, f"{table} does not hold what was written to it", RECOVER)
        for table in differing_tables(connection)
    ]
    found.findings += _contradictions(connection, found.file)
    if _written_by_us(connection) and not _same(_definitions(connection), _own_definitions()):
        words = "its views and macros are not those of this noshow"
        found.findings.append(Finding("views.differ", found.file, words, RECOVER))
    storage = _storage_version(connection)
    if not storage.startswith(STORAGE_VERSION):
        found.findings.append(
            _note(found, "storage.version", f"storage version {storage}: DuckDB shells before it cannot open the file")
        )


def _contradictions(connection: duckdb.DuckDBPyConnection, file: Path) -> list[Finding]:
    """Ledger rows that do not add up and keys that are there twice."""
    sums = packaged_sql("pipeline", "store", "doctor", "ledger_sums")
    found = [
        Finding("ledger.sums", file, f"load {load_id} of {source}: its records do not add up", RECOVER)
        for load_id, source in connection.execute(sums).fetchall()
    ]
    for entity in TABLES.values():
        for key in keys_of(entity):
            if connection.execute(twice_anywhere_sql(entity, key)).fetchall():
                words = f"{entity.name} holds the same {' and '.join(key)} twice"
                found.append(Finding("content.twice", file, words, RECOVER))
    return found


def _written_by_us(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether this version of noshow wrote last: another one has views of its own."""
    return connection.execute("select noshow_version from site").fetchall() == [(version("noshow"),)]


def _definitions(connection: duckdb.DuckDBPyConnection) -> list[Definition]:
    """Each view and macro with its words in alphabetical order: DuckDB keeps the words after EXCLUDE in any order."""
    rows = connection.execute(
        "select view_name, sql from duckdb_views() where not internal "
        "union all select function_name, macro_definition from duckdb_functions() where not internal order by all"
    ).fetchall()
    return [(name, sorted(re.findall(r"\w+|\S", sql))) for name, sql in rows]


@cache
def _own_definitions() -> list[Definition]:
    """As DuckDB tells them of a file, which is not word for word how they were written."""
    with TemporaryDirectory() as folder:
        file, settings = Path(folder) / "own.duckdb", Settings.model_validate({})
        with closing(connect_work(file, settings)) as connection:
            make_schema(connection)
        with closing(open_snapshot(file)) as connection:
            return _definitions(connection)


def _same(found: list[Definition], own: list[Definition]) -> bool:
    """Whether the definitions are our own; a snapshot may have the roster stored as a table."""
    return found in (own, [definition for definition in own if definition[0] != ROSTER])


def _storage_version(connection: duckdb.DuckDBPyConnection) -> str:
    (storage,) = connection.execute(
        "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
    ).fetchall()[0]
    return str(storage)


def _note(found: Examined, code: str, message: str) -> Finding:
    return Finding(code, found.file, message, is_problem=False)
