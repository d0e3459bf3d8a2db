"""Examine one database file: whether it opens, was made by noshow, and still holds the rows written to it."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline.settings import Settings
from pipeline.store.content_state import differing_tables, hashed_by_another
from pipeline.store.files import write_ahead_log
from pipeline.store.keyed import secret_check
from pipeline.store.ledger import hashes
from pipeline.store.migrations import OLDEST
from pipeline.store.publication import generation
from pipeline.store.tables import ROSTER, keys_of, twice_anywhere_sql
from pipeline.store.template import make_schema
from pipeline.store.work_file import STORAGE_VERSION, connect_work
from queries.database import SCHEMA_VERSION, database_id, open_snapshot, require_ours
from queries.errors import NoshowError
from queries.model.entities import TABLES
from queries.packaged import own_version, packaged_sql

RECOVER = "noshow doctor --recover"
VIEWS_DIFFER = "views.differ"
# The name of a view or macro, and the words of its SQL.
Definition = tuple[str, list[str]]
_TORN_LOG = re.compile(r"byte position (\d+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of a file, or a note about it: a stable code, the finding in words, and what to do."""

    code: str
    file: Path
    message: str
    remedy: str = ""
    is_problem: bool = True


@dataclass(slots=True)
class Examined:
    """A database file that was examined: its change number, ids, the hashes of its loads, and the findings.

    `secret_check` recognises its secret; "" if it has none yet.

    `torn_at` is the byte from which its write-ahead log cannot be read.
    """

    file: Path
    generation: int = 0
    database_id: str = ""
    secret_check: str = ""
    hashes: frozenset[str] = frozenset()
    torn_at: int | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether its rows can be trusted: no finding is a problem, but for views, which can be installed again."""
        return not any(finding.is_problem and finding.code != VIEWS_DIFFER for finding in self.findings)


def examine(file: Path) -> Examined:
    """Open a database file read-only and compare its content with its own hashes, counts and definitions."""
    examined = Examined(file)
    try:
        with closing(open_snapshot(file)) as connection:
            require_ours(connection, file, oldest=OLDEST)
            _compare(connection, examined)
    except (duckdb.Error, NoshowError) as error:
        reason = str(error.message if isinstance(error, NoshowError) else error).splitlines()[0]
        # DuckDB says where a torn log stops making sense: "Corrupt WAL file: entry at byte position 4711 computed
        # checksum ...". The entries before that byte can still be replayed.
        torn = _TORN_LOG.search(str(error)) if write_ahead_log(file).exists() else None
        examined.torn_at = int(torn.group(1)) if torn else None
        examined.findings.append(Finding("file.unreadable", file, reason, RECOVER))
    return examined


def _compare(connection: duckdb.DuckDBPyConnection, examined: Examined) -> None:
    """Add the identity of the file and the findings about its content to `examined`."""
    examined.generation, examined.database_id = generation(connection), database_id(connection)
    examined.hashes = frozenset(hashes(connection))
    (schema,) = connection.execute("select schema_version from site").fetchall()[0]
    if schema < SCHEMA_VERSION:
        examined.findings.append(_note(examined, "schema.old", f"schema {schema}: the next load brings it up to date"))
        return
    examined.secret_check = secret_check(connection)
    if hashed_by_another(connection):
        examined.findings.append(
            _note(examined, "content.unknown", "hashed by another version of DuckDB: the next load hashes it again")
        )
    examined.findings += [
        Finding("content.differs", examined.file, f"{table} does not hold the rows that were written to it", RECOVER)
        for table in differing_tables(connection)
    ]
    examined.findings += _contradictions(connection, examined.file)
    if has_other_views(connection):
        words = "its views and macros are not those of this noshow"
        examined.findings.append(Finding(VIEWS_DIFFER, examined.file, words, RECOVER))
    storage = _storage_version(connection)
    if not storage.startswith(STORAGE_VERSION):
        words = f"storage version {storage}: DuckDB shells before it cannot open the file"
        examined.findings.append(_note(examined, "storage.version", words))


def _contradictions(connection: duckdb.DuckDBPyConnection, file: Path) -> list[Finding]:
    """Report ledger rows that do not add up, and keys that occur twice."""
    sums = packaged_sql("pipeline", "store", "doctor", "ledger_sums")
    findings = [
        Finding("ledger.sums", file, f"load {load_id} of {source}: its records do not add up", RECOVER)
        for load_id, source in connection.execute(sums).fetchall()
    ]
    for entity in TABLES.values():
        for key in keys_of(entity):
            if connection.execute(twice_anywhere_sql(entity, key)).fetchall():
                words = f"{entity.name} holds the same {' and '.join(key)} twice"
                findings.append(Finding("content.twice", file, words, RECOVER))
    return findings


def has_other_views(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether this version of noshow wrote last, and yet views or macros are not its own."""
    return _written_by_this_version(connection) and not _are_own(_definitions(connection))


def _written_by_this_version(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether this version of noshow wrote last; other versions have other views."""
    return connection.execute("select noshow_version from site").fetchall() == [(own_version(),)]


def _definitions(connection: duckdb.DuckDBPyConnection) -> list[Definition]:
    """Every view and macro with the words of its SQL in alphabetical order."""
    # Sorted, since DuckDB stores the columns of `exclude (a, b)` in any order: twice the same view, two texts.
    rows = connection.execute(
        "select view_name, sql from duckdb_views() where not internal "
        "union all select function_name, macro_definition from duckdb_functions() where not internal order by all"
    ).fetchall()
    return [(name, sorted(re.findall(r"\w+|\S", sql))) for name, sql in rows]


@cache
def _own_definitions() -> list[Definition]:
    """The definitions of a new database, as DuckDB reports them from a file: not word for word as in our SQL files."""
    with TemporaryDirectory() as folder:
        file, settings = Path(folder) / "own.duckdb", Settings.model_validate({})
        with closing(connect_work(file, settings)) as connection:
            make_schema(connection)
        with closing(open_snapshot(file)) as connection:
            return _definitions(connection)


def _are_own(definitions: list[Definition]) -> bool:
    """Whether the definitions are those of this noshow; a snapshot may store the view of the roster as a table."""
    own = _own_definitions()
    return definitions in (own, [definition for definition in own if definition[0] != ROSTER])


def _storage_version(connection: duckdb.DuckDBPyConnection) -> str:
    (storage,) = connection.execute(
        "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
    ).fetchall()[0]
    return str(storage)


def _note(examined: Examined, code: str, message: str) -> Finding:
    return Finding(code, examined.file, message, is_problem=False)
