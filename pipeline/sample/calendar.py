"""List the sessions that the timetable gives for a range of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from zoneinfo import ZoneInfo

from pipeline.sample.business import TIMETABLE, Slot, season


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A session, or the first session of a course: its slot, its start, and its copy.

    A large chain runs several copies of the timetable side by side. `run` is the first day of the session's course.
    """

    slot: Slot
    number: int
    copy: int
    run: dt.date
    start: dt.datetime
    demand: float

    @property
    def end(self) -> dt.datetime:
        """The end, in the session's time zone."""
        return self.start + dt.timedelta(minutes=self.slot.service.minutes)

    @property
    def event_id(self) -> str:
        """An opaque id, the same each time."""
        return f"event-{self.number:03d}-{self.copy:08d}-{self.start:%Y%m%dT%H%M}-calendar"

    @property
    def schedule_id(self) -> str:
        """The id of the schedule: a class keeps one, each run of a course has its own."""
        run = f"-{self.run:%Y%m%d}" if self.slot.weeks else ""
        return f"schedule-{self.number:03d}-{self.copy:06d}{run}"

    def weeks_later(self, weeks: int) -> Occurrence:
        """The session of the same slot some weeks later, at the same local time."""
        return replace(self, start=self.start + dt.timedelta(weeks=weeks))

    def course(self) -> list[Occurrence]:
        """All sessions of the course that starts with this one."""
        return [self.weeks_later(week) for week in range(self.slot.weeks)]


def occurrences(first: dt.date, last: dt.date, copies: int, seed: int) -> Iterator[Occurrence]:
    """List the sessions from the first to the last day, in order; a course appears once, as its first session."""
    # Its own random numbers: the calendar is walked twice and must be the same both times.
    rng = Random(f"{seed}/calendar")
    for offset in range((last - first).days + 1):
        day = first + dt.timedelta(days=offset)
        for number, slot in enumerate(TIMETABLE):
            # A course of 10 weeks starts again every 12 weeks.
            if day.weekday() not in slot.weekdays or (slot.weeks and (offset // 7) % (slot.weeks + 2)):
                continue
            for time in slot.times:
                start = dt.datetime.combine(day, dt.time.fromisoformat(time), ZoneInfo(slot.location.zone))
                for copy in range(copies):
                    yield Occurrence(slot, number, copy, day, start, slot.demand * season(day) * rng.uniform(0.5, 1.5))
