"""How a command ends: exit codes, the last line on stderr, and the words for work that an interruption leaves."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from pipeline.cli.streams import without_folder
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
# Loaded, but a larger share of a file was set aside than the settings accept.
MUCH_SET_ASIDE = 3
INTERRUPTED = 130
# The message of DuckDB's RuntimeError if Ctrl-C interrupts a query.
INTERRUPTED_QUERY = "Query interrupted"
_UNDONE = "unfinished work is undone. Run it again"
# Noted for the last line of an interrupted command: the signals received, and the words for work that is kept.
_terminated: list[int] = []
_kept: list[str] = []
_quiet: list[bool] = []


def terminate(number: int, frame: FrameType | None) -> None:
    """Unwind as after Ctrl-C, so that transactions are rolled back and locks released.

    By the handler of Ctrl-C if there is one: while tasks run, asyncio sets its own, which cancels them. An exception
    raised in the middle of a task would be printed with its traceback.
    """
    _terminated.append(number)
    of_ctrl_c = signal.getsignal(signal.SIGINT)
    if callable(of_ctrl_c):
        of_ctrl_c(signal.SIGINT, frame)
    else:  # ignored, as in a background job of a shell
        raise KeyboardInterrupt


@contextmanager
def kept_if_interrupted(kept: str) -> Iterator[None]:
    """If the block is interrupted, end the last line with the words `kept`, not with the ones that all is undone."""
    try:
        yield
    except (KeyboardInterrupt, RuntimeError):
        _kept.append(kept)
        raise


def exit_interrupted() -> NoReturn:
    """Say that the command was interrupted, and whether its work is undone or kept, and exit."""
    log_event("command.interrupted", level=logging.WARNING)
    say_always(f"{'terminated' if _terminated else 'interrupted'}; {_kept[0] if _kept else _UNDONE}")
    sys.exit(EXIT_CODES[OutputFailed] if _terminated else INTERRUPTED)


def be_quiet(quiet: bool) -> None:
    """Leave out the lines of `say`, and progress, from now on; or show them again."""
    _quiet.clear()
    _quiet.extend([True] * quiet)


def is_quiet() -> bool:
    """Whether only errors are wanted on stderr."""
    return bool(_quiet)


def say(line: str) -> None:
    """Print a line on stderr unless the user wants none: the work done, and oddities."""
    if not is_quiet():
        say_always(line)


def say_always(line: str) -> None:
    """Print an error on stderr, with control characters escaped: a name in the data must not control the terminal."""
    print(f"noshow: {printable(without_folder(line), limit=10_000)}", file=sys.stderr)


def exit_code(error: NoshowError) -> int:
    """The documented exit code of an error: that of its class, or of the nearest class above it."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
