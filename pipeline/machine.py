"""What the machine refuses goes in, as whatever error that comes; one line with what to do comes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from queries.errors import OutputFailed

_CHECK_DISK = "Check the folder's rights and the space on the disk, and run it again"


@contextmanager
def machine_errors(path: Path) -> Iterator[None]:
    """Raise `OutputFailed` for what disk, folder and memory refuse to the database at `path`; leave other errors alone.

    DuckDB gives up on a database whose checkpoint fails: the next process finds it whole, as it was committed.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise OutputFailed("output.io", f"{where}: {error.strerror or error}", _CHECK_DISK) from error
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise OutputFailed(
            "machine.memory",
            f"{path}: not enough memory for this; what was not finished is undone",
            "Free memory, free disk space to spill to, or set memory_limit to more",
        ) from error
    except (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException) as error:
        reason = str(error).splitlines()[0]
        if isinstance(error, duckdb.TransactionException) and "Failed to commit" not in reason:
            raise
        raise OutputFailed("database.io", f"{path}: {reason}", _CHECK_DISK) from error
