"""Run an ingest on a disk of a given size, which is full at some point.

Shared by the stress tests. Needs the right to mount a tmpfs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOSHOW = Path(sys.executable).with_name("noshow")


@contextmanager
def disk_of(mebibytes: float, at: Path) -> Iterator[Path]:
    """A disk of a size; `grow` makes room on it."""
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={int(mebibytes * 2**20)}", "tmpfs", at], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", at], check=True)


def grow(disk: Path) -> None:
    """Make room, as the message for a full disk asks."""
    subprocess.run(["mount", "-o", f"remount,size={2**30}", disk], check=True)


def may_mount(folder: Path) -> bool:
    """Whether this process may mount a disk at all."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return False
    subprocess.run(["umount", folder], check=True)
    return True


def ingest(db: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    """Run `noshow ingest`."""
    return subprocess.run([NOSHOW, "ingest", "--db", db, *files], capture_output=True, text=True, check=False)
