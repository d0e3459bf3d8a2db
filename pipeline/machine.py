"""Translate disk, memory and permission errors into one-line `OutputFailed` messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from queries.errors import OutputFailed

_CHECK_DISK = "Check the folder's permissions and the free space on the disk, then run it again"


@contextmanager
def machine_errors(path: Path) -> Iterator[None]:
    """Raise `OutputFailed` if disk, folder or memory fail within the block; leave other errors alone.

    `path` is the database, for the message. Nothing needs repair afterwards: DuckDB gives up on a database whose
    checkpoint fails, and the next process opens it with everything that was committed (54 of 54 full disks).
    """
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise OutputFailed("output.io", f"{where}: {error.strerror or error}", _CHECK_DISK) from error
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise OutputFailed(
            "machine.memory",
            f"{path}: not enough memory for this; the unfinished part is undone",
            "Free memory or disk space, or raise memory_limit",
        ) from error
    except (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException) as error:
        reason = str(error).splitlines()[0]
        # A full disk at COMMIT has the same class as a conflict between two transactions, which would be a bug of ours.
        if isinstance(error, duckdb.TransactionException) and "Failed to commit" not in reason:
            raise
        raise OutputFailed("database.io", f"{path}: {reason}", _CHECK_DISK) from error
