"""The names of every file that a database consists of: all lie in its folder and start with its name.

For `attendance.duckdb`:

| file | what it is |
|---|---|
| `attendance.duckdb` | the published snapshot, which readers and shells open |
| `attendance.work.duckdb` | the work file, which only the writer opens |
| `attendance.lock` | the writer's lock, with its process id |
| `attendance.journal.ndjson` | what was committed, outside of DuckDB |
| `attendance.previous-1.duckdb`, `-2` | the snapshots before the published one, the newest first |
| `attendance.damaged-<time>-<role>.duckdb` | what `noshow doctor --recover` set aside |
| `attendance.pulls/`, `attendance.pulls.lock` | saved pages of `noshow pull`, and the lock of whoever writes them |
| `.attendance.erasing` | the mark of an erasure that is not finished |
| `.attendance.new-<process>.duckdb` | a snapshot that is being written |
| `.attendance.renewed.duckdb` | a work file that is being written without the bytes of what was erased |
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path

SNAPSHOTS_KEPT = 2


@dataclass(frozen=True, slots=True)
class StoreFiles:
    """Where the files of a database are, by the path of its published snapshot."""

    snapshot: Path

    @property
    def folder(self) -> Path:
        """The folder that all of them lie in."""
        return self.snapshot.parent

    @property
    def work(self) -> Path:
        """The work file."""
        return self._named(".work", self.snapshot.suffix)

    @property
    def lock(self) -> Path:
        """The writer's lock."""
        return self._named(".lock")

    @property
    def journal(self) -> Path:
        """The journal."""
        return self._named(".journal.ndjson")

    @property
    def pulls(self) -> Path:
        """The folder of saved pulls."""
        return self._named(".pulls")

    @property
    def pulls_lock(self) -> Path:
        """The lock of whoever writes saved pulls."""
        return self._named(".pulls.lock")

    @property
    def erasing_mark(self) -> Path:
        """The mark of a store whose files must be renewed."""
        return self._hidden(".erasing")

    @property
    def renewed_work(self) -> Path:
        """The work file that renewal is writing."""
        return self._hidden(".renewed", self.snapshot.suffix)

    @property
    def new_snapshot(self) -> Path:
        """The snapshot that this process is writing."""
        return self._hidden(f".new-{os.getpid()}", self.snapshot.suffix)

    @property
    def spill(self) -> Path:
        """The folder DuckDB writes to when the memory of the writer is full."""
        return self.work.with_name(f"{self.work.name}.tmp")

    def previous(self) -> list[Path]:
        """Where the snapshots before the published one are kept, the newest first; not all may exist."""
        return [self._named(f".previous-{number}", self.snapshot.suffix) for number in range(1, SNAPSHOTS_KEPT + 1)]

    def older(self) -> list[Path]:
        """The earlier snapshots that exist, and files that were set aside as damaged."""
        damaged = self.folder.glob(f"{escape(self.snapshot.stem)}.damaged-*")
        return [*(file for file in self.previous() if file.exists()), *sorted(damaged)]

    def unfinished(self) -> list[Path]:
        """What a crash has left of snapshots that were being written."""
        return sorted(self.folder.glob(f".{escape(self.snapshot.stem)}.new-*"))

    def left_by_renewal(self) -> Iterator[Path]:
        """What a crash has left of a renewal."""
        return self.folder.glob(f".{escape(self.snapshot.stem)}.renewed*")

    def damaged(self, stamp: str, role: str, suffix: str | None = None) -> Path:
        """The name under which a damaged file is set aside."""
        return self._named(f".damaged-{stamp}-{role}", self.snapshot.suffix if suffix is None else suffix)

    def beside_databases(self) -> Iterator[Path]:
        """What DuckDB writes beside snapshot and work file: write-ahead logs, and a folder to spill to."""
        for database in (self.snapshot, self.work):
            yield from self.folder.glob(f"{escape(database.name)}.wal*")
            yield from self.folder.glob(f"{escape(database.name)}.tmp")

    def everything(self) -> list[Path]:
        """Every file of the store that exists; saved pulls, in a folder of their own, are not among them."""
        named = (self.snapshot, self.work, self.lock, self.journal)
        hidden = self.folder.glob(f".{escape(self.snapshot.stem)}.*")
        found = {*named, *self.older(), *hidden, *self.beside_databases()}
        return sorted(file for file in found if file.is_file())

    def _named(self, role: str, suffix: str = "") -> Path:
        return self.snapshot.with_name(f"{self.snapshot.stem}{role}{suffix}")

    def _hidden(self, role: str, suffix: str = "") -> Path:
        return self.snapshot.with_name(f".{self.snapshot.stem}{role}{suffix}")


def write_ahead_log(database: Path) -> Path:
    """The log that DuckDB keeps beside a database file."""
    return database.with_name(f"{database.name}.wal")
