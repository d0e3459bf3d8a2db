"""Run a command, and turn whatever ends it into a line on stderr and an exit code."""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path

from pipeline.cli.exits import (
    EXIT_CODES,
    INTERRUPTED,
    INTERRUPTED_QUERY,
    exit_code,
    exit_interrupted,
    say,
    terminate,
)
from pipeline.events import log_event
from queries.errors import NoshowError, OutputFailed
from queries.files import private_files


def run_noshow() -> None:
    """Run the command line and exit; the packages are noshow's own."""
    from pipeline.cli.app import app

    signal.signal(signal.SIGTERM, terminate)
    try:
        with private_files(_group_readable()):
            app(prog_name="noshow")
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        exit_interrupted()
    except NoshowError as error:
        log_event("command.failed", level=logging.ERROR, code=error.code, exit=exit_code(error))
        say(str(error))
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
        say(f"{error.filename or 'the system'}: {error.strerror or error}")
        sys.exit(EXIT_CODES[OutputFailed])


def _group_readable() -> bool:
    """The setting of that name. The settings are read here only if it is set, since reading them takes a while."""
    file, name = Path("noshow.toml"), "group_readable"
    # In UTF-16, which editors save as well, there is a zero beside each letter.
    in_file = file.is_file() and name.encode() in file.read_bytes().replace(b"\0", b"")
    if not in_file and f"NOSHOW_{name.upper()}" not in map(str.upper, os.environ):
        return False
    from pipeline.settings import read_settings

    return read_settings().group_readable
