"""Write files whole or not at all, and for nobody else to read."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# The suffix of a file that is still being written. Its name also starts with a dot and holds the process id.
UNFINISHED = ".new"


# The rights that the umask takes away from a new file: all those of others, and of the group unless it may read.
_ONLY_OWNER, _AND_GROUP = 0o077, 0o027
_lock = threading.Lock()
_blocks: list[int] = []


@contextmanager
def private_files(group_readable: bool = False) -> Iterator[None]:
    """Make every new file and folder within the block readable by its owner only, or by the owner's group as well.

    This goes by the umask of the process, since DuckDB makes files too. The outermost block decides, and the umask is
    that from before when the last block ends; files that other threads make meanwhile are private as well.
    """
    with _lock:
        _blocks.append(os.umask(_AND_GROUP if group_readable else _ONLY_OWNER) if not _blocks else _blocks[0])
    try:
        yield
    finally:
        with _lock:
            before = _blocks.pop()
            if not _blocks:
                os.umask(before)


def make_private(path: Path, group_readable: bool = False) -> None:
    """Give a file that an earlier noshow made, or one under another setting, the mode of a new one."""
    mode = path.stat().st_mode & 0o777
    wanted = 0o666 & ~(_AND_GROUP if group_readable else _ONLY_OWNER)
    if mode & 0o077 != wanted & 0o077:
        # Whoever may write here without owning the file leaves it to its owner.
        with suppress(PermissionError):
            path.chmod(mode & 0o700 | wanted & 0o077)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Put a file in place with all its bytes on the disk, or leave the old one; text is UTF-8, lines end in \\n.

    The content is written to a hidden file in the same folder, which is then renamed: readers see the old file or the
    new one. A device or a pipe, such as /dev/null, is written to in place. Raises OSError, and leaves nothing behind
    then.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        # Whoever may rename a file to /dev/null would take it away from all programs. A folder is an error here.
        path.write_bytes(data)
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    with errors_named(path):
        _replace(path, draft, data)
    # Without this a power cut could undo the rename: it is an entry of the folder.
    sync(path.parent)


@contextmanager
def errors_named(path: Path) -> Iterator[None]:
    """Name the file in an OSError of the block that its user knows of, in place of one that is still being written."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, draft: Path, data: bytes) -> None:
    try:
        with private_files(), draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, unless it exists; a new one outlasts a power cut.

    A file that is synced is lost all the same if the folder that it is in never got to the disk.
    """
    new = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in reversed(new):
        sync(folder.parent)


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folder, and writes its entries itself
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
