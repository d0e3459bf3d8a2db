"""Copy the work file to a new snapshot: only the blocks that were written since, if an old copy can be used again.

The oldest snapshot that is kept would be dropped by a publication anyway. If nobody has it open, and it was byte for
byte the work file when it was published, then it is one again once the blocks written since are copied to it. After a
mark on 8 million rows these are 3 MB of 1.2 GB.

`.attendance.copies.json` says which snapshots are such copies, and which blocks of the work file were written since.
It is taken away while the work file is open for writing: after a crash, the next copies are whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import msgspec

from pipeline.store.files import StoreFiles
from pipeline.store.lock import is_open_here_alone
from pipeline.store.side_files import Damaged, decoded
from pipeline.store.work_file import BLOCK_BYTES, HEADER, HEADER_BYTES, blocks_written, let_go
from queries.files import sync
from queries.sealed import sealed

_AT_ONCE = 2**20


class Copy(msgspec.Struct, forbid_unknown_fields=True):
    """The generation of a copy, and the numbers of the blocks written to the work file since it was made."""

    generation: int
    behind: set[int]


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The identity of the work file, and each copy by its own."""

    work: str
    copies: dict[str, Copy]


_record = msgspec.json.Decoder(Record)


@dataclass(slots=True)
class Copies:
    """The snapshots that are copies of the work file but for some blocks, by their identity; none if nothing is known.

    The work file is read beside DuckDB through a `handle` that is closed after DuckDB's: closing any handle of a file
    releases the lock that DuckDB has on it (see `lock.only_writer`).
    """

    known: dict[str, Copy] = field(default_factory=dict)
    header: bytes = b""
    _handle: int = -1
    _is_let_go: bool = False

    def generation(self, snapshot: Path) -> int | None:
        """The generation of a snapshot that is a copy of the work file as it was then; None if that is not known."""
        copy = self.known.get(identity(snapshot)) if snapshot.exists() else None
        return copy.generation if copy else None

    def blocks_behind(self, snapshot: Path) -> set[int] | None:
        """The blocks in which a snapshot differs from the work file once a copy is made; None if that is not known."""
        copy = self.known.get(identity(snapshot)) if snapshot.exists() else None
        return copy.behind if copy else None

    def is_same(self, connection: duckdb.DuckDBPyConnection, files: StoreFiles) -> bool:
        """Whether the published snapshot has the bytes of the work file, as far as that is known."""
        self._note(connection, files)
        return self.blocks_behind(files.snapshot) == set()

    def make(
        self, connection: duckdb.DuckDBPyConnection, files: StoreFiles, *, whole: bool = False, last: bool = False
    ) -> bool:
        """Make the new snapshot, not synced; return whether it was made of an old one, which is gone then.

        If it is the `last` of a session and a whole copy, the connection is closed first, which frees its memory.
        """
        connection.execute("checkpoint")  # or the newest commits would be in the log, which is not copied
        self._note(connection, files)
        old = files.previous()[-1]
        copy = None if whole or not old.exists() else self.known.get(identity(old))
        if copy is None or not _take(old, files.new_snapshot):
            if last:
                self._let_go(connection, files)
            with files.new_snapshot.open("xb") as new, open(self._handle, "rb", closefd=False) as work:
                work.seek(0)
                shutil.copyfileobj(work, new, _AT_ONCE)
            return False
        self._copy_blocks(files.new_snapshot, sorted(copy.behind))
        return True

    def add(self, snapshot: Path, generation: int) -> None:
        """Note that a snapshot was just published as a copy."""
        self.known[identity(snapshot)] = Copy(generation, set())

    def close(self, connection: duckdb.DuckDBPyConnection, files: StoreFiles) -> None:
        """Close the connection and the handle; write down the state for the next writer."""
        self._let_go(connection, files)
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        kept = {identity(file) for file in (files.snapshot, *files.previous()) if file.exists()} & set(self.known)
        if kept and files.work.exists():
            record = Record(_state(files.work, self.header), {copy: self.known[copy] for copy in sorted(kept)})
            # Neither synced nor needed: if it is lost or cut, the next copies are whole.
            with suppress(OSError):
                files.copies.write_bytes(sealed(msgspec.json.encode(record)))

    def _let_go(self, connection: duckdb.DuckDBPyConnection, files: StoreFiles) -> None:
        """Close the connection, after reading the blocks that it wrote last."""
        if self._is_let_go:
            return
        self._is_let_go = True
        try:
            if self.known:
                let_go(connection)
                self._note(connection, files)
        except (duckdb.Error, OSError):
            self.known.clear()  # after a fatal error nothing more can be asked
        finally:
            connection.close()

    def _note(self, connection: duckdb.DuckDBPyConnection, files: StoreFiles) -> None:
        """Add the blocks written lately to those of each copy. Nothing is known any more if DuckDB did not log them."""
        if self._handle < 0:
            self._handle = os.open(files.work, os.O_RDONLY | os.O_CLOEXEC)
        written = blocks_written(connection, files.work)
        before, self.header = self.header, os.pread(self._handle, HEADER_BYTES, 0)
        if self.header != before and HEADER not in written:
            self.known.clear()
        for copy in self.known.values():
            copy.behind |= written

    def _copy_blocks(self, new: Path, blocks: Iterable[int]) -> None:
        size = os.fstat(self._handle).st_size
        with new.open("r+b") as target:
            for block in blocks:
                first, length = _place(block)
                if first < size:
                    target.seek(first)
                    target.write(os.pread(self._handle, length, first))
            target.truncate(size)


def take_copies(files: StoreFiles) -> Copies:
    """Read the notes of the last writer, and take them away. For the only writer, before it opens the work file."""
    try:
        record = decoded(files.copies.read_bytes(), _record)
        header = _header(files.work)
    except (FileNotFoundError, Damaged):
        return Copies()
    finally:
        files.copies.unlink(missing_ok=True)
    if record.work != _state(files.work, header):
        return Copies()
    return Copies(record.copies, header)


def _place(block: int) -> tuple[int, int]:
    """Where a block begins, and its length in bytes."""
    return (0, HEADER_BYTES) if block == HEADER else (HEADER_BYTES + block * BLOCK_BYTES, BLOCK_BYTES)


def identity(file: Path) -> str:
    """A text that differs once another file has the name, or the file was written to."""
    status = file.stat()
    return f"{status.st_dev}-{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"


def _header(work: Path) -> bytes:
    """The header of the work file, which every checkpoint changes."""
    with work.open("rb") as file:
        return file.read(HEADER_BYTES)


def _state(work: Path, header: bytes) -> str:
    return f"{identity(work)}-{hashlib.sha256(header).hexdigest()[:32]}"


def _take(old: Path, new: Path) -> bool:
    """Rename an old snapshot to the new one if nobody else has it: no other name, and no handle in any process."""
    if old.stat().st_nlink != 1:
        return False
    # Renamed first, so that nobody opens it once it was seen to be free.
    old.replace(new)
    with new.open("r+b") as file:
        if is_open_here_alone(file):
            # Before it is written to: else a power cut could leave it half written under its old name.
            sync(new.parent)
            return True
    new.replace(old)
    return False
