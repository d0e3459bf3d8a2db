"""Run `noshow` in processes forked from a server that has imported everything.

Importing takes a second of each process, the command itself a tenth. A forked process still is one: it has its own
environment, folder, streams and exit code, can be sent signals and killed, and runs the same `main`. The start itself
(imports, hash seed, interpreter options) is tested by processes that `real` starts.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import IO, Any

NOSHOW = Path(sys.executable).with_name("noshow")
Finished = subprocess.CompletedProcess[str]
Argument = str | bytes | Path
# Where a stream of a forked process goes: to a file, through a pipe to this process, or nowhere.
Stream = Path | Connection | None
_TESTS = Path(__file__).parents[1]

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["support.preloaded"])


def surroundings(**env: str) -> dict[str, str]:
    """The environment of this process without noshow's own variables, warnings as errors, and `env`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOSHOW_")}
    return kept | {"PYTHONWARNINGS": "error"} | env


def real(*args: Argument, cwd: Path, env: Mapping[str, str], **options: Any) -> Finished:
    """Run noshow from its script, in an interpreter of its own."""
    command = [NOSHOW, *args]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, **options)


def forked(
    *args: Argument, cwd: Path, env: Mapping[str, str], timeout: float = 120, stdin: bytes | None = None
) -> Finished:
    """Run noshow in a forked process, with these bytes on stdin if any; return its output and exit code."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        sent = Path(folder, "in")
        if stdin is not None:
            sent.write_bytes(stdin)
        before = None if stdin is None else partial(_read_stdin_from, sent)
        process = start(*args, cwd=cwd, env=env, out=out, err=err, before=before)
        code = end(process, timeout)
        printed = (file.read_text(encoding="utf-8") for file in (out, err))
        return subprocess.CompletedProcess([NOSHOW, *args], code, *printed)


def _read_stdin_from(file: Path) -> None:
    os.dup2(os.open(file, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0, encoding="utf-8")


def start(
    *args: Argument,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    out: Stream = None,
    err: Stream = None,
    before: Callable[[], None] | None = None,
) -> ForkServerProcess:
    """Start noshow in a forked process; `before` runs there first."""
    start_server()
    words = [os.fsdecode(arg) for arg in args]
    process = processes.Process(
        target=_command, args=(words, cwd or Path.cwd(), dict(os.environ if env is None else env), (out, err), before)
    )
    process.start()
    return process


def end(process: ForkServerProcess, timeout: float) -> int:
    """Wait for the end of a process and return its exit code; kill it and fail when the time is up."""
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        raise subprocess.TimeoutExpired(process.name, timeout)
    return process.exitcode


@dataclass
class Running:
    """A forked process whose errors are read while it runs, with the methods of `subprocess.Popen` that tests use."""

    process: ForkServerProcess
    stderr: IO[str]

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def poll(self) -> int | None:
        return self.process.exitcode

    def kill(self) -> None:
        self.process.kill()

    def send_signal(self, number: int) -> None:
        assert self.process.pid
        os.kill(self.process.pid, number)

    def communicate(self, timeout: float = 60) -> tuple[None, str]:
        """Wait for its end, and return the lines on stderr since the last read."""
        end(self.process, timeout)
        with self.stderr as stream:
            return None, stream.read()


def running(*args: Argument, cwd: Path, env: Mapping[str, str]) -> Running:
    """Start noshow in a forked process, to read its errors while it runs."""
    reader, writer = processes.Pipe(duplex=False)
    process = start(*args, cwd=cwd, env=env, err=writer)
    writer.close()
    return Running(process, open(os.dup(reader.fileno()), encoding="utf-8"))  # noqa: PTH123


def start_server() -> None:
    """Start the server that is forked from, with warnings as errors while it imports."""
    before = dict(os.environ)
    os.environ |= {"PYTHONWARNINGS": "error", "PYTHONPATH": str(_TESTS)}
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _command(
    words: list[str], cwd: Path, env: dict[str, str], streams: tuple[Stream, ...], before: Callable[[], None] | None
) -> None:
    from pipeline.cli import main

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    for number, stream in enumerate(streams, 1):
        os.dup2(_handle(stream), number)
    warnings.resetwarnings()
    if env.get("PYTHONWARNINGS") == "error":
        warnings.simplefilter("error")
    sys.argv = ["noshow", *words]
    if before:
        before()
    main()


def _handle(stream: Stream) -> int:
    if isinstance(stream, Connection):
        return stream.fileno()
    return os.open(stream or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
