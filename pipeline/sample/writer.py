"""Write the files of the sample, record by record, so that memory does not grow with its size."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from typing import IO

import msgspec

from pipeline.sample.business import SERVICES
from pipeline.sample.calendar import Occurrence, occurrences
from pipeline.sample.flaws import ATTENDANCE_FLAWS, BOOKING_FLAWS, Flaw, line
from pipeline.sample.habits import Plan, came, known_by, no_show_chance, plan, register_kept
from pipeline.sample.records import (
    Record,
    attendance_record,
    booking_record,
    guid,
    service_record,
    session_record,
)

DAYS = 364
_DAYS_AHEAD = 14
# The bookings that one timetable gets in a year; a larger chain runs several copies of it side by side.
_BOOKINGS_A_COPY = 8_000
_FLAW_EVERY = 180


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """The files written, in the best order of reading them, each with its number of records."""

    records: dict[Path, int]


def write_sample(out: Path, *, until: dt.date, bookings: int = 5000, seed: int = 1, days: int = DAYS) -> SampleFiles:
    """Write about `bookings` bookings of the `days` up to `until` and of the two weeks after, into the folder `out`.

    The same arguments give the same bytes. Memory is the same for any number of bookings.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "services.json").write_bytes(msgspec.json.encode({"services": [service_record(s) for s in SERVICES]}))
    with ExitStack() as stack:
        files = {name: stack.enter_context(_Lines(out / f"{name}.ndjson")) for name in _FILES}
        _Sample(files, bookings, seed, until, days).write()
        return SampleFiles({out / "services.json": len(SERVICES)} | {f.path: f.written for f in files.values()})


_FILES = ("sessions", "bookings", "extended-bookings", "attendances")


class _Lines:
    """A file that counts its lines, and gives every 180th record the next of its flaws, if it has any."""

    def __init__(self, path: Path) -> None:
        flaws = {"attendances": ATTENDANCE_FLAWS, "bookings": BOOKING_FLAWS}.get(path.stem, {})
        self.path = path
        self.written = 0
        self._flaws: Iterator[Flaw] = cycle(flaws.values())
        self._spoils = bool(flaws)
        self._records = 0

    def __enter__(self) -> _Lines:
        self._stream: IO[bytes] = self.path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def write(self, record: Record) -> None:
        self._records += 1
        spoilt = self._spoils and self._records % _FLAW_EVERY == 0
        for text in next(self._flaws)(record) if spoilt else [line(record)]:
            self._stream.write(text + b"\n")
            self.written += 1


class _Sample:
    """One run over the calendar that gives every session its share of bookings, and each booking its course."""

    def __init__(self, files: dict[str, _Lines], bookings: int, seed: int, until: dt.date, days: int) -> None:
        self._files = files
        self._wanted = bookings
        self._seed = seed
        self._until = until
        self._rng = Random(f"{seed}/bookings")
        self._contacts = max(40, bookings // 6)
        self._made = 0
        first = until - dt.timedelta(days=days - 1)
        copies = max(1, round(bookings * DAYS / days / _BOOKINGS_A_COPY))
        self._calendar: Callable[[], Iterator[Occurrence]] = lambda: occurrences(
            first, until + dt.timedelta(days=_DAYS_AHEAD), copies, seed
        )

    def write(self) -> None:
        """Give each session the share of bookings that its demand has in the total, which a first pass adds up."""
        total = sum(session.demand for session in self._calendar())
        reached = 0.0
        for session in self._calendar():
            reached += session.demand
            # Rounded on the running sum, so that the shares add up: demands of 1.5, 1.5 and 1 for 4 bookings give
            # running sums of 1, 3 and 4, and shares of 1, 2 and 1. The 1e-9 is for floats just below a whole number.
            share = int(reached / total * self._wanted + 1e-9) - self._made
            self._write_session(session, min(share, session.slot.service.capacity))

    def _write_session(self, session: Occurrence, share: int) -> None:
        cancelled = self._rng.random() < 0.012
        sessions = session.course() if session.slot.weeks else [session]
        if session.slot.service.type != "APPOINTMENT":
            for number, one in enumerate(sessions):
                self._files["sessions"].write(session_record(one, share, cancelled and number == 0))
        kept = [register_kept(one, self._until, self._rng) for one in sessions]
        marked = [one for one, k in zip(sessions, kept, strict=True) if k and one.start.date() <= self._until]
        if cancelled:
            marked = [one for one in marked if one is not session]
        for _ in range(share):
            self._write_booking(session, marked)

    def _write_booking(self, session: Occurrence, marked: list[Occurrence]) -> None:
        rng = self._rng
        contact = int(self._contacts * rng.random() ** 1.7)
        booking_id = guid(self._seed, "booking", self._made)
        self._made += 1
        story = known_by(self._until, plan(session, rng))
        marks = [mark for one in marked if (mark := self._mark(one, booking_id, contact, story))]
        if session.slot.service.type == "APPOINTMENT":
            record: Record = {"booking": booking_record(session, booking_id, contact, story)}
            kept = ("id", "status", "numberOfAttendees")
            beside = {"attendance": {name: marks[0][name] for name in kept}} if marks else {}
            self._files["extended-bookings"].write(record | beside)
            return
        # A moved booking is in next week's session; a mark left behind stays on the old one.
        stands = session.weeks_later(1) if story.moved else session
        self._files["bookings"].write(booking_record(stands, booking_id, contact, story))
        for mark in marks:
            self._files["attendances"].write(mark)

    def _mark(self, session: Occurrence, booking_id: str, contact: int, story: Plan) -> Record | None:
        rng = self._rng
        if story.status != "CONFIRMED" or rng.random() < 0.01:
            return None
        if rng.random() < 0.01:
            return attendance_record(booking_id, session, "NOT_SET", 1)
        if rng.random() < no_show_chance(session, story.created, contact):
            return attendance_record(booking_id, session, "NOT_ATTENDED", rng.choice((0, 1)))
        return attendance_record(booking_id, session, "ATTENDED", came(story.party, rng))
