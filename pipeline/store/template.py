"""Make the tables, views and macros of a new database, by copying them from a template in the user's cache if possible.

Binding the views and setting their comments takes 0.55 CPU seconds; copying the schema of a database that has them
takes 0.01. The template is a database without rows, so that nothing of one database, least of all its id, comes into
another. Its name holds a hash of the statements it was made from and one of its bytes, so a template of another version
is not found, and a damaged one is not used. If no template can be kept, for example in a read-only home, each database
is made statement by statement.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline.store.publication import name_of
from pipeline.store.tables import table_sql
from pipeline.store.work_file import STORAGE_VERSION
from queries.database import quoted
from queries.model.entities import TABLES
from queries.model.meanings import MEANINGS
from queries.packaged import packaged_sql
from queries.views import comment_sql, install_views, view_statements


def begin_with_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Begin a transaction in an empty database and make all tables, views and macros in it."""
    if _attach(connection):
        try:
            connection.execute("begin")
            connection.execute(f"copy from database {_alias(connection)} to {name_of(connection)} (schema)")
        except duckdb.Error:
            connection.execute("rollback")
        else:
            return
    connection.execute("begin")
    make_schema(connection)


def let_go_of_template(connection: duckdb.DuckDBPyConnection) -> None:
    """Detach the template, if `begin_with_schema` used one, after the transaction."""
    connection.execute(f"detach database if exists {_alias(connection)}")


def _alias(connection: duckdb.DuckDBPyConnection) -> str:
    """The name that the template is attached under: never that of the database itself, whatever its file is called."""
    return "another_noshow_template" if name_of(connection) == '"noshow_template"' else "noshow_template"


def make_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Make all tables, views and macros, statement by statement."""
    for statement in _table_statements():
        connection.execute(statement)
    install_views(connection)


def _table_statements() -> list[str]:
    own = packaged_sql("pipeline", "store", "tables")
    return [own, *(table_sql(entity) for entity in TABLES.values())]


def _attach(connection: duckdb.DuckDBPyConnection) -> bool:
    """Attach the template read-only, making it first if there is none; whether that went well."""
    try:
        template = _find() or _write()
        connection.execute(f"attach {quoted(template)} as {_alias(connection)} (read_only)")
    except (OSError, duckdb.Error):
        # No home, no room, no rights, or not a database: nothing that a load would have to stop for. Not a
        # `RuntimeError`, which DuckDB raises when Ctrl-C or SIGTERM interrupts it.
        return False
    return True


def cache_folder() -> Path:
    """The folder for templates: `noshow` in `XDG_CACHE_HOME`, else in `~/.cache`.

    Raises `FileNotFoundError` if the user has no home.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    # The standard says that a relative path is to be ignored.
    base = Path(named) if Path(named).is_absolute() else _home() / ".cache"
    return base / "noshow"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise FileNotFoundError(str(error)) from error


def template_key() -> str:
    """A hash of everything that a template is made from: DuckDB, its file format, statements and comments."""
    comments = [comment_sql("view", column) for column in MEANINGS]
    made_from = [duckdb.__version__, STORAGE_VERSION, *_table_statements(), *view_statements(), *comments]
    return hashlib.sha256("\0".join(made_from).encode()).hexdigest()[:32]


def _find() -> Path | None:
    """A template that this user made from the same statements, undamaged. A damaged one is removed."""
    for file in cache_folder().glob(f"empty-{template_key()}-*.duckdb"):
        if _is_sound(file):
            return file
        file.unlink(missing_ok=True)
    return None


def _is_sound(file: Path) -> bool:
    return file.stat().st_uid == os.geteuid() and file.stem.endswith(f"-{_hash(file)}")


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _write() -> Path:
    """Make a template beside its place and rename it, so that processes that do this at the same time agree."""
    cache_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache_folder()) as folder:
        new = Path(folder) / "empty.duckdb"
        with closing(duckdb.connect(str(new), config={"storage_compatibility_version": STORAGE_VERSION})) as connection:
            make_schema(connection)
        template = cache_folder() / f"empty-{template_key()}-{_hash(new)}.duckdb"
        new.replace(template)
    return template
