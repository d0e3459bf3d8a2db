"""Measure the seconds of a function and the peak memory of its process, and print rows of a table.

The figures of a row are taken in one run, one after the other, so that their ratio holds on any machine even though the
seconds do not.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

# utime and stime in /proc/PID/stat (man 5 proc), counted from the end of the name, which may hold blanks.
_CPU = re.compile(r"\) \S+ (?:\S+ ){10}(\d+) (\d+) ")
_PACKAGES = ("duckdb", "polars", "pandera", "msgspec", "pyarrow", "dlt", "sqlite-utils", "pandas", "datasette")


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of the work itself, without imports, and the highest memory of its process in MB.

    Of a command the seconds are of the whole process, and `cpu_seconds` are those of all its threads.
    """

    seconds: float
    peak_mb: float
    cpu_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: our work beside other work, and the ratio asked for ("at most 1.5x", "at least 3x")."""

    work: str
    ours: Run
    beside: str
    theirs: Run
    goal: str

    def cells(self) -> list[str]:
        """Work, ours, beside, theirs, ratio, goal."""
        if not self.theirs.seconds:
            return [self.work, in_words(self.ours), "", "", "", ""]
        faster = self.goal.startswith("at least")
        pair = (self.theirs.seconds, self.ours.seconds) if faster else (self.ours.seconds, self.theirs.seconds)
        ratio = f"{pair[0] / pair[1]:.2f}x" + (" faster" if faster else "")
        if self.theirs.cpu_seconds:
            ratio += f", CPU {self.ours.cpu_seconds / self.theirs.cpu_seconds:.2f}x"
        return [self.work, in_words(self.ours), self.beside, in_words(self.theirs), ratio, self.goal]


HEAD = ["work", "noshow", "beside", "takes", "ratio", "goal"]


def in_words(run: Run) -> str:
    """A run in words."""
    seconds = _seconds(run.seconds) + (f", CPU {_seconds(run.cpu_seconds)}" if run.cpu_seconds else "")
    return f"{seconds}, {run.peak_mb:,.0f} MB" if run.peak_mb else seconds


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.2f} ms"


def alone(work: Callable[..., float], *arguments: Any) -> Run:
    """Run a function that returns its own seconds in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_report, args=(sender, work, arguments))
    process.start()
    sender.close()
    seconds, peak = receiver.recv()
    process.join()
    return Run(seconds, peak)


def command(arguments: list[str]) -> Run:
    """Run a command in a process of its own. Raises `RuntimeError` unless it ends with 0, or with 3 for bad records."""
    start = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return Run(seconds, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)


def cpu_seconds(pid: int) -> float:
    """The CPU seconds that all threads of a running process have used so far, in steps of a hundredth."""
    found = _CPU.search(Path(f"/proc/{pid}/stat").read_text(encoding="ascii"))
    assert found
    return (int(found[1]) + int(found[2])) / os.sysconf("SC_CLK_TCK")


def middle(runs: Iterable[Run]) -> Run:
    """The run of the median seconds, of an odd number."""
    ordered = sorted(runs, key=lambda run: run.seconds)
    return ordered[len(ordered) // 2]


def _report(sender: Connection, work: Callable[..., float], arguments: tuple[Any, ...]) -> None:
    seconds = work(*arguments)
    sender.send((seconds, peak_mb()))


def peak_mb() -> float:
    """The peak memory of this process in MB. `getrusage` would include the peak of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def seconds_of(work: Callable[[], Any], times: int = 1) -> float:
    """The median seconds of some calls."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def median(work: Callable[[], Any], times: int = 15) -> Run:
    """The median seconds of calls in this process, after one that is not counted."""
    work()
    return Run(seconds_of(work, times), 0)


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """The machine and the versions that the figures are of."""
    cpus = multiprocessing.cpu_count()
    versions = [f"{name} {found}" for name in _PACKAGES if (found := _version(name))]
    return f"{platform.system()} {platform.machine()}, {cpus} cores, Python {platform.python_version()}, " + ", ".join(
        versions
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
