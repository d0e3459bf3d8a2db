"""Killed at any moment, taking back is done or not begun: unload, --replace and --complete."""

from __future__ import annotations

import random
import shutil
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest
from support.commands import end, start
from support.samples import few

import pipeline
from pipeline.store.doctor import diagnose
from pipeline.store.files import StoreFiles
from queries.database import open_snapshot

MAPPING = """
[booking]
id = "Booking"
status = "'CONFIRMED'"
eventId = "Class || ' ' || Start"
startDate = "Start"
timezone = "'Europe/London'"
[attendance]
bookingId = "Booking"
eventId = "Class || ' ' || Start"
status = "case Result when 'came' then 'ATTENDED' when 'noshow' then 'NOT_ATTENDED' else error('?') end"
"""
ACTS = {
    "unload": ("unload", "2"),
    "replace": ("ingest", "monday.csv", "--mapping", "other.toml", "--replace"),
    "complete": ("ingest", "tuesday.csv", "--mapping", "m.toml", "--complete"),
}
# The rows without the moments in them.
CONTENT = (
    "booking", "attendance", "(select * exclude (quarantined_at) from quarantine)", "load_finding",
    "(select * exclude (content) from replaced_row)",
    "(select * exclude (started_at, finished_at, unloaded_at), unloaded_at is null from load_ledger)",
)  # fmt: skip


def rows(changed: range, left_out: int = 0) -> str:
    """An export in which some bookings are no-shows, and every 50th of the others has a mark that is an error."""
    marks = dict.fromkeys(range(7, 600, 50), "?") | dict.fromkeys(changed, "noshow")
    lines = [f"{n},Yoga,2026-03-{n % 28 + 1:02d} 18:00,{marks.get(n, 'came')}" for n in range(left_out, 600)]
    return "\n".join(["Booking,Class,Start,Result", *lines, ""])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of two loads: the second replaced marks of the first, and took records out of quarantine."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "m.toml").write_text(MAPPING)
    (folder / "other.toml").write_text(f'namespace = "other"\n{MAPPING}')
    files = {"sunday": rows(range(0)), "monday": rows(range(300)), "tuesday": rows(range(100), left_out=50)}
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    with pipeline.open_store(folder / "d.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        for name in ("sunday", "monday"):
            pipeline.ingest(store, [folder / f"{name}.csv"], mapping=folder / "m.toml")
        found = store.connection.execute("select superseded from load_ledger order by load_id").fetchall()
        assert found == [(12,), (0,)]
    return folder


def content_of(file: Path) -> list[object]:
    with closing(open_snapshot(file)) as con:
        return [
            con.execute(f"select count(*), sum(hash(r)::hugeint) from {table} as r").fetchall() for table in CONTENT
        ]


def act(folder: Path, base: Path, words: tuple[str, ...], delay: float | None = None) -> int:
    """Take back in a copy of the base, or go on in it; kill the process after a delay in seconds, if one is given."""
    if not folder.exists():
        shutil.copytree(base, folder)
    process = start(*words, "--db", "d.duckdb", cwd=folder)
    if delay is None:
        return end(process, 120)
    time.sleep(delay)
    process.kill()
    return end(process, 60)


@pytest.mark.parametrize("name", few(ACTS, 1))
@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.long)])
def test_killed_at_any_moment_it_is_done_or_not_begun(base: Path, tmp_path: Path, name: str, kills: int) -> None:
    chance = random.Random(kills)
    before = content_of(base / "d.duckdb")
    began = time.monotonic()
    assert act(tmp_path / "whole", base, ACTS[name]) in (0, 3)
    whole = time.monotonic() - began
    after = content_of(tmp_path / "whole" / "d.duckdb")
    assert after != before
    done = 0
    while done < kills:
        folder = tmp_path / f"{done}"
        shutil.rmtree(folder, ignore_errors=True)
        done += act(folder, base, ACTS[name], chance.uniform(0, whole)) == -signal.SIGKILL
        db = folder / "d.duckdb"
        assert content_of(db) in (before, after)
        found = content_of(StoreFiles(db).work)
        assert found in (before, after)
        # The next writer publishes the commit, if there is one; the doctor holds hashes, journal and the ledger's sums.
        if found == before:
            assert act(folder, base, ACTS[name]) in (0, 3)
        else:
            with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})):
                pass
        assert content_of(db) == content_of(StoreFiles(db).work) == after
        assert diagnose(db).findings == ()
