"""Run the command line: results go to stdout, everything else to stderr.

Exit codes: 0 done; 1 a check failed; 2 usage; 65 data refused; 66 input not found; 74 input or output failed;
75 another writer has the database; 130 interrupted by Ctrl-C (74 if terminated). A bug keeps its traceback, with exit
code 1.
"""

from __future__ import annotations

import atexit
import gc

from pipeline.cli.installation import require_own_packages

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit."""
    _look_for_garbage_rarely()
    # First of all: a foreign `queries` may fail as soon as it is imported.
    require_own_packages()
    from pipeline.cli.running import run_noshow

    run_noshow()


def _look_for_garbage_rarely() -> None:
    """Let Python look for cycles of garbage at each 20,000th new object in place of each 700th, among older ones fifty
    times as rarely, and not at the end.

    Nearly all objects of a short command are those of its modules, and stay: to look through them takes a sixth of its
    time.
    """
    gc.set_threshold(20_000, 50)
    atexit.register(gc.freeze)
