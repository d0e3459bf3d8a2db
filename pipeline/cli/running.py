"""Run a command, and turn whatever ends it into a line on stderr and an exit code."""

from __future__ import annotations

import copy
import logging
import signal
import sys
from collections.abc import Sequence

import typer
from typer.main import get_command_name
from typer.models import CommandInfo

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
        only_the_named(app, sys.argv[1:])(prog_name="noshow")
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


def only_the_named(app: typer.Typer, arguments: Sequence[str]) -> typer.Typer:
    """The app with no other command than the one that the arguments begin with, if they begin with one.

    Typer makes all options of all commands before it runs one, which took a tenth of the time of `noshow settings`.
    """
    named = list(arguments[:1])
    inner = [(info, info.typer_instance) for info in app.registered_groups if info.typer_instance]
    # The commands of a group without a name are those of the app.
    whole = [app, *(group for _, group in inner if not isinstance(group.info.name, str))]
    commands = [info for group in whole for info in group.registered_commands if [_name(info)] == named]
    groups = [info for info, group in inner if group.info.name in named]
    if not commands and not groups:
        return app
    only = copy.copy(app)
    only.registered_commands, only.registered_groups = commands, groups
    return only


def _name(command: CommandInfo) -> str:
    return command.name or get_command_name(command.callback.__name__ if command.callback else "")
