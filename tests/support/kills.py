"""Kill a command in a process of its own at some moment, again and again: it is then done or not begun.

Shared by the tests of taking back, erasing and publishing, and by the stress tests.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from support.commands import end, start

import pipeline
from pipeline.store.doctor import diagnose, recover
from pipeline.store.files import StoreFiles
from queries.database import open_snapshot
from queries.errors import DataRefused

# The rows without the moments in them.
CONTENT = (
    "booking", "attendance", "(select * exclude (quarantined_at) from quarantine)", "load_finding",
    "(select * exclude (content) from internal.replaced_row)", "(select contact_hash from internal.erased_contact)",
    "(select * exclude (started_at, finished_at, unloaded_at), unloaded_at is null from load_ledger)",
)  # fmt: skip
Words = tuple[str, ...]
SETTINGS = pipeline.Settings.model_validate({})


def content_of(file: Path) -> list[object]:
    """The hash of the rows of a database file."""
    with closing(open_snapshot(file)) as con:
        return [
            con.execute(f"select count(*), sum(hash(r)::hugeint) from {table} as r").fetchall() for table in CONTENT
        ]


def act(folder: Path, base: Path, words: Words, delay: float | None = None) -> int:
    """Run a command in a copy of the base, or go on in it; kill it after a delay in seconds, if one is given."""
    if not folder.exists():
        shutil.copytree(base, folder)
    process = start(*words, "--db", "d.duckdb", cwd=folder)
    if delay is None:
        return end(process, 300)
    time.sleep(delay)
    process.kill()
    return end(process, 60)


def repair_if_torn(db: Path) -> bool:
    """Whether the work file did not open; it is then repaired as the message says, by `noshow doctor --recover`.

    DuckDB writes some blocks of 256 KiB in place, and a kill can tear such a write. The published snapshot is never
    written in place.
    """
    try:
        with closing(open_snapshot(StoreFiles(db).work)):
            return False
    except DataRefused:
        assert "file.unreadable" in [one.code for one in diagnose(db).findings]
        recover(db, SETTINGS, "now")
        return True


def kill_at_random(
    base: Path, place: Path, words: Words, kills: int, seed: int, also: Callable[[Path], None] = lambda db: None
) -> Counter[str]:
    """Kill the command as often in copies of the folder `base`, with its database `d.duckdb`.

    Asserts after each kill that readers and the next writer find the content before or after it, and that the next
    writer, or the command run again, leaves the content after it and nothing for the doctor; `also` asserts more of
    the database then. Returns how often the work file had the content "before" and "after", and was "torn".
    """
    chance, found_as = random.Random(seed), Counter[str]()
    shown, before = content_of(base / "d.duckdb"), content_of(StoreFiles(base / "d.duckdb").work)
    began = time.monotonic()
    assert act(place / "whole", base, words) in (0, 3)
    whole = time.monotonic() - began
    after = content_of(place / "whole" / "d.duckdb")
    assert after != shown
    folder = place / "killed"
    db = folder / "d.duckdb"
    while found_as.total() < kills:
        shutil.rmtree(folder, ignore_errors=True)
        if act(folder, base, words, chance.uniform(0, whole)) != -signal.SIGKILL:
            continue
        assert content_of(db) in (shown, after)
        repaired = repair_if_torn(db)
        found = content_of(StoreFiles(db).work)
        assert found in ((before, after, shown) if repaired else (before, after))
        found_as["torn" if repaired else "after" if found == after else "before"] += 1
        # The next writer publishes the commit, if there is one. The doctor holds hashes, journal and the ledger's sums.
        if found == after:
            with pipeline.open_store(db, settings=SETTINGS):
                pass
        else:
            assert act(folder, base, words) in (0, 3)
        assert content_of(db) == content_of(StoreFiles(db).work) == after
        assert diagnose(db).findings == ()
        also(db)
    return found_as
