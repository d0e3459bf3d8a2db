"""Hold a report to limits, for schedulers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from queries.arguments import checked
from reports.drawing import words
from reports.report import Report
from reports.sections.headline.figures import Headline
from reports.sections.over_time.course import Course, Point
from reports.sections.quality.content import Quality
from reports.sections.quality.since import points_of
from reports.sections.registers.content import Registers
from reports.sections.where.standouts import NO_STANDOUTS, Standouts


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits to hold a report to; None and False ask for nothing. Rates and coverage are shares from 0 to 1."""

    min_coverage: float | None = None
    max_rate: float | None = None
    max_registers: int | None = None
    max_quarantined: int | None = None
    no_new_signal: bool = False
    no_flags: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """A check: its name, the limit and the figure found, whether it passed, and that in words.

    `note` says why a check passed without a figure.
    """

    check: str
    limit: float | None
    found: float | None
    passed: bool
    message: str
    note: str | None = None


# The sections that a check reads beside the headline; None for all of them, since groups are compared like with like.
_SECTIONS: Mapping[str, tuple[str, ...] | None] = {
    "min_coverage": (),
    "max_rate": (),
    "max_registers": ("registers",),
    "max_quarantined": ("quality",),
    "no_new_signal": ("over_time",),
    "no_flags": None,
}


@checked
def sections_for(limits: Limits) -> frozenset[str] | None:
    """The names of the sections that a report needs for the checks asked for; None if it needs all of them."""
    asked = [_SECTIONS[name] for name, limit in asdict(limits).items() if limit is not None and limit is not False]
    if any(sections is None for sections in asked):
        return None
    return frozenset({"headline"}.union(*(sections for sections in asked if sections)))


@checked
def gates(report: Report, limits: Limits, earlier: Mapping[str, Any] | None = None) -> tuple[Gate, ...]:
    """The checks asked for, each passed or failed; an unknown figure fails, one that does not apply passes with a note.

    A new signal is one in the last whole period of the p' chart or, with an earlier report as data, any that it does
    not show.
    """
    headline = report.headline
    found = [
        _coverage(limits.min_coverage, headline),
        _most("max_rate", limits.max_rate, headline.no_show_rate, f"of the {headline.one}s are no-shows"),
        _count("max_registers", limits.max_registers, _registers(report), "past session", " with unmarked bookings"),
        _count("max_quarantined", limits.max_quarantined, _quarantined(report), "record", " in quarantine"),
        _new_signal(report, earlier) if limits.no_new_signal else None,
        _flags(report) if limits.no_flags else None,
    ]
    return tuple(gate for gate in found if gate)


def _registers(report: Report) -> int | None:
    registers = report.content("registers", Registers)
    return registers.sessions if registers else None


def _quarantined(report: Report) -> int | None:
    quality = report.content("quality", Quality)
    return quality.quarantined if quality else None


def _flags(report: Report) -> Gate:
    found = report.content("standouts", Standouts) or NO_STANDOUTS
    named = f" ({'; '.join(each.phrase for each in found.found)})" if found.found else ""
    said = f"{words.plural(len(found.found), 'group')} found to lose more than the others{named}"
    return Gate("no_flags", 0, len(found.found), not found.found, said.replace(words.NBSP, " "))


def _coverage(limit: float | None, headline: Headline) -> Gate | None:
    if limit is None:
        return None
    found = headline.coverage
    if not headline.has_registers:
        # Nothing can be unmarked there, so nothing is amiss; the note keeps that from passing unseen.
        note = f"coverage does not apply: {headline.coverage_reason}"
        return Gate("min_coverage", limit, None, True, note, note)
    said = _in_words(found, "of the due bookings are marked", "at least", limit)
    return Gate("min_coverage", limit, found, found is not None and found >= limit, said)


def _most(check: str, limit: float | None, found: float | None, meaning: str) -> Gate | None:
    if limit is None:
        return None
    return Gate(check, limit, found, found is not None and found <= limit, _in_words(found, meaning, "at most", limit))


def _in_words(found: float | None, meaning: str, bound: str, limit: float) -> str:
    held, asked = words.percent_against(found, limit), words.percent_against(limit, limit if found is None else found)
    return f"{held} {meaning}; {bound} {asked} asked for".replace(words.NBSP, " ")


def _count(check: str, limit: int | None, found: int | None, one: str, more: str = "") -> Gate | None:
    if limit is None:
        return None
    number = found or 0
    said = f"{words.plural(number, one)}{more}; at most {limit:,} asked for"
    return Gate(check, limit, number, number <= limit, said.replace(words.NBSP, " "))


def _new_signal(report: Report, earlier: Mapping[str, Any] | None) -> Gate:
    new = _new_points(report, earlier)
    said = "; ".join(f"{point.label} {point.signal} ({words.percent(point.rate)})" for point in new)
    return Gate("no_new_signal", 0, len(new), not new, (said or "no new signal").replace(words.NBSP, " "))


def _new_points(report: Report, earlier: Mapping[str, Any] | None) -> list[Point]:
    course = report.content("over_time", Course)
    whole = [point for point in course.drawn if point.partial is None] if course else []
    if earlier is None:
        return [point for point in whole[-1:] if point.signal]
    known = {point["start"] for point in points_of(earlier) if point["signal"]}
    return [point for point in whole if point.signal and point.start.isoformat() not in known]
