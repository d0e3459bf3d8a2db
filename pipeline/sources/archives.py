"""Look into zip archives: the files to load in one, and the bytes of each.

Nothing is unpacked to the disk. Names that lead out of the archive, members with a password, archives in archives and
bombs are refused, before a byte is read.
"""

from __future__ import annotations

import io
import lzma
import os
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.faults import Refused
from pipeline.printable import printable

SUFFIX = ".zip"
MAX_MEMBERS = 2_000
# The size of the list of members, at the end of an archive: it is read whole, and takes 20 times as much memory.
MAX_DIRECTORY = 2**22
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_BLOCK = 2**20
# A path that leads out of the folder: from the root, through .. or a drive, or with the slashes of Windows.
_LEADS_OUT = re.compile(r"^(?:/|[A-Za-z]:)|(?:^|/)\.\.(?:/|$)|\\|\0")
_NESTED = re.compile(r"\.(?:zip|gz|7z|rar|tar|tgz|bz2|xz)$", re.IGNORECASE)
_IS_ENCRYPTED = 0x1
# In bytes. A file that belongs to the member is looked for on the disk, which cannot be asked for a longer name.
_LONGEST_NAME = 255
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
# The errors of reading a damaged archive, or the workbook that one is; zipfile says RuntimeError of a password.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError)
_BROKEN = (*BROKEN, RuntimeError, OSError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name there, and its sizes in bytes."""

    archive: Path
    name: str
    size: int
    packed: int


def members(archive: Path) -> list[Member]:
    """The files in an archive, in its order, without folders and hidden files. Raises `Refused` if it is not safe."""
    try:
        with archive.open("rb") as stream:
            require_small_directory(stream)
        with zipfile.ZipFile(archive) as opened:
            found = [one for one in opened.infolist() if not one.is_dir()]
    except _BROKEN as error:
        raise _damaged(error) from None
    if len(found) > MAX_MEMBERS:
        raise Refused("file.zip", f"a zip archive of more than {MAX_MEMBERS:,} files", "Unpack it and load the files")
    names: set[str] = set()
    for one in found:
        _require_safe(one)
        if one.filename in names:
            name = printable(one.filename, limit=200)
            raise Refused("file.zip", f"two files in it are called {name}", "Unpack it and load the files in it")
        names.add(one.filename)
    return [
        Member(archive, one.filename, one.file_size, one.compress_size) for one in found if not _is_hidden(one.filename)
    ]


def require_small_directory(stream: IO[bytes]) -> None:
    """Raise `Refused` if the archive lists far more members than one that is loaded may have."""
    size = stream.seek(0, os.SEEK_END)
    # The end of the list has a comment of at most 64 KiB behind it.
    stream.seek(max(0, size - 2**16 - 200))
    end = stream.read()
    stream.seek(0)
    for sign, form, offset in ((_END, "<I", 12), (_END_64, "<Q", 40)):
        at = end.rfind(sign)
        if at >= 0 and len(end) >= at + offset + struct.calcsize(form):
            (listed,) = struct.unpack_from(form, end, at + offset)
            # In a large archive the first of the two says only that the second one counts.
            if MAX_DIRECTORY < listed != 2**32 - 1:
                raise Refused(
                    "file.zip", f"a zip archive of more than {MAX_MEMBERS:,} files", "Unpack it and load the files"
                )


def open_member(member: Member) -> IO[bytes]:
    """Open the unpacked bytes of a member. Raises `Refused` if it cannot be read, also while it is read."""
    return io.BufferedReader(_Unpacked(member), _BLOCK)


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a member: at most as many as the archive says, which was examined before."""

    def __init__(self, member: Member) -> None:
        try:
            self._archive = zipfile.ZipFile(member.archive)
            self._stream = self._archive.open(member.name)
        except (*_BROKEN, KeyError) as error:
            raise _damaged(error) from None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(min(len(buffer), _BLOCK))
        except _BROKEN as error:
            raise _damaged(error) from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        self._archive.close()
        super().close()


def _require_safe(one: zipfile.ZipInfo) -> None:
    name = printable(one.filename, limit=200)
    if _LEADS_OUT.search(one.orig_filename):
        raise Refused("file.zip_path", f"{name} in it leads out of the archive", "Is it an export?")
    if len(one.filename.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        raise Refused("file.zip_path", f"{name} in it is a name that no disk takes", "Is it an export?")
    if one.flag_bits & _IS_ENCRYPTED:
        raise Refused("file.zip_encrypted", f"{name} in it is protected by a password", "Unpack it and load the files")
    if _NESTED.search(one.filename):
        raise Refused("file.zip_nested", f"{name} in it is an archive itself", "Unpack it and load the files in it")
    if one.compress_type not in _METHODS:
        raise Refused("file.zip", f"{name} in it is packed in a way that is not known", "Unpack it and load the files")


def _is_hidden(name: str) -> bool:
    # macOS adds `__MACOSX/._visits.csv`, and Excel `~$visits.xlsx`.
    return any(part.startswith((".", "~$", "__MACOSX")) for part in name.split("/"))


def _damaged(error: Exception) -> Refused:
    return Refused("file.zip", f"not a zip archive that can be read: {error}", "Fetch the file again")
