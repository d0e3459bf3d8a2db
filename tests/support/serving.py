"""`noshow serve` in a process of its own, with a client that asks it."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from support.commands import Running, running, surroundings


@dataclass
class Server:
    """A server that runs: its process, its database, a client that asks it, and the line that it began with."""

    process: subprocess.Popen[str] | Running
    db: Path
    client: httpx.Client
    said: str

    def end(self, number: int = signal.SIGTERM) -> tuple[int | None, str]:
        """End it, and return its exit code and its output after the address."""
        self.process.send_signal(number)
        _, printed = self.process.communicate(timeout=20)
        return self.process.returncode, printed


Serve = Callable[..., AbstractContextManager[Server]]


@contextmanager
def serving(db: Path, *options: str, command: tuple[str, ...] = (), **env: str) -> Iterator[Server]:
    """Serve a database on a free port of this machine while the block runs."""
    words = ("serve", "--port", "0", "--db", str(db), *options)
    process = _started(command, words, db.parent, surroundings(**env))
    try:
        assert process.stderr
        said = process.stderr.readline()
        address = re.search(r"http://\S+(?=;)", said)
        assert address, said + process.stderr.read()
        with httpx.Client(base_url=address.group(), timeout=30, trust_env=False) as client:
            yield Server(process, db, client, said)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _started(
    command: tuple[str, ...], words: tuple[str, ...], cwd: Path, env: dict[str, str]
) -> subprocess.Popen[str] | Running:
    """A forked process, or one that a command starts."""
    if not command:
        return running(*words, cwd=cwd, env=env)
    return subprocess.Popen(
        [*command, *words], cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
