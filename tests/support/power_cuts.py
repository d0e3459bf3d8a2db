"""Simulate power cuts: record the writes of a program, and make the folders that a cut at any moment could leave.

`record` runs a program with the shim of `power_shim.c`, which journals each call that changes a file. A cut keeps all
that was synced before it. Of the rest, each block of 512 or 4096 bytes is on the disk or is not, in any order; entries
of folders come to the disk in order, up to some point. On a strict disk each folder has an order of its own, and only a
sync of that very folder makes its entries durable; on an ordered one, such as ext4, any sync does, for all folders.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_SHIM = Path(__file__).with_name("power_shim.c")
_RECORD = struct.Struct("=5q")
# The beginning of a recorded program: `acknowledge(text)` notes that everything so far must survive.
_PRELUDE = """
import os, struct
def acknowledge(text):
    data = text.encode()
    with open(os.environ["POWER_JOURNAL"], "ab", buffering=0) as journal:
        journal.write(struct.pack("=5q", ord("a"), 0, 0, len(data), 0) + data)
"""
_KEPT = (0.0, 0.1, 0.5, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `kind` is the first letter of open, close, write, truncate, sync, rename, link, unlink, mkdir, or
    acknowledge; the texts are bytes written, or paths.
    """

    kind: str
    handle: int
    offset: int
    first: bytes
    second: bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """A folder as it was before, and the calls that changed it."""

    base: Path
    folder: Path
    calls: tuple[Call, ...]

    @property
    def acknowledged(self) -> list[str]:
        return [call.first.decode() for call in self.calls if call.kind == "a"]


@dataclass(slots=True)
class _File:
    """A file: its synced bytes, and the writes since, as offset and bytes; None for bytes is a cut to that size."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for offset, written in self.pending:
            _apply(self.synced, offset, written)
        self.pending = []

    def after_cut(self, chance: random.Random) -> bytes:
        """The bytes after a cut: each block that was not synced is there or not."""
        content, block, kept = bytearray(self.synced), chance.choice((512, 4096)), chance.choice(_KEPT)
        for offset, written in self.pending:
            for at, part in _blocks(offset, written, block):
                if chance.random() < kept:
                    _apply(content, at, part)
        return bytes(content)


def _blocks(offset: int, written: bytes | None, block: int) -> Iterator[tuple[int, bytes | None]]:
    """Split a write where blocks of the disk begin."""
    if written is None:
        yield offset, None
        return
    at = offset
    while at < offset + len(written):
        end = min(at // block * block + block, offset + len(written))
        yield at, written[at - offset : end - offset]
        at = end


def _apply(content: bytearray, offset: int, written: bytes | None) -> None:
    end = offset + len(written or b"")
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if written is None:
        del content[offset:]
    else:
        content[offset:end] = written


@dataclass(frozen=True, slots=True)
class _Entry:
    """A change of entries of folders: a file made, or a call to rename, link, unlink or mkdir."""

    kind: str
    path: str
    to: str = ""
    file: _File | None = None

    @property
    def folders(self) -> set[str]:
        return {os.path.dirname(path) for path in (self.path, self.to) if path}  # noqa: PTH120

    def apply(self, names: dict[str, _File], folders: set[str]) -> None:
        match self.kind:
            case "o":
                names[self.path] = self.file or _File()
            case "m":
                folders.add(self.path)
            case "u":
                names.pop(self.path, None)
                folders.discard(self.path)
            case "l" | "r" if self.path in names:
                names[self.to] = names[self.path] if self.kind == "l" else names.pop(self.path)
            case "r":
                raise AssertionError(f"a folder was renamed: {self}")


class _Disk:
    """A folder on a disk: its files as programs see them, and the part that is durable."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.folder = str(folder)
        self._first = {
            f"{folder}/{path.relative_to(base)}": _File(bytearray(path.read_bytes()))
            for path in base.rglob("*")
            if path.is_file()
        }
        self._first_folders = {f"{folder}/{path.relative_to(base)}" for path in base.rglob("*") if path.is_dir()}
        self._names, self._folders = dict(self._first), {self.folder, *self._first_folders}
        self._entries: list[_Entry] = []
        self._handles: dict[int, _File | str] = {}
        # How many of the entries are durable, by folder on a strict disk, and on an ordered one.
        self._durable_in: dict[str, int] = {}
        self._durable = 0

    def replay(self, call: Call) -> None:
        """Take in the next call of the recorded program."""
        opened = self._handles.get(call.handle)
        match call.kind:
            case "o":
                self._open(call)
            case "c":
                self._handles.pop(call.handle, None)
            case "w" | "t":
                assert isinstance(opened, _File)
                opened.pending.append((call.offset, call.first if call.kind == "w" else None))
            case "s":
                self._sync(opened)
            case "r" | "l" | "u" | "m":
                self._change(_Entry(call.kind, _path(call.first), _path(call.second)))

    def _open(self, call: Call) -> None:
        path = _path(call.first)
        if path in self._folders:
            self._handles[call.handle] = path
            return
        if path not in self._names:
            self._change(_Entry("o", path, file=_File()))
        file = self._names[path]
        if call.offset and (file.synced or file.pending):
            file.pending.append((0, None))
        self._handles[call.handle] = file

    def _change(self, entry: _Entry) -> None:
        self._entries.append(entry)
        entry.apply(self._names, self._folders)

    def _sync(self, opened: _File | str | None) -> None:
        self._durable = len(self._entries)
        if isinstance(opened, _File):
            opened.sync()
        elif opened:
            self._durable_in[opened] = len(self._entries)

    def write_after_cut(self, folder: Path, chance: random.Random) -> None:
        """Write the files that are there after a cut at this moment."""
        names, folders = dict(self._first), {self.folder, *self._first_folders}
        survived = self._survived_strictly(chance) if chance.random() < 0.5 else self._survived_in_order(chance)
        for entry in survived:
            entry.apply(names, folders)
        reached = [path for path in sorted(folders) if _lies_in(path, folders)]
        for path in reached:
            (folder / os.path.relpath(path, self.folder)).mkdir(parents=True, exist_ok=True)
        for path, file in names.items():
            if os.path.dirname(path) in reached:  # noqa: PTH120
                there = folder / os.path.relpath(path, self.folder)
                there.write_bytes(file.after_cut(chance))
                there.chmod(0o600)  # as noshow makes every file: modes are not recorded

    def _survived_in_order(self, chance: random.Random) -> list[_Entry]:
        return self._entries[: _point(self._durable, len(self._entries), chance)]

    def _survived_strictly(self, chance: random.Random) -> list[_Entry]:
        until = {
            folder: _point(self._durable_in.get(folder, 0), len(self._entries), chance)
            for folder in sorted({folder for entry in self._entries for folder in entry.folders})
        }
        return [
            entry
            for number, entry in enumerate(self._entries)
            if all(number < until[folder] for folder in entry.folders)
        ]


def _point(least: int, most: int, chance: random.Random) -> int:
    """How many entries survive: often all that may or must, which is the likeliest on a disk."""
    return chance.choice((least, chance.randint(least, most), most))


def _lies_in(path: str, folders: set[str]) -> bool:
    """Whether every folder above a path is there, up to the watched one, which is the shortest."""
    top = min(folders, key=len)
    return path == top or (path in folders and _lies_in(os.path.dirname(path), folders))  # noqa: PTH120


def _path(text: bytes) -> str:
    return os.path.normpath(os.fsdecode(text)) if text else ""


def record(program: str, base: Path, scratch: Path) -> Recording:
    """Run a program in a copy of the folder `base`, which is its current folder, and record its writes.

    Skips the test if there is no C compiler.
    """
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler or not sys.platform.startswith("linux"):
        pytest.skip("the shim that records writes takes a C compiler on Linux")
    scratch.mkdir()
    shim, folder, journal = scratch / "shim.so", scratch / "recorded", scratch / "journal"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", shim, _SHIM, "-ldl", "-lpthread"], check=True)
    shutil.copytree(base, folder)
    added = {"LD_PRELOAD": str(shim), "POWER_FOLDER": str(folder), "POWER_JOURNAL": str(journal)}
    added["TESTS"] = str(Path(__file__).parents[1])
    subprocess.run([sys.executable, "-c", _PRELUDE + program], check=True, cwd=folder, env=os.environ | added)
    return Recording(base, folder, tuple(_calls(journal.read_bytes())))


def _calls(data: bytes) -> Iterator[Call]:
    at = 0
    while at < len(data):
        kind, handle, offset, first, second = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        yield Call(chr(kind), handle, offset, data[at : at + first], data[at + first : at + first + second])
        at += first + second


def cuts(recording: Recording, folder: Path, times: int, seed: int) -> Iterator[tuple[int, list[str]]]:
    """Leave the files of a power cut in `folder`, again and again; yield its moment and all acknowledged by then.

    The moment is the number of calls that were made. The last cut comes after the end of the program.
    """
    chance = random.Random(seed)
    # A program spends its time in calls that change something: reads and closes are not moments of their own.
    moments = [*sorted(chance.choices(range(len(recording.calls) + 1), k=times - 1)), len(recording.calls)]
    disk, acknowledged, done = _Disk(recording.base, recording.folder), list[str](), 0
    for moment in moments:
        for call in recording.calls[done:moment]:
            acknowledged += [call.first.decode()] if call.kind == "a" else []
            disk.replay(call)
        done = moment
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        disk.write_after_cut(folder, chance)
        yield moment, list(acknowledged)
