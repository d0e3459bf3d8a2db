"""Paths go in; the files to load, their hash and their bytes (unpacked, bounded) come out."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.faults import Refused
from pipeline.printable import printable
from queries.errors import InputNotFound
from queries.model.vocabularies import FORMAT_OF_SUFFIX

GZIP_MAGIC = b"\x1f\x8b"
# A gzip member may grow this much before it must also keep to the ratio; both are far above real exports.
FREE_EXPANSION = 64 * 2**20
MAX_RATIO = 200
MAX_UNPACKED = 64 * 2**30
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to load: its path, its format (a value of `FORMAT_OF_SUFFIX`) and whether it is gzipped."""

    path: Path
    format: str | None
    gzipped: bool


def source_files(paths: Iterable[Path], format: str | None = None) -> tuple[list[SourceFile], list[Path]]:
    """The files named, and those below the folders named in order of their names; second, what was passed over.

    In a folder only files whose suffix tells a format count, and hidden ones are passed over; links to other folders
    are not followed. Raises `InputNotFound`
    for a path that is not there and for folders without a file to load.
    """
    found: list[SourceFile] = []
    passed_over: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [_source(child, format) for child in sorted(path.rglob("*")) if not child.is_dir()]
            found += [source for source in inside if source.format and not _hidden(source.path, path)]
            passed_over += [source.path for source in inside if not source.format or _hidden(source.path, path)]
        elif path.exists():
            found.append(_source(path, format))
        else:
            raise InputNotFound("input.not_found", f"{shown(path)}: no such file or folder", "Check the path")
    if not found:
        raise InputNotFound(
            "input.none",
            "nothing to load in what was named",
            f"Files end in {', '.join(FORMAT_OF_SUFFIX)}, or those with .gz",
        )
    return found, passed_over


def shown(path: Path) -> str:
    """A path for people and tables: as it is, but for bytes that are no UTF-8 and controls, which are told as \\x1b."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"), limit=5_000)


def size_of(path: Path) -> int:
    """How many bytes a file has on the disk. Raises `Refused` for what is no file (a pipe, a device) or not there."""
    try:
        if path.exists() and not path.is_file():
            raise Refused(
                "file.not_regular", "it is no ordinary file and cannot be read twice", "Save it as a file first"
            )
        return path.stat().st_size
    except OSError as error:
        raise unreadable(error) from error


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes as they lie on the disk. Raises `Refused` where they cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(error) from error


def unreadable(error: OSError) -> Refused:
    """The file is there and the machine does not give it."""
    return Refused("file.unreadable", str(error.strerror))


def open_bytes(source: SourceFile) -> IO[bytes]:
    """A stream of the file's bytes, unpacked where it is gzipped. Raises `Refused` for a file of the wrong kind."""
    with source.path.open("rb") as stream:
        start = stream.read(4)
    if not start:
        raise Refused("file.empty", "the file is empty", "An empty export would still say []")
    if source.gzipped != start.startswith(GZIP_MAGIC):
        told = "it ends in .gz and is not gzip" if source.gzipped else "it is gzip and does not end in .gz"
        raise Refused("file.gzip_magic", told, "Rename the file to what it is")
    if not source.gzipped:
        return source.path.open("rb")
    return io.BufferedReader(_Unpacked(source.path), _BLOCK)


def require_bounded(unpacked: int, packed: int) -> None:
    """Refuse what unpacks to far more bytes than real data ever does."""
    limit = min(MAX_UNPACKED, max(FREE_EXPANSION, MAX_RATIO * packed))
    if unpacked > limit:
        raise Refused(
            "file.expansion_limit",
            f"it unpacks to more than {limit // 2**20} MiB, over {MAX_RATIO} times its size",
            "Unpack it yourself if you trust it",
        )


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a gzip file, refusing what is cut short, damaged or a bomb.

    The ratio is that of what has been read so far, so that a bomb goes off before it fills the memory.
    """

    def __init__(self, path: Path) -> None:
        self._packed = path.open("rb")
        self._stream = gzip.GzipFile(fileobj=self._packed, mode="rb")
        self._unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(min(len(buffer), _BLOCK))
        except EOFError:
            raise Refused("file.gzip_truncated", "the gzip data ends too early", "Fetch the file again") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Refused("file.gzip_damaged", f"the gzip data is damaged ({error})", "Fetch the file again") from None
        self._unpacked += len(data)
        require_bounded(self._unpacked, self._packed.tell())
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        self._packed.close()
        super().close()


def format_of(path: Path) -> str | None:
    """The format that a file's name tells, a value of `FORMAT_OF_SUFFIX`."""
    bare = path.with_suffix("") if path.suffix == ".gz" else path
    return FORMAT_OF_SUFFIX.get(bare.suffix.lower())


def _source(path: Path, format: str | None) -> SourceFile:
    return SourceFile(path, format or format_of(path), path.suffix == ".gz")


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
