"""The secret of a database: 32 random bytes in a file beside it, or in `NOSHOW_SECRET`, and the keys made from it.

Pseudonyms, cursors and the hashes of erased people are keyed by it, so that whoever has a snapshot, a cursor, a lake or
a report cannot test guesses of a name, an id or a phone number. It is therefore never stored in any of these. The
database only keeps a check, a hash that recognises the secret: 256 random bits cannot be guessed from it.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb

from queries.errors import DataRefused

VARIABLE = "NOSHOW_SECRET"
_BYTES = 32
_FORM = re.compile(r"[0-9a-f]{64}")
# `attendance.work.duckdb` and `attendance.previous-1.duckdb` are files of the same database.
_ROLE = re.compile(r"\.(work|previous-\d+)$")
_OPENED = (
    "select path, secret_check from site, duckdb_databases() where database_name = current_database() and not internal"
)


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret of a database, in 64 hexadecimal digits. It is never printed."""

    digits: str = field(repr=False)

    def key(self, purpose: str) -> str:
        """The key for one purpose, such as "pseudonyms", as HMAC-SHA256 (RFC 2104) in hexadecimal.

        The key of one purpose says nothing about that of another, nor about the secret.
        """
        return hmac.digest(bytes.fromhex(self.digits), f"noshow {purpose}".encode(), "sha256").hex()

    @property
    def check(self) -> str:
        """The value by which a database recognises its secret."""
        return self.key("check")[:32]


def new_secret() -> Secret:
    """A random secret."""
    return Secret(secrets.token_hex(_BYTES))


def secret_file(database: Path) -> Path:
    """The secret's file: `attendance.secret` for `attendance.duckdb`, its work file and its previous snapshots."""
    return database.with_name(f"{_ROLE.sub('', database.stem)}.secret")


def read_secret(database: Path) -> Secret | None:
    """The secret in `NOSHOW_SECRET`, else in the file beside the database; None if there is neither.

    A file that this user may not read counts as missing. Raises `DataRefused` for a text that is not a secret.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        if not _FORM.fullmatch(given):
            hint = "Set it to 64 hexadecimal digits in lower case, such as `openssl rand -hex 32` prints"
            raise DataRefused("secret.wrong", f"{VARIABLE}: not a secret", hint)
        return Secret(given)
    file = secret_file(database)
    try:
        text = file.read_bytes()
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return None
    digits = text.removesuffix(b"\n").decode("ascii", "replace")
    if not _FORM.fullmatch(digits):
        hint = f"Put it back from a backup, set {VARIABLE}, or run `noshow doctor`"
        raise DataRefused("secret.damaged", f"{file}: damaged: not a secret", hint)
    return Secret(digits)


def wrong_secret(database: Path) -> DataRefused:
    """The error for a secret that belongs to another database."""
    where = VARIABLE if os.environ.get(VARIABLE) else secret_file(database)
    hint = f"Put the right one back from a backup, set {VARIABLE}, or run `noshow doctor`"
    return DataRefused("secret.wrong", f"{where}: not the secret of {database.name}", hint)


def key_of(connection: duckdb.DuckDBPyConnection, purpose: str) -> str | None:
    """The key for one purpose in an opened database; None if its secret is not here, as with a copied snapshot.

    A database in memory has a key that lasts as long as the process. Raises `DataRefused` for a damaged secret, or that
    of another database.
    """
    path, check = connection.execute(_OPENED).fetchall()[0]
    if not path:
        return _of_this_process().key(purpose)
    secret = read_secret(Path(path))
    if secret and secret.check != check:
        raise wrong_secret(Path(path))
    return secret.key(purpose) if secret else None


def cursor_key(connection: duckdb.DuckDBPyConnection) -> str:
    """The key that signs cursors. Without the secret of the database they last as long as the process.

    Raises `DataRefused` as `key_of` does.
    """
    return key_of(connection, "cursors") or _of_this_process().key("cursors")


@cache
def _of_this_process() -> Secret:
    return new_secret()
