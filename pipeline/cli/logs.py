"""Log events as JSON, one object per line, to stderr (-v) or to a file (--log).

`{"at": "2026-03-01T02:00:00.123Z", "level": "info", "event": "load.done", "load": 7, ...}`. Without -v and --log only
the messages that every command has reach stderr.
"""

from __future__ import annotations

import datetime as dt
import inspect
import json
import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.exits import be_quiet
from pipeline.cli.streams import ON_DISK
from pipeline.events import LOGGER
from queries.errors import OutputFailed, UsageError


class JsonLines(logging.Formatter):
    """Format a log record as one line of ASCII JSON, so that a file's name cannot control a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line = {"at": at.replace("+00:00", "Z"), "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps(line | getattr(record, "fields", {}))


Verbose = Annotated[
    int, typer.Option("-v", "--verbose", count=True, help="Log events to stderr as JSON lines. -vv logs more of them.")
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Write nothing but errors to stderr.")]
_LOGGING = ("verbose", "quiet", "log")
# The older spelling of --format json, which scripts still have.
AsJson = Annotated[bool, typer.Option("--json", hidden=True, help="The same as --format json.")]
_FORMAT = "table_format"
LogFile = Annotated[
    Path | None,
    typer.Option("--log", envvar="NOSHOW_LOG", callback=ON_DISK, help="Append events to this file."),
]


def command(app: typer.Typer, name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a command of the app, with -v, -q and --log beside its own options.

    One with --format as `table_format` also has --json, hidden.
    """
    return lambda function: app.command(name=name)(_with_logs(function))


def group_command(app: typer.Typer) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function the command of a group of commands that is given without any of them, as `command` does.

    It takes the context first. Its options before one of the group's commands are refused with a `UsageError`: that
    command would not know of them.
    """

    def made(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(context: typer.Context, **options: Any) -> None:
            if context.invoked_subcommand is None:
                function(context, **options)
            else:
                _refuse_options(context)

        app.callback(invoke_without_command=True)(_with_logs(run))
        return function

    return made


def _refuse_options(context: typer.Context) -> None:
    """Raise `UsageError` if options of the group stand before one of its commands; -v and --log may."""
    given = [
        param.opts[0]
        for param in context.command.params
        if param.name
        and param.name not in _LOGGING
        and getattr(context.get_parameter_source(param.name), "name", "") == "COMMANDLINE"
    ]
    if given:
        whole, inner = context.command_path, context.invoked_subcommand
        raise UsageError(
            "command.options",
            f"{', '.join(given)} before `{inner}`: options of `{whole}` do not count for `{whole} {inner}`",
            f"Leave them out, or give its own after `{inner}`: see `{whole} {inner} --help`",
        )


def _with_logs(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def run(*args: Any, verbose: int, quiet: bool, log: Path | None, in_json: bool = False, **options: Any) -> None:
        start(verbose, log)
        be_quiet(quiet)
        if in_json:
            options[_FORMAT] = "json"
        function(*args, **options)

    # Typer reads the options of a command from its signature, so these are added to the one it sees.
    own = inspect.signature(function, eval_str=True)
    added = [
        inspect.Parameter("verbose", inspect.Parameter.KEYWORD_ONLY, default=0, annotation=Verbose),
        inspect.Parameter("quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet),
        inspect.Parameter("log", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=LogFile),
    ]
    if _FORMAT in own.parameters and "as_json" not in own.parameters:
        added.append(inspect.Parameter("in_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=AsJson))
    run.__signature__ = own.replace(parameters=[*own.parameters.values(), *added])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in run.__signature__.parameters.values()}  # type: ignore[attr-defined]
    return run


def start(verbose: int, log: Path | None) -> None:
    """Log to stderr if `verbose` is not 0, and to the file `log` if there is one.

    Raises `OutputFailed` if the file cannot be opened.
    """
    if verbose:
        _add(logging.StreamHandler(), logging.INFO if verbose == 1 else logging.DEBUG)
    if log:
        try:
            _add(logging.FileHandler(log, encoding="ascii"), logging.DEBUG)
        except OSError as error:
            raise OutputFailed("log.file", f"{log}: {error.strerror}", "Name another file with --log") from error


def _add(handler: logging.Handler, level: int) -> None:
    handler.setFormatter(JsonLines())
    handler.setLevel(level)
    LOGGER.addHandler(handler)
    # The logger passes on the events that any of its handlers wants: with -v and --log, debug events for the file.
    LOGGER.setLevel(min(level, LOGGER.level or level))
