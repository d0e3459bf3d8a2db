"""The alarms of a report, and those that an earlier report had already: nobody is alarmed twice by one finding.

An alarm is a thing to do, a group with more no-shows than elsewhere, a signal of the chart or a caution. It is the same
as an earlier one if it is about the same thing, whatever its counts are by now: "27 past sessions to fill in" today is
the alarm that was "25 past sessions" yesterday.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.drawing import words
from reports.report import Report
from reports.sections.actions.content import Actions
from reports.sections.actions.kinds import standout_key
from reports.sections.over_time.course import Course
from reports.sections.quality.since import not_a_report, points_of, require_same_scope
from reports.sections.where.standouts import NO_STANDOUTS, Standouts

_GROUP = "group"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm: its kind, the thing it is about, and the finding in words."""

    kind: str
    about: str
    sentence: str

    @property
    def key(self) -> tuple[str, str]:
        """Equal for alarms of the same kind about the same thing."""
        return self.kind, self.about


@dataclass(frozen=True, slots=True)
class News:
    """The alarms since an earlier report (`as_of`, ISO text): the new ones, and those that stand still."""

    as_of: str
    new: tuple[Alarm, ...]
    still: tuple[Alarm, ...]


def alarms_of(report: Report) -> tuple[Alarm, ...]:
    """The alarms of a report in the order of its page, each thing once."""
    found: dict[tuple[str, str], Alarm] = {}
    for alarm in _alarms(report):
        found.setdefault(alarm.key, alarm)
    return tuple(found.values())


def news_of(report: Report, earlier: Mapping[str, Any]) -> News:
    """The alarms of a report, held against an earlier report (its JSON, decoded).

    Raises `UsageError` if that is not a report of noshow, or has another scope.
    """
    require_same_scope(earlier, report.scope)
    known = set(_known(earlier))
    alarms = alarms_of(report)
    return News(
        as_of=str(earlier["scope"]["as_of"]),
        new=tuple(alarm for alarm in alarms if alarm.key not in known),
        still=tuple(alarm for alarm in alarms if alarm.key in known),
    )


def _alarms(report: Report) -> Iterator[Alarm]:
    for caution in report.contents.get("cautions") or ():
        yield Alarm("caution", caution, caution)
    actions = report.content("actions", Actions)
    for action in actions.actions if actions else ():
        yield Alarm(action.kind, action.about, " ".join(filter(None, (action.sentence, action.size))))
    for standout in (report.content("standouts", Standouts) or NO_STANDOUTS).found:
        said = f"More no-shows than elsewhere: {standout.phrase}."
        yield Alarm(_GROUP, standout_key(standout.family, standout.key), said)
    course = report.content("over_time", Course)
    for point in _whole(course) if course else ():
        if point.signal:
            said = f"{words.capital(point.name)}: {words.percent(point.rate)}, {point.signal}."
            yield Alarm("signal", point.start.isoformat(), said)


def _whole(course: Course) -> Sequence[Any]:
    return [point for point in course.drawn if point.partial is None]


def _known(earlier: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of the alarms that an earlier report had; sections that it left out had none."""
    try:
        for caution in earlier.get("cautions") or ():
            yield "caution", str(caution)
        for action in (earlier.get("actions") or {}).get("actions") or ():
            yield str(action["kind"]), str(action.get("about", ""))
        for standout in (earlier.get("standouts") or {}).get("found") or ():
            verdict = standout["verdict"]
            yield _GROUP, standout_key(str(verdict["family"]), str(verdict["key"]))
    except (KeyError, TypeError, AttributeError):
        raise not_a_report() from None
    if earlier.get("over_time") is not None:
        for point in points_of(earlier):
            if point["signal"] and not point.get("partial"):
                yield "signal", point["start"]
