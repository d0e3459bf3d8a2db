"""Files near a database that hold texts of an erased person: they are named, not changed."""

from __future__ import annotations

import email
import email.policy
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.events import log_event
from pipeline.people.rows_that_hold import database_rows_hold, parquet_rows_hold
from pipeline.store.files import StoreFiles
from pipeline.store.renewal import holds, stands_in
from pipeline.store.written_forms import bytes_of, forms_of

_TEXTS = {
    *(".csv", ".eml", ".geojson", ".htm", ".html", ".ics", ".json", ".jsonl", ".log", ".mbox", ".md", ".ndjson"),
    *(".sql", ".toml", ".tsv", ".txt", ".vcf", ".wal", ".xml", ".yaml", ".yml"),
}
# The kind of a file, by its first bytes or else its ending: a copy may be called `kept.bak`.
_DATABASE, _PARQUET, _SQLITE = b"DUCK", b"PAR1", b"SQLite format 3"
_ENDINGS = {".duckdb": _DATABASE, ".ddb": _DATABASE, ".parquet": _PARQUET, ".pq": _PARQUET}
_ROWS = {_DATABASE: database_rows_hold, _PARQUET: parquet_rows_hold}
# Whatever is wrong with a file of others must not stop the erasure: parts of a mail can be nested too deeply, say.
_UNREAD = (OSError, ValueError, LookupError, RecursionError, MemoryError, duckdb.Error)
# The folder of the database, those in it, and those of a night's reports in `nightly`.
_DEEP = 2


@dataclass(frozen=True, slots=True)
class OtherFiles:
    """The files that hold a text, and the files and folders that could not be read."""

    holding: tuple[Path, ...] = ()
    unread: tuple[Path, ...] = ()


def other_files(path: Path, texts: Collection[str]) -> OtherFiles:
    """Look for the texts in the files near the database `path` that are not its own.

    In databases and Parquet files of DuckDB the rows are looked at too. Not looked into: Excel workbooks, PDFs and
    compressed files.
    """
    sought, holding, unread = bytes_of(forms_of(texts)), [], list[Path]()
    for file in _near(path, unread) if sought else ():
        try:
            if _file_holds(file, texts, sought):
                holding.append(file)
        except _UNREAD as error:
            log_event("erase.file_unread", error=type(error).__name__)
            unread.append(file)
    return OtherFiles(tuple(sorted(holding)), tuple(sorted(unread)))


def _near(path: Path, unread: list[Path]) -> Iterator[Path]:
    """List each file once, but none of the store's, whatever name it has: it may be open.

    A hard link to one of the store's will be a copy of it once the store is renewed; it counts as one that is not read.
    """
    files = StoreFiles(path)
    own = {file.resolve() for file in files.everything()}
    ours = {_identity(file) for file in own}
    met = set(ours)
    walk = os.walk(path.parent, onerror=lambda error: unread.append(Path(error.filename)), followlinks=True)
    for name, folders, names in walk:
        folder = Path(name)
        is_deepest = len(folder.relative_to(path.parent).parts) == _DEEP
        folders[:] = [] if is_deepest else sorted(each for each in folders if folder / each != files.pulls)
        for file in sorted(folder / each for each in names):
            try:
                identity = _identity(file) if file.is_file() else None
                if identity in ours and not file.is_symlink() and file.resolve() not in own:
                    unread.append(file)
            except OSError:
                unread.append(file)
                continue
            if identity and identity not in met:
                met.add(identity)
                yield file


def _identity(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_dev, status.st_ino


def _file_holds(file: Path, texts: Collection[str], sought: Collection[bytes]) -> bool:
    endings = {ending.lower() for ending in file.suffixes}
    with file.open("rb") as opened:
        first = opened.read(16)
    kind = _kind(first) or (_ENDINGS.get(file.suffix.lower()) if first else None)
    if not (kind or endings & _TEXTS):
        return False
    if holds(file, sought, numbers_apart=True):
        return True
    # Their rows may say more than their bytes.
    if kind in _ROWS:
        return _ROWS[kind](file, texts)
    return ".eml" in endings and _mail_holds(file, sought)


def _kind(first: bytes) -> bytes | None:
    if first[8:12] == _DATABASE:
        return _DATABASE
    return next((kind for kind in (_PARQUET, _SQLITE) if first.startswith(kind)), None)


def _mail_holds(file: Path, sought: Collection[bytes]) -> bool:
    """Whether a text stands in an e-mail: encoded for its way, `Zoë` is `Zo=C3=AB` there, and lines are broken."""
    read = email.message_from_bytes(file.read_bytes(), policy=email.policy.compat32)
    for part in read.walk():
        decoded = part.get_payload(decode=True)
        if isinstance(decoded, bytes) and any(stands_in(decoded.lower(), text, numbers_apart=True) for text in sought):
            return True
    return False
