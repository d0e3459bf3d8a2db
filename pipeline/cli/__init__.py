"""The command line: words go in; results go to stdout, everything else to stderr, and an exit code comes out.

Exit codes: 0 done; 1 a check failed; 2 usage; 65 data refused; 66 input not found; 74 input or output failed;
75 another writer has the database; 130 interrupted (74 where it was told to end). A bug keeps its traceback, with exit
code 1.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from pipeline.events import log_event
from pipeline.printable import printable
from queries.errors import DataRefused, InputNotFound, NoshowError, OutputFailed, StoreBusy, UsageError

EXIT_CODES: dict[type[NoshowError], int] = {
    UsageError: 2,
    DataRefused: 65,
    InputNotFound: 66,
    OutputFailed: 74,
    StoreBusy: 75,
}
CHECK_FAILED = 1
INTERRUPTED = 130
# What DuckDB raises where Ctrl-C meets it within a query.
INTERRUPTED_QUERY = "Query interrupted"
_UNDONE = "what was not finished is undone. Run it again"
_terminated: list[int] = []
_left: list[str] = []


def main() -> None:
    """Run the command line and exit."""
    from pipeline.cli.app import app

    signal.signal(signal.SIGTERM, _terminate)
    try:
        app(prog_name="noshow")
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        _exit_interrupted()
    except NoshowError as error:
        log_event("command.failed", level=logging.ERROR, code=error.code, exit=exit_code(error))
        tell(str(error))
        sys.exit(exit_code(error))
    except RuntimeError as error:
        if str(error) != INTERRUPTED_QUERY:
            raise
        _exit_interrupted()
    except BrokenPipeError:
        # The reader of our output has gone: nothing is left to say to it.
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        tell(f"{error.filename or 'the system'}: {error.strerror or error}")
        sys.exit(EXIT_CODES[OutputFailed])


def _terminate(number: int, _: object) -> NoReturn:
    """End as Ctrl-C does."""
    _terminated.append(number)
    raise KeyboardInterrupt


@contextmanager
def left_when_interrupted(left: str) -> Iterator[None]:
    """Where the block is interrupted, the last line says that this is left, instead of nothing."""
    try:
        yield
    except (KeyboardInterrupt, RuntimeError):
        _left.append(left)
        raise


def _exit_interrupted() -> NoReturn:
    log_event("command.interrupted", level=logging.WARNING)
    tell(f"{'terminated' if _terminated else 'interrupted'}; {_left[0] if _left else _UNDONE}")
    sys.exit(EXIT_CODES[OutputFailed] if _terminated else INTERRUPTED)


def tell(line: str) -> None:
    """A line to the person at the terminal; names from data and disk cannot steer that terminal."""
    print(f"noshow: {printable(line, limit=10_000)}", file=sys.stderr)


def exit_code(error: NoshowError) -> int:
    """The documented exit code of an error, by its class or the nearest above it."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
