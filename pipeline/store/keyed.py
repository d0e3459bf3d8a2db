"""Give a database its secret, hold it to the one it has, and key the hashes that depend on it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import duckdb

from pipeline.store.content_state import tracked
from pipeline.store.person_hashes import PersonHashes
from queries.database import database_id
from queries.errors import DataRefused
from queries.files import sync
from queries.secret import VARIABLE, Secret, key_of, new_secret, read_secret, secret_file, wrong_secret

ERASED_PEOPLE = "erased people"


def find_or_make_secret(database: Path) -> Secret:
    """The secret of a database that has none yet: the one that is set or lies there, else a new one in its file.

    Raises `DataRefused` if the one that is there is damaged.
    """
    return read_secret(database) or _make_secret(database)


def _make_secret(database: Path) -> Secret:
    file, secret = secret_file(database), new_secret()
    # Exclusive, so that no file is ever overwritten; on the disk before anything depends on it.
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, f"{secret.digits}\n".encode())
        os.fsync(handle)
    except BaseException:
        with suppress(OSError):
            file.unlink()
        raise
    finally:
        os.close(handle)
    sync(file.parent)
    return secret


def require_secret(connection: duckdb.DuckDBPyConnection, database: Path) -> None:
    """Raise `DataRefused` unless the secret that a database was made with is here.

    Without it a load would bring back the people who were erased.
    """
    check, secret = secret_check(connection), read_secret(database)
    if secret is None:
        raise secret_missing(database)
    if secret.check != check:
        raise wrong_secret(database)


def fault_of_secret(database: Path, check: str = "") -> str:
    """The fault of the secret of a database: missing, damaged, or wrong by the `check` it keeps; else ""."""
    try:
        secret = read_secret(database)
    except DataRefused as refused:
        return refused.code.removeprefix("secret.")
    if secret is None:
        return "missing"
    return "wrong" if check and secret.check != check else ""


def secret_missing(database: Path) -> DataRefused:
    """The error for a database whose secret is neither set nor beside it."""
    return DataRefused(
        "secret.missing",
        f"{secret_file(database)}: the secret of {database.name} is missing",
        f"Put it back from a backup, or set {VARIABLE}; `noshow doctor` says what else there is",
    )


def secret_check(connection: duckdb.DuckDBPyConnection) -> str:
    """The value by which the database recognises its secret; "" if it has none yet."""
    (check,) = connection.execute("select secret_check from site").fetchall()[0]
    return str(check)


def key_by(connection: duckdb.DuckDBPyConnection, secret: Secret) -> None:
    """Key a database that has no secret yet, within the caller's transaction.

    The hashes of people erased earlier are hashed again, slowly and under the secret: the texts themselves are gone.
    """
    old = [
        text for (text,) in connection.execute("select distinct contact_hash from internal.erased_contact").fetchall()
    ]
    connection.execute("update site set secret_check = $check", {"check": secret.check})
    hashes = PersonHashes(database_id(connection), secret.key(ERASED_PEOPLE), frozenset())
    for fingerprint, new in hashes.wrapped(old).items():
        connection.execute(
            "update internal.erased_contact set contact_hash = $new where contact_hash = $old",
            {"new": new, "old": fingerprint},
        )


def key_again(connection: duckdb.DuckDBPyConnection, secret: Secret) -> int:
    """Key a database by another secret, since its own is lost; return the number of erased texts no longer recognised.

    Within the caller's transaction. Their hashes are removed: nothing can be compared with them any more.
    """
    with tracked(connection, "site"), tracked(connection, "erased_contact"):
        connection.execute("update site set secret_check = $check", {"check": secret.check})
        return len(connection.execute("delete from internal.erased_contact returning 1").fetchall())


def person_hashes(connection: duckdb.DuckDBPyConnection) -> PersonHashes:
    """The hashes of the people erased from a database. Raises `DataRefused` if its secret is missing."""
    rows = connection.execute("select contact_hash from internal.erased_contact").fetchall()
    key = key_of(connection, ERASED_PEOPLE)
    if key is None:
        raise secret_missing(Path(connection.execute(_PATH).fetchall()[0][0]))
    return PersonHashes(database_id(connection), key, frozenset(text for (text,) in rows))


_PATH = "select path from duckdb_databases() where database_name = current_database()"
