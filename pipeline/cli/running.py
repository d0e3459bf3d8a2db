"""Run a command, and turn whatever ends it into a line on stderr and an exit code."""

from __future__ import annotations

import logging
import signal
import sys

from pipeline.cli.exits import (
    EXIT_CODES,
    INTERRUPTED,
    INTERRUPTED_QUERY,
    exit_code,
    exit_interrupted,
    say_always,
    terminate,
)
from pipeline.events import log_event
from queries.errors import NoshowError, OutputFailed


def run_noshow() -> None:
    """Run the command line and exit; the packages are noshow's own."""
    from pipeline.cli.app import app

    signal.signal(signal.SIGTERM, terminate)
    try:
        app(prog_name="noshow")
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        exit_interrupted()
    except NoshowError as error:
        log_event("command.failed", level=logging.ERROR, code=error.code, exit=exit_code(error))
        say_always(str(error))
        sys.exit(exit_code(error))
    except RuntimeError as error:
        if str(error) != INTERRUPTED_QUERY:
            raise
        exit_interrupted()
    except BrokenPipeError:
        # The reader of our output, such as `head`, has gone. 141 is the exit code of a process that SIGPIPE ended.
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        say_always(f"{error.filename or 'the system'}: {error.strerror or error}")
        sys.exit(EXIT_CODES[OutputFailed])
