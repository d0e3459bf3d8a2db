"""Writing and reading files of our own: whole or not at all, and never trusted blindly."""

from __future__ import annotations

import os
from pathlib import Path

# The ending of a file that is still being written; its name also starts with a dot and holds the process id.
UNFINISHED = ".new"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Put a file in place with all its bytes on the disk, or leave what was there; text is UTF-8, lines end in \\n.

    The file is written under a hidden name beside its own and then renamed: readers see the old file or the new one.
    Raises OSError; nothing is left over then.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    draft = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        draft.write_bytes(data)
        sync(draft)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Have the disk write a file, or a folder's entries."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
