"""Name every file of a database: all lie in one folder, and their names start with the name of the database.

For `attendance.duckdb`:

| file | purpose |
|---|---|
| `attendance.duckdb` | the published snapshot, opened by readers and shells |
| `attendance.work.duckdb` | the work file, opened by the writer only |
| `attendance.lock` | the writer's lock, with its process and host |
| `attendance.journal.ndjson` | a record outside of DuckDB of each commit |
| `attendance.secret` | the secret that pseudonyms, cursors and hashes of erased people are keyed by |
| `attendance.previous-1.duckdb`, `-2` | the snapshots before the published one, the newest first |
| `attendance.damaged-<time>-<role>.duckdb` | a file set aside by `noshow doctor --recover` |
| `attendance.pulls/`, `attendance.pulls.lock` | saved pages of `noshow pull`, and the lock of their writer |
| `.attendance.copies.json` | which snapshots are copies of the work file, but for which blocks |
| `.attendance.erasing` | marks an erasure that is not finished |
| `.attendance.new-<process>.duckdb` | a snapshot that is being written |
| `.attendance.renewed.duckdb` | a work file that is being written without the erased bytes |
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from queries.files import UNFINISHED
from queries.secret import secret_file

SNAPSHOTS_KEPT = 2


@dataclass(frozen=True, slots=True)
class StoreFiles:
    """The paths of a database's files, derived from the path of its published snapshot."""

    snapshot: Path

    @property
    def folder(self) -> Path:
        """The folder of all the files."""
        return self.snapshot.parent

    @property
    def work(self) -> Path:
        """The work file, opened by the writer only."""
        return self._named(".work", self.snapshot.suffix)

    @property
    def lock(self) -> Path:
        """The writer's lock."""
        return self._named(".lock")

    @property
    def journal(self) -> Path:
        """The journal of commits."""
        return self._named(".journal.ndjson")

    @property
    def secret(self) -> Path:
        """The secret, unless it is set in the environment."""
        return secret_file(self.snapshot)

    @property
    def pulls(self) -> Path:
        """The folder of saved pulls."""
        return self._named(".pulls")

    @property
    def pulls_lock(self) -> Path:
        """The lock of the process that writes saved pulls."""
        return self._named(".pulls.lock")

    @property
    def erasing_mark(self) -> Path:
        """The mark of a store whose files must be renewed."""
        return self._hidden(".erasing")

    @property
    def copies(self) -> Path:
        """The record of which snapshots are copies of the work file."""
        return self._hidden(".copies.json")

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
        """The folder DuckDB spills to when the writer's memory is full."""
        return self.work.with_name(f"{self.work.name}.tmp")

    def previous(self) -> list[Path]:
        """The paths of the snapshots before the published one, the newest first; not all may exist."""
        return [self._named(f".previous-{number}", self.snapshot.suffix) for number in range(1, SNAPSHOTS_KEPT + 1)]

    def older(self) -> list[Path]:
        """List the earlier snapshots that exist and the files set aside as damaged."""
        # A database may be called `no[v]ember`: unescaped, its brackets would be a pattern and match other files.
        damaged = self.folder.glob(f"{escape(self.snapshot.stem)}.damaged-*")
        return [*(file for file in self.previous() if file.exists()), *sorted(damaged)]

    def unfinished(self) -> list[Path]:
        """Snapshots, and other files, that a crash left half written."""
        stem = escape(self.snapshot.stem)
        return sorted({*self.folder.glob(f".{stem}.new-*"), *self.folder.glob(f".{stem}.*{UNFINISHED}")})

    def left_by_renewal(self) -> Iterator[Path]:
        """List the half-written files that a crashed renewal has left."""
        return self.folder.glob(f".{escape(self.snapshot.stem)}.renewed*")

    def damaged(self, stamp: str, role: str, suffix: str | None = None) -> Path:
        """The path under which a damaged file is set aside."""
        return self._named(f".damaged-{stamp}-{role}", self.snapshot.suffix if suffix is None else suffix)

    def beside_databases(self) -> Iterator[Path]:
        """List the write-ahead logs and spill folders that DuckDB has left beside snapshot and work file."""
        for database in (self.snapshot, self.work):
            yield from self.folder.glob(f"{escape(database.name)}.wal*")
            yield from self.folder.glob(f"{escape(database.name)}.tmp")

    def everything(self) -> list[Path]:
        """List every existing file of the store, except saved pulls, which have a folder of their own."""
        named = (self.snapshot, self.work, self.lock, self.journal)
        hidden = self.folder.glob(f".{escape(self.snapshot.stem)}.*")
        candidates = {*named, *self.older(), *hidden, *self.beside_databases()}
        return sorted(file for file in candidates if file.is_file())

    def _named(self, role: str, suffix: str = "") -> Path:
        return self.snapshot.with_name(f"{self.snapshot.stem}{role}{suffix}")

    def _hidden(self, role: str, suffix: str = "") -> Path:
        return self.snapshot.with_name(f".{self.snapshot.stem}{role}{suffix}")


def write_ahead_log(database: Path) -> Path:
    """The path of the log that DuckDB keeps beside a database file."""
    return database.with_name(f"{database.name}.wal")
