"""Run the command line: results go to stdout, everything else to stderr.

Exit codes: 0 done; 1 a check failed; 2 usage; 65 data refused; 66 input not found; 74 input or output failed;
75 another writer has the database; 130 interrupted by Ctrl-C (74 if terminated). A bug keeps its traceback, with exit
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
# The message of DuckDB's RuntimeError if Ctrl-C interrupts a query.
INTERRUPTED_QUERY = "Query interrupted"
_UNDONE = "unfinished work is undone. Run it again"
# Noted for the last line of an interrupted command: the signals received, and the words for work that is kept.
_terminated: list[int] = []
_kept: list[str] = []


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
        say(str(error))
        sys.exit(exit_code(error))
    except RuntimeError as error:
        if str(error) != INTERRUPTED_QUERY:
            raise
        _exit_interrupted()
    except BrokenPipeError:
        # The reader of our output, such as `head`, has gone. 141 is the exit code of a process that SIGPIPE ended.
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        say(f"{error.filename or 'the system'}: {error.strerror or error}")
        sys.exit(EXIT_CODES[OutputFailed])


def _terminate(number: int, _: object) -> NoReturn:
    """Unwind as after Ctrl-C, so that transactions are rolled back and locks released."""
    _terminated.append(number)
    raise KeyboardInterrupt


@contextmanager
def kept_if_interrupted(kept: str) -> Iterator[None]:
    """If the block is interrupted, end the last line with the words `kept`, not with the ones that all is undone."""
    try:
        yield
    except (KeyboardInterrupt, RuntimeError):
        _kept.append(kept)
        raise


def _exit_interrupted() -> NoReturn:
    log_event("command.interrupted", level=logging.WARNING)
    say(f"{'terminated' if _terminated else 'interrupted'}; {_kept[0] if _kept else _UNDONE}")
    sys.exit(EXIT_CODES[OutputFailed] if _terminated else INTERRUPTED)


def say(line: str) -> None:
    """Print a line on stderr, with control characters escaped: a name in the data must not control the terminal."""
    print(f"noshow: {printable(line, limit=10_000)}", file=sys.stderr)


def exit_code(error: NoshowError) -> int:
    """The documented exit code of an error: that of its class, or of the nearest class above it."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
