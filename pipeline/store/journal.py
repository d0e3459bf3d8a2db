"""Keep a journal of commits beside the database, so that noshow notices if one of them goes missing.

`attendance.journal.ndjson` has a line for each transaction that changed something, synced before the command that made
it ends: {"database", "generation", "loads": [{"load_id", "file", "kind", "sha256"}]}. A load in the journal that is
not in the ledger is lost. DuckDB says nothing of it: a database whose log was removed, or which was put back from
yesterday's backup, opens without an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline.store.side_files import Damaged, decoded
from queries.files import sync, write_atomically


class Entry(msgspec.Struct, frozen=True):
    """A load in the journal. Kind "mark" is a mark made by hand; its `file` is the name of the call that made it."""

    load_id: int
    file: str
    kind: str
    sha256: str


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One transaction, or a report of `doctor --recover`: the hashes of loads that are lost for good.

    In the file the hashes are called `told`.
    """

    database: str
    generation: int
    loads: tuple[Entry, ...] = ()
    reported_lost: tuple[str, ...] = msgspec.field(default=(), name="told")


@dataclass(frozen=True, slots=True)
class Journal:
    """The lines of one database taken together: its last generation, its loads, and the hashes reported as lost.

    `database` is the id in the last line of the file, whichever database that is, or "". `damaged` are the numbers of
    the lines that cannot be read, except the last line: a crash may have cut that one short.
    """

    generation: int
    loads: tuple[Entry, ...]
    reported_lost: frozenset[str]
    database: str
    damaged: tuple[int, ...] = ()

    def missing(self, hashes: Iterable[str]) -> list[Entry]:
        """The loads whose hash is not among the `hashes` of a ledger, in order, whether reported as lost or not."""
        in_ledger = set(hashes)
        return [entry for entry in self.loads if entry.sha256 not in in_ledger]


_line = msgspec.json.Decoder(Line)


def read_journal(path: Path, database_id: str) -> Journal:
    """Read the lines about one database; lines that cannot be read are left out."""
    lines = list(_lines(path))
    ours = [line for line in lines if line and line.database == database_id]
    return Journal(
        max((line.generation for line in ours), default=0),
        tuple(entry for line in ours for entry in line.loads),
        frozenset(sha256 for line in ours for sha256 in line.reported_lost),
        next((line.database for line in reversed(lines) if line), ""),
        tuple(number for number, line in enumerate(lines[:-1], 1) if line is None),
    )


def append(path: Path, line: Line) -> None:
    """Add a line, synced to the disk, in place of a last line that a crash has cut short."""
    is_new = not path.exists()
    with path.open("a+b") as stream:
        stream.seek(0)
        text = stream.read()
        # Every whole line ends in \n, so bytes behind the last one are a torn line: `{...}\n{"databa` is cut back to
        # `{...}\n`. Appended to, it would spoil the new line as well. No load
        # is lost with it: the next opening of the store adds those of the ledger that the journal lacks.
        if not text.endswith(b"\n"):
            stream.truncate(text.rfind(b"\n") + 1)
        stream.write(msgspec.json.encode(line) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    if is_new:
        sync(path.parent)


def keep_readable(path: Path, kept: Path) -> int:
    """Remove the lines that cannot be read, keep the old file under the name `kept`, and return their number."""
    if not path.exists():
        return 0
    lines = list(zip(path.read_bytes().splitlines(keepends=True), _lines(path), strict=True))
    readable = [text for text, line in lines if line]
    if len(readable) < len(lines):
        # A second name for the old bytes: `write_atomically` renames a new file over `path` and leaves them alone.
        kept.hardlink_to(path)
        write_atomically(path, b"".join(readable))
    return len(lines) - len(readable)


def _lines(path: Path) -> Iterator[Line | None]:
    """Decode the lines in order, with None for one that cannot be read."""
    if not path.exists():
        return
    with path.open("rb") as stream:
        for text in stream:
            try:
                yield decoded(text, _line)
            except Damaged:
                yield None
