"""The journal file of a database: what was committed, line by line, beside the database and outside of it.

`attendance.journal.ndjson` has a line for each transaction that changed something, synced before the command that made
it ends: {"database", "generation", "loads": [{"load_id", "file", "kind", "sha256"}]}. What the journal has and the
ledger has not is lost: a log that went missing, a file that was put back from yesterday.
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
    """A load as the journal knows it. One of kind "mark" was made by hand, with the name of its call as `file`."""

    load_id: int
    file: str
    kind: str
    sha256: str


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One transaction, or what `doctor --recover` found to be lost for good (`told`, hashes)."""

    database: str
    generation: int
    loads: tuple[Entry, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Journal:
    """What the lines of one database say: its last generation, its loads, and the hashes told as lost.

    `database` is the one that the last line of all is about, or "".
    `damaged` are the numbers of lines that cannot be read, the last one aside: a crash may have cut that one short.
    """

    generation: int
    loads: tuple[Entry, ...]
    told: frozenset[str]
    database: str
    damaged: tuple[int, ...] = ()

    def missing(self, hashes: Iterable[str]) -> list[Entry]:
        """The loads that are in none of the `hashes` of a ledger, told as lost or not, in their order."""
        known = set(hashes)
        return [entry for entry in self.loads if entry.sha256 not in known]


_line = msgspec.json.Decoder(Line)


def read_journal(path: Path, database_id: str) -> Journal:
    """What the journal says of a database; a line that was cut short by a crash counts for nothing."""
    lines = list(_lines(path))
    ours = [line for line in lines if line and line.database == database_id]
    return Journal(
        max((line.generation for line in ours), default=0),
        tuple(entry for line in ours for entry in line.loads),
        frozenset(sha256 for line in ours for sha256 in line.told),
        next((line.database for line in reversed(lines) if line), ""),
        tuple(number for number, line in enumerate(lines[:-1], 1) if line is None),
    )


def append(path: Path, line: Line) -> None:
    """Add a line and have the disk write it, in the place of one that a crash has cut short."""
    new = not path.exists()
    with path.open("a+b") as stream:
        stream.seek(0)
        text = stream.read()
        if not text.endswith(b"\n"):
            stream.truncate(text.rfind(b"\n") + 1)
        stream.write(msgspec.json.encode(line) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    if new:
        sync(path.parent)


def keep_readable(path: Path, kept: Path) -> int:
    """Take out the lines that cannot be read, keeping the file as it was as `kept`; how many there were."""
    if not path.exists():
        return 0
    lines = list(zip(path.read_bytes().splitlines(keepends=True), _lines(path), strict=True))
    readable = [text for text, line in lines if line]
    if len(readable) < len(lines):
        kept.hardlink_to(path)
        write_atomically(path, b"".join(readable))
    return len(lines) - len(readable)


def _lines(path: Path) -> Iterator[Line | None]:
    if not path.exists():
        return
    with path.open("rb") as stream:
        for text in stream:
            try:
                yield decoded(text, _line)
            except Damaged:
                yield None
