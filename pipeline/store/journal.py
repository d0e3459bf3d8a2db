"""Keep a journal of commits beside the database, so that noshow notices if one of them goes missing.

`attendance.journal.ndjson` has a line for each transaction that changed something, synced before the command that made
it ends: {"database", "generation", "loads": [{"load_id", "file", "kind", "sha256"}], "sum"}. A load in the journal that
is not in the ledger is lost. DuckDB says nothing of it: a database whose log was removed, or which was put back from
yesterday's backup, opens without an error.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec

from pipeline.store.side_files import Damaged, decoded
from queries.files import sync, write_atomically
from queries.sealed import is_sealed, sealed

_BLOCK = 65_536
# No database counts this far. A damaged line of an earlier noshow, which has no sum, may.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A load in the journal. Kind "mark" is a mark made by hand; its `file` is the name of the call that made it."""

    load_id: Number
    file: str
    kind: str
    sha256: str


class Line(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One transaction, or a report of `doctor --recover`: the hashes of loads that are lost for good.

    In the file the hashes keep an older key.
    """

    database: str
    generation: Number
    loads: tuple[Entry, ...] = ()
    reported_lost: tuple[str, ...] = msgspec.field(default=(), name="told")


@dataclass(frozen=True, slots=True)
class Journal:
    """The lines of one database taken together: its last generation, its loads, and the hashes reported as lost.

    `database` is the id in the last line of the file, whichever database that is, or "". `damaged` are the numbers of
    the lines that cannot be read, except a last one without its end: a crash may have cut that short. `is_sealed` says
    that every line has its sum, so that none is by an earlier noshow.
    """

    generation: int
    loads: tuple[Entry, ...]
    reported_lost: frozenset[str]
    database: str
    damaged: tuple[int, ...] = ()
    is_sealed: bool = True

    def lacks(self, hashes: Iterable[str]) -> set[str]:
        """The hashes of a ledger that no line has, which is so after a crash, or once lines are lost."""
        return set(hashes) - {entry.sha256 for entry in self.loads}

    def missing(self, hashes: Iterable[str]) -> list[Entry]:
        """The loads whose hash is not among the `hashes` of a ledger, in order, whether reported as lost or not."""
        in_ledger = set(hashes)
        return [entry for entry in self.loads if entry.sha256 not in in_ledger]


_line = msgspec.json.Decoder(Line)


def read_journal(path: Path, database_id: str) -> Journal:
    """Read the lines about one database; lines that cannot be read are left out."""
    texts = _texts(path)
    lines = list(map(_line_in, texts))
    ours = [line for line in lines if line and line.database == database_id]
    return Journal(
        max((line.generation for line in ours), default=0),
        tuple(entry for line in ours for entry in line.loads),
        frozenset(sha256 for line in ours for sha256 in line.reported_lost),
        next((line.database for line in reversed(lines) if line), ""),
        tuple(
            number
            for number, (text, line) in enumerate(zip(texts, lines, strict=True), 1)
            if line is None and text.endswith(b"\n")
        ),
        all(is_sealed(text.removesuffix(b"\n")) for text, line in zip(texts, lines, strict=True) if line),
    )


def append(path: Path, line: Line) -> None:
    """Add a line, synced to the disk, in place of a last line that a crash has cut short."""
    is_new = not path.exists()
    with path.open("a+b") as stream:
        # Every whole line ends in \n, so bytes behind the last one are a torn line: `{...}\n{"databa` is cut back to
        # `{...}\n`. Appended to, it would spoil the new line as well. No load
        # is lost with it: the next opening of the store adds those of the ledger that the journal lacks.
        stream.truncate(_end_of_lines(stream))
        stream.write(sealed(msgspec.json.encode(line)) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    if is_new:
        sync(path.parent)


def _end_of_lines(stream: BinaryIO) -> int:
    """Where the last whole line ends, looked for from the end of the file, since a journal may be long."""
    end = stream.seek(0, io.SEEK_END)
    while end:
        start = stream.seek(max(0, end - _BLOCK))
        if place := stream.read(end - start).rfind(b"\n") + 1:
            return start + place
        end = start
    return 0


def seal_lines(path: Path) -> None:
    """Give the lines of an earlier noshow their sums; lines that cannot be read stay as they are."""
    texts = _texts(path)
    write_atomically(path, b"".join(_sealed_line(text) if _line_in(text) else text for text in texts))


def _sealed_line(text: bytes) -> bytes:
    line = text.removesuffix(b"\n")
    return text if is_sealed(line) else sealed(line) + b"\n"


def keep_readable(path: Path, kept: Path) -> int:
    """Remove the lines that cannot be read, keep the old file under the name `kept`, and return their number."""
    texts = _texts(path)
    readable = [text for text in texts if _line_in(text)]
    if len(readable) < len(texts):
        # A second name for the old bytes: `write_atomically` renames a new file over `path` and leaves them alone.
        kept.hardlink_to(path)
        write_atomically(path, b"".join(readable))
    return len(texts) - len(readable)


def change_file_names(path: Path, changed: Callable[[str], str], in_damaged: Callable[[str], str]) -> None:
    """Rewrite a journal with other names of files, the only free texts in it; `in_damaged` changes unreadable lines.

    Lines without a change keep their bytes.
    """
    if not path.exists():
        return
    texts = _texts(path)
    new = [_with_file_names(text, changed, in_damaged) for text in texts]
    if new != texts:
        write_atomically(path, b"".join(new))


def _with_file_names(text: bytes, changed: Callable[[str], str], in_damaged: Callable[[str], str]) -> bytes:
    line = _line_in(text)
    if line is None:
        return in_damaged(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    loads = tuple(msgspec.structs.replace(load, file=changed(load.file)) for load in line.loads)
    if loads == line.loads:
        return text
    return sealed(msgspec.json.encode(msgspec.structs.replace(line, loads=loads))) + b"\n"


def _texts(path: Path) -> list[bytes]:
    """The lines with their ends, split at \\n alone; none without a file."""
    return io.BytesIO(path.read_bytes()).readlines() if path.exists() else []


def _line_in(text: bytes) -> Line | None:
    """The line, or None if it cannot be read or lacks its end."""
    try:
        return decoded(text.removesuffix(b"\n"), _line) if text.endswith(b"\n") else None
    except Damaged:
        return None
