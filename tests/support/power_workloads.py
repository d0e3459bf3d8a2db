"""Work of noshow during which the power is cut, and the conditions that its files must meet afterwards.

Each workload is a program that acknowledges its steps, and a `judge` that asserts of a folder after a cut that readers
find a whole state, that no acknowledged step is missing without being named, and that the work can be finished.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.power_cuts import cuts, record
from support.records import Make

import pipeline
import queries
from pipeline.store.content_state import differing_tables
from pipeline.store.doctor import diagnose, recover
from pipeline.store.files import StoreFiles
from pipeline.store.ledger import hashes
from pipeline.store.renewal import files_that_hold
from pipeline.store.saved_pulls import Terms, begin, saved_parts, saved_pulls
from queries.database import open_snapshot
from queries.errors import DataRefused, InputNotFound, NoshowError

SETTINGS = pipeline.Settings.model_validate({})
NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
DB = "data/attendance.duckdb"
NAME = "Zebulonia"
# The rows after the steps, without the ids and moments that differ from run to run.
_CONTENT = """
    select 'booking', id::varchar, status, starts_at::varchar, null from booking
    union all select 'attendance', booking_id::varchar, event_id, status, number_of_attendees::varchar from attendance
    order by all
"""


@dataclass
class Outcomes:
    """How often something happened after a cut."""

    cuts: int = 0
    old: int = 0
    refused: int = 0
    lost_and_named: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    content: list[Any] = field(default_factory=list, repr=False)


Step = tuple[Callable[..., None], tuple[Any, ...]]


@dataclass(frozen=True)
class Workload:
    """`prepare` makes the folder it starts from, with `loads` loads in it; `judge` looks at a folder after a cut.

    The steps are functions of this module, run in the folder; the database is `DB`.
    """

    prepare: Callable[[Path], None]
    loads: int
    steps: tuple[Step, ...]
    judge: Callable[[Path, int, Outcomes, Workload], None]

    @property
    def program(self) -> str:
        """The steps as a program; each is acknowledged."""
        calls = (f"workloads.{step.__name__}(*{given!r})\nacknowledge('step')\n" for step, given in self.steps)
        return _IMPORTS + "".join(calls)

    def run(self, folder: Path) -> None:
        """Take all steps in a folder, in this process."""
        with contextlib.chdir(folder):
            for step, given in self.steps:
                step(*given)


_IMPORTS = """
import datetime as dt, os, sys
sys.path.insert(0, os.environ["TESTS"])
from pathlib import Path
import pipeline
from support import power_workloads as workloads
"""


def ingest(*files: str) -> None:
    with pipeline.open_store(DB, settings=SETTINGS) as store:
        pipeline.ingest(store, files, now=NOW)


def mark(number: int, status: str) -> None:
    record = Make.attendance(number, status)
    del record["id"]
    with pipeline.open_store(DB, settings=SETTINGS) as store:
        pipeline.set_attendance(store, {"attendance": record}, now=NOW)


def erase() -> None:
    pipeline.erase(DB, Make.guid(7, 4), [f"{NAME}@example.com"], now=NOW)


def unload(number: int) -> None:
    with pipeline.open_store(DB, settings=SETTINGS) as store:
        pipeline.unload(store, [number])


def _no_database(folder: Path) -> None:
    _write(folder / "bookings.ndjson", [_booking(number) for number in range(30)])
    _write(folder / "marks.ndjson", [Make.attendance(number) for number in range(20)])
    _write(folder / "later.ndjson", [Make.attendance(number, "NOT_ATTENDED", 0) for number in range(20, 30)])


def _booking(number: int) -> dict[str, Any]:
    if number != 7:
        return Make.booking(number)
    person = {"contactId": Make.guid(7, 4), "firstName": NAME, "lastName": NAME, "email": f"{NAME}@example.com"}
    return Make.booking(number, contactDetails=person)


def _bookings_loaded(folder: Path) -> None:
    _no_database(folder)
    with pipeline.open_store(folder / DB, settings=SETTINGS) as store:
        pipeline.ingest(store, [folder / "bookings.ndjson"], now=NOW)


def _marks_loaded(folder: Path) -> None:
    _bookings_loaded(folder)
    for name in ("marks", "later"):
        with pipeline.open_store(folder / DB, settings=SETTINGS) as store:
            pipeline.ingest(store, [folder / f"{name}.ndjson"], now=NOW)


def _write(file: Path, records: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")


def _judge_loads(folder: Path, done: int, outcomes: Outcomes, workload: Workload) -> None:
    """Readers see all loads that were acknowledged; a writer has them too, or refuses and `--recover` names them."""
    db = folder / DB
    before = workload.loads
    if done or before:
        with closing(queries.connect(db)) as readers:
            seen = set(hashes(readers))
            assert differing_tables(readers) == [], "readers see half a load"
        assert len(seen) >= before + done, "readers do not see what was acknowledged"
        outcomes.old += len(seen) < before + len(workload.steps)
    open_again(db, before + done, outcomes)
    if outcomes.cuts % 3 == 0:
        workload.run(folder)
        assert content_of(db) == outcomes.content, "the work cannot be finished"


def open_again(db: Path, acknowledged: int, outcomes: Outcomes) -> None:
    """Open for writing, after `--recover` if it is refused; assert that acknowledged loads are there or named."""
    findings = diagnose(db).findings if db.parent.exists() else ()
    for finding in findings:
        outcomes.findings[finding.code] = outcomes.findings.get(finding.code, 0) + 1
    refused: NoshowError | None = None
    try:
        known = _opened(db)
    except NoshowError as error:
        refused = error
    if refused:
        outcomes.refused += 1
        assert refused.hint, refused
        assert any(finding.is_problem for finding in findings), f"the doctor finds nothing, and yet: {refused}"
        recovery = recover(db, SETTINGS, "again")
        known = _opened(db) + len(recovery.lost)
        outcomes.lost_and_named += bool(recovery.lost)
        assert not [finding for finding in diagnose(db).findings if finding.is_problem]
    assert known >= acknowledged, "an acknowledged load is missing, and nobody says so"


def _opened(db: Path) -> int:
    with pipeline.open_store(db, settings=SETTINGS) as store:
        assert differing_tables(store.connection) == []
        return len(set(hashes(store.connection)))


def content_of(db: Path) -> list[Any]:
    """The rows that the steps lead to."""
    with closing(open_snapshot(db)) as connection:
        return connection.execute(_CONTENT).fetchall()


def _judge_erasure(folder: Path, done: int, outcomes: Outcomes, workload: Workload) -> None:
    """Once acknowledged, no file of the store has the person; before, erasing again succeeds."""
    db = folder / DB
    files = StoreFiles(db)
    with closing(queries.connect(db)) as readers:
        assert differing_tables(readers) == []
    if done:
        assert files_that_hold([*files.everything(), *saved_parts(db)], [NAME]) == []
    outcomes.old += not done
    open_again(db, workload.loads, outcomes)
    try:
        pipeline.erase(db, Make.guid(7, 4), now=NOW)
    except InputNotFound:
        assert done
    assert files_that_hold([*files.everything(), *saved_parts(db)], [NAME]) == []


def _judge_mending(folder: Path, done: int, outcomes: Outcomes, workload: Workload) -> None:
    """Readers never notice, and recovering again succeeds: every load is in the snapshot."""
    db = folder / DB
    with closing(queries.connect(db)) as readers:
        assert len(hashes(readers)) == workload.loads
    open_again(db, workload.loads, outcomes)
    outcomes.old += not done


def _judge_unload(folder: Path, done: int, outcomes: Outcomes, workload: Workload) -> None:
    """Readers see the database with the load or without it, and once acknowledged without; it can be finished."""
    db = folder / DB
    with closing(queries.connect(db)) as readers:
        assert differing_tables(readers) == [], "readers see half of it taken back"
    is_old = content_of(db) != outcomes.content
    assert not (done and is_old), "readers do not see what was acknowledged"
    outcomes.old += is_old
    open_again(db, workload.loads, outcomes)
    with contextlib.suppress(DataRefused), contextlib.chdir(folder):
        unload(workload.loads)
    assert content_of(db) == outcomes.content, "the work cannot be finished"


def begin_pull() -> None:
    begin(Path(DB), Terms(NOW, "site"))


def add_page(number: int) -> None:
    (pull,) = saved_pulls(Path(DB))
    pull.add_page("bookings", json.dumps({"page": number, "text": str(number) * 3000}).encode())


def _judge_pull(folder: Path, done: int, outcomes: Outcomes, workload: Workload) -> None:
    """Every acknowledged page is there, in order, and none is half there."""
    pages = [page["page"] for pull in saved_pulls(folder / DB) for page in pull.pages("bookings")]
    assert pages == list(range(len(pages)))
    assert len(pages) >= done - 1, "an acknowledged page is gone"
    outcomes.old += len(pages) < len(workload.steps) - 1


def mend() -> None:
    recover(Path(DB), SETTINGS, f"stamp-{os.getpid()}-{time.monotonic_ns()}")


def _work_file_torn(folder: Path) -> None:
    _marks_loaded(folder)
    work = StoreFiles(folder / DB).work
    data = bytearray(work.read_bytes())
    data[12_288:16_384] = bytes(4096)
    work.write_bytes(data)


_FILES = ("bookings.ndjson", "marks.ndjson", "later.ndjson")
_INGEST: tuple[Step, ...] = tuple((ingest, (file,)) for file in _FILES)
_MARKS: tuple[Step, ...] = tuple((mark, (number, ("ATTENDED", "NOT_ATTENDED")[number % 2])) for number in range(1, 5))
# The first three are published whole, the others by copying the blocks that changed to an old snapshot.
_MORE_MARKS: tuple[Step, ...] = tuple((mark, (number, "ATTENDED")) for number in range(1, 8))
_PAGES: tuple[Step, ...] = ((begin_pull, ()), *((add_page, (number,)) for number in range(8)))

WORKLOADS = {
    "the first loads": Workload(_no_database, 0, _INGEST, _judge_loads),
    "loads": Workload(_bookings_loaded, 1, _INGEST[1:], _judge_loads),
    "marks": Workload(_bookings_loaded, 1, _MARKS, _judge_loads),
    "marks by blocks": Workload(_bookings_loaded, 1, _MORE_MARKS, _judge_loads),
    "erase": Workload(_marks_loaded, 3, ((erase, ()),), _judge_erasure),
    "unload": Workload(_marks_loaded, 3, ((unload, (3,)),), _judge_unload),
    "saved pulls": Workload(_no_database, 0, _PAGES, _judge_pull),
    "doctor --recover": Workload(_work_file_torn, 3, ((mend, ()),), _judge_mending),
}


def cut_each(name: str, folder: Path, times: int, seed: int) -> Outcomes:
    """Cut the power at random moments of a workload, finish it each time, and assert that nothing is lost or half."""
    workload, outcomes, base = WORKLOADS[name], Outcomes(), folder / "base"
    base.mkdir()
    workload.prepare(base)
    recording = record(workload.program, base, folder / "recording")
    assert len(recording.acknowledged) == len(workload.steps)
    outcomes.content = content_of(recording.folder / DB) if (recording.folder / DB).exists() else []
    for moment, acknowledged in cuts(recording, folder / "cut", times, seed):
        try:
            workload.judge(folder / "cut", len(acknowledged), outcomes, workload)
        except Exception as error:
            raise AssertionError(f"after {moment} of {len(recording.calls)} calls: {error}") from error
        outcomes.cuts += 1
    return outcomes
