"""Find the files to load, hash them, and open their bytes, unpacked within limits."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.faults import Refused
from pipeline.printable import shown
from pipeline.sources.archives import SUFFIX, Member, members, open_member
from pipeline.sources.csv_records import is_table
from pipeline.sources.foreign import foreign_hint, require_known
from queries.errors import InputNotFound
from queries.model.vocabularies import FORMAT_OF_SUFFIX

GZIP_MAGIC = b"\x1f\x8b"
# A file may unpack to this size at any ratio, and beyond it to MAX_RATIO times its packed size. Real exports stay far
# below both.
FREE_EXPANSION = 64 * 2**20
MAX_RATIO = 200
MAX_UNPACKED = 64 * 2**30
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to load: its path, its format (a value of `FORMAT_OF_SUFFIX`) and whether it is gzipped.

    A `member` of a zip archive has the path `visits.zip/may.csv`. `refused` is why an archive cannot be looked into.
    """

    path: Path
    format: str | None
    gzipped: bool
    member: Member | None = None
    refused: Refused | None = None


def source_files(paths: Iterable[Path], format: str | None = None) -> tuple[list[SourceFile], list[Path]]:
    """List the files named and those in the folders named, in natural order; and second, the files passed over.

    Of a zip archive the files in it are listed.

    In natural order `export-9.csv` comes before `export-10.csv`. Paths that are named keep the order given, except
    those of one series. In a folder only files with the suffix of a format count, `.txt` only if it looks like a table;
    hidden files are passed over; links to other folders are not followed.

    Raises `InputNotFound` for a path that does not exist and for folders without a file to load.
    """
    sources: list[SourceFile] = []
    passed_over: list[Path] = []
    for path in _with_series_in_order(list(paths)):
        if path.is_dir():
            inside, others = _files_in(path, format)
            sources += inside
            passed_over += others
        elif path.suffix.lower() == SUFFIX and path.is_file():
            inside, others = _files_in_archive(path, format)
            sources += inside
            passed_over += others
        elif path.exists():
            sources.append(_source(path, format))
        else:
            raise InputNotFound("input.not_found", f"{shown(path)}: no such file or folder", "Check the path")
    if not sources:
        raise InputNotFound(
            "input.none",
            "no file to load at the paths named",
            next((f"{shown(path)} is {foreign_hint(path)}" for path in passed_over if foreign_hint(path)), "")
            or f"Files end in {', '.join(FORMAT_OF_SUFFIX)}, or those with .gz",
        )
    return sources, passed_over


def _with_series_in_order(paths: list[Path]) -> list[Path]:
    """The paths, with the members of each series in natural order in the places that they have together.

    `b.csv export-10.csv a.csv export-9.csv` become `b.csv export-9.csv a.csv export-10.csv`.
    """
    series: dict[str, list[int]] = {}
    for place, path in enumerate(paths):
        series.setdefault(_series(path), []).append(place)
    ordered = list(paths)
    for places in series.values():
        members = sorted((paths[place] for place in places), key=natural_key)
        for place, path in zip(places, members, strict=True):
            ordered[place] = path
    return ordered


def _series(path: Path) -> str:
    """The path without its numbers: `export-9`, `export (2)` and `export` are of one series."""
    suffixes = "".join(_suffixes(path))
    text = re.sub("[0-9]+", "#", str(path).removesuffix(suffixes).casefold())
    return re.sub(r"[\s_-]*\(?#?\)?$", "", text)


def _files_in(folder: Path, format: str | None) -> tuple[list[SourceFile], list[Path]]:
    """The files to load in a folder and the folders in it, and those passed over."""
    files = sorted((path for path in folder.rglob("*") if not path.is_dir()), key=natural_key)
    sources: list[SourceFile] = []
    passed_over: list[Path] = []
    for path in files:
        source = _source(path, format)
        if _hidden(path, folder):
            passed_over.append(path)
        elif path.suffix.lower() == SUFFIX and zipfile.is_zipfile(path):
            inside, others = _files_in_archive(path, format)
            sources += inside
            passed_over += others
        elif source.format and (format or not _is_prose(source)):
            sources.append(source)
        else:
            passed_over.append(path)
    return sources, passed_over


def _files_in_archive(archive: Path, format: str | None) -> tuple[list[SourceFile], list[Path]]:
    """The files to load in a zip archive, and those passed over; the archive itself if it is to be refused."""
    try:
        found = members(archive)
        require_bounded(sum(one.size for one in found), size_of(SourceFile(archive, None, False)))
        sources = [
            SourceFile(archive / one.name, kind, False, one)
            for one in sorted(found, key=lambda one: natural_key(Path(one.name)))
            if (kind := format or format_of(Path(one.name)))
        ]
        if not sources:
            raise Refused("file.zip", "no file in it is of a format that noshow reads", "Is it an export?")
    except Refused as refused:
        return [SourceFile(archive, None, False, refused=refused)], []
    taken = {source.member for source in sources}
    return sources, [archive / one.name for one in found if one not in taken]


def natural_key(path: Path) -> tuple[tuple[tuple[str | int, ...], ...], str]:
    """The key by which files are ordered: numbers in names by their value, and then by the plain text.

    Suffixes are left out, so that `report.csv` comes before `report (1).csv`, though a point comes after a blank.
    """
    *folders, name = path.parts or ("",)
    bare = name[: len(name) - len("".join(_suffixes(path)))]
    return tuple(_natural(part) for part in (*folders, bare)), str(path)


def _natural(text: str) -> tuple[str | int, ...]:
    """Text and numbers in turn, beginning with text: `export-9` is ("export-", 9, "")."""
    return tuple(int(part) if at % 2 else part for at, part in enumerate(re.split("([0-9]+)", text.casefold())))


def size_of(source: SourceFile) -> int:
    """The size of a file on the disk, in bytes; of a member of an archive that of its content.

    Raises `Refused` if it is missing or not an ordinary file: a pipe could not be read twice, to hash and to load.
    """
    if source.member:
        return source.member.size
    path = source.path
    try:
        if path.exists() and not path.is_file():
            raise Refused(
                "file.not_regular", "it is not an ordinary file and cannot be read twice", "Save it as a file first"
            )
        return path.stat().st_size
    except OSError as error:
        raise unreadable(error) from error


def sha256_of(source: SourceFile) -> str:
    """Hash a file's bytes as they are on the disk, still packed, or those of a member of an archive.

    Raises `Refused` if they cannot be read.
    """
    try:
        with open_member(source.member) if source.member else source.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    except OSError as error:
        raise unreadable(error) from error


def unreadable(error: OSError) -> Refused:
    """The refusal of a file that exists and cannot be read."""
    return Refused("file.unreadable", str(error.strerror))


def open_bytes(source: SourceFile) -> IO[bytes]:
    """Open a stream of the file's bytes, unpacked if the file is gzipped.

    Raises `Refused` if the file is empty or if its name and its first bytes disagree about gzip.
    """
    if source.refused:
        raise source.refused
    with open_member(source.member) if source.member else source.path.open("rb") as stream:
        start = stream.read(8)
    if not start:
        raise Refused("file.empty", "the file is empty", "An empty export would still say []")
    require_known(source.path, source.format, start)
    if source.gzipped != start.startswith(GZIP_MAGIC):
        message = "it ends in .gz and is not gzip" if source.gzipped else "it is gzip and does not end in .gz"
        raise Refused("file.gzip_magic", message, "Give the file the suffix of its content")
    if source.member:
        return open_member(source.member)
    if not source.gzipped:
        return source.path.open("rb")
    return io.BufferedReader(_Unpacked(source.path), _BLOCK)


def require_bounded(unpacked: int, packed: int) -> None:
    """Raise `Refused` if so many unpacked bytes from so many packed ones are far more than real data ever has."""
    limit = min(MAX_UNPACKED, max(FREE_EXPANSION, MAX_RATIO * packed))
    if unpacked > limit:
        raise Refused(
            "file.expansion_limit",
            f"it unpacks to more than {limit // 2**20} MiB, over {MAX_RATIO} times its size",
            "Unpack it yourself if you trust it",
        )


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a gzip file. Raises `Refused` if it is cut short, damaged or a bomb.

    The limit is checked with each block, for the bytes read so far: a bomb is refused before it fills the memory.
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
    """The format by a file's suffix, one of `SOURCE_FORMATS`, or None."""
    return FORMAT_OF_SUFFIX.get(_suffix(path))


def _source(path: Path, format: str | None) -> SourceFile:
    return SourceFile(path, format or format_of(path), path.suffix.lower() == ".gz")


def _is_prose(source: SourceFile) -> bool:
    """Whether a `.txt` holds notes rather than a table. If it cannot be read, loading it will say so."""
    if _suffix(source.path) != ".txt":
        return False
    try:
        with gzip.open(source.path) if source.gzipped else source.path.open("rb") as stream:
            return not is_table(stream.read(2**16))
    except (OSError, EOFError, zlib.error):
        return False


def _suffix(path: Path) -> str:
    """The suffix that names the format, in lower case: that of `Visits.CSV.gz` is `.csv`."""
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return bare.suffix.lower()


def _suffixes(path: Path) -> list[str]:
    """The suffixes of format and packing, as they are written."""
    last = path.suffixes[-2:] if path.suffix.lower() == ".gz" else path.suffixes[-1:]
    return [suffix for suffix in last if suffix.lower() == ".gz" or suffix.lower() in FORMAT_OF_SUFFIX]


def _hidden(path: Path, folder: Path) -> bool:
    # Excel keeps `~$visits.xlsx` beside a workbook that is open, and macOS adds `__MACOSX` to archives.
    return any(part.startswith((".", "~$", "__MACOSX")) for part in path.relative_to(folder).parts)
