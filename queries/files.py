"""Write files whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

# The suffix of a file that is still being written. Its name also starts with a dot and holds the process id.
UNFINISHED = ".new"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Put a file in place with all its bytes on the disk, or leave the old one; text is UTF-8, lines end in \\n.

    The content is written to a hidden file in the same folder, which is then renamed: readers see the old file or the
    new one. Raises OSError, and leaves nothing behind then.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    draft = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    # Without this a power cut could undo the rename: it is an entry of the folder.
    sync(path.parent)


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
