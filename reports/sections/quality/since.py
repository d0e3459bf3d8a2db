"""An earlier report as data and the present one go in; which past figures changed since, and why, comes out. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from queries.errors import UsageError
from reports.page import words
from reports.sections.over_time.content import Point

_COUNTS = ("bookings", "marked", "no_shows")


@dataclass(frozen=True, slots=True)
class ChangedFigure:
    """A period whose figures are other than they were: before, now, and what the counts say happened."""

    label: str
    was: str
    now: str
    why: str


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since an earlier report of the same scope; `unchanged` periods are as they were."""

    as_of: str
    changed: tuple[ChangedFigure, ...]
    unchanged: int
    new: int


def changes_since(earlier: Mapping[str, Any], scope: Mapping[str, Any], unit: str, points: Sequence[Point]) -> Since:
    """Compare the periods of an earlier report (its JSON, decoded) with those of this one.

    Raises `UsageError` where it is no report of noshow, or one of another scope.
    """
    told = _told(earlier, scope)
    if told["unit"] != unit:
        raise UsageError(
            "since.unit", f"the earlier report counts by {told['unit']}, this one by {unit}", "Choose a nearer report"
        )
    known = {point["start"]: point for point in told["points"]}
    here = [(point, known[start]) for point in points if (start := point.start.isoformat()) in known]
    changed = [_changed(point, was) for point, was in here if _differ(point, was)]
    starts = {point.start.isoformat() for point in points}
    gone = [was for start, was in known.items() if start not in starts]
    changed += [_gone(was) for was in gone if was["bookings"] != 0]
    return Since(
        as_of=str(earlier["scope"]["as_of"]),
        changed=tuple(changed),
        unchanged=len(here) + len(gone) - len(changed),
        new=len(points) - len(here),
    )


def _told(earlier: Mapping[str, Any], scope: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        before, course = earlier["scope"], earlier["over_time"]
        points: Mapping[str, Any] = {"unit": course["unit"], "points": course["points"]}
        wrong = [name for name in scope if name != "as_of" and before[name] != scope[name]]
        dt.datetime.fromisoformat(before["as_of"])
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            "since.not_a_report", "the earlier report is no report of noshow as JSON", "Make it with --format json"
        ) from None
    if wrong:
        names = ", ".join(f"{name} was {before[name]!r}, is {scope[name]!r}" for name in wrong)
        raise UsageError(
            "since.scope", f"the earlier report is of another scope: {names}", "Compare reports of the same scope"
        )
    return points


def _differ(point: Point, was: Mapping[str, Any]) -> bool:
    return any(was[name] != getattr(point, name) for name in _COUNTS)


def _gone(was: Mapping[str, Any]) -> ChangedFigure:
    return ChangedFigure(was["label"], _said(was), "nothing due", "its bookings are gone")


def _changed(point: Point, was: Mapping[str, Any]) -> ChangedFigure:
    now = {name: getattr(point, name) for name in _COUNTS}
    return ChangedFigure(point.label, _said(was), _said(now), _why(was, now))


def _said(counts: Mapping[str, Any]) -> str:
    due = "" if counts["bookings"] is None else f", of {words.plural(counts['bookings'], 'booking')}"
    return f"{words.of(counts['no_shows'], counts['marked'])} marked{due}"


def _why(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What the differences of the counts say; the single rows may have changed more."""
    if None in (*(was[name] for name in _COUNTS), *now.values()):
        return "not told where counts are withheld"
    bookings, marked, missed = (now[name] - was[name] for name in _COUNTS)
    said = []
    if bookings > 0:
        said.append(f"{words.plural(bookings, 'booking')} came in late or became due")
    if bookings < 0:
        said.append(f"{words.plural(-bookings, 'booking')} cancelled, moved or removed since")
    if marked > min(0, bookings):
        said.append(f"{words.plural(marked - min(0, bookings), 'booking')} marked since")
    if marked < min(0, bookings):
        said.append(f"{words.plural(min(0, bookings) - marked, 'mark')} taken back")
    if not bookings and not marked and missed:
        said.append(f"{words.plural(abs(missed), 'mark')} corrected at the source")
    return ", ".join(said)
