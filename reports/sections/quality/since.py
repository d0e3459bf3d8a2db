"""Past figures that changed since an earlier report, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from queries.errors import UsageError
from reports.drawing import words
from reports.sections.over_time.course import Point

_COUNTS = ("bookings", "marked", "no_shows")


@dataclass(frozen=True, slots=True)
class ChangedFigure:
    """A period whose figures changed: before, now, and the reason as far as the counts show it."""

    label: str
    was: str
    now: str
    why: str


@dataclass(frozen=True, slots=True)
class Since:
    """The changes since an earlier report of the same scope, and how many periods are `unchanged`."""

    as_of: str
    changed: tuple[ChangedFigure, ...]
    unchanged: int
    new: int


def changes_since(
    earlier: Mapping[str, Any],
    scope: Mapping[str, Any],
    unit: str,
    points: Sequence[Point],
    is_presumed: bool = False,
) -> Since:
    """Compare the periods of an earlier report (its JSON, decoded) with those of this one.

    `is_presumed`: bookings count without a mark, so no booking is said to be marked since.

    Raises `UsageError` if it is not a report of noshow, or has another scope.
    """
    before = _course_in(earlier, scope)
    if before["unit"] != unit:
        raise UsageError(
            "since.unit",
            f"the earlier report counts by {before['unit']!s:.200}, this one by {unit}",
            "Choose a nearer report",
        )
    known = {point["start"]: point for point in before["points"]}
    here = [(point, known[start]) for point in points if (start := point.start.isoformat()) in known]
    changed = [_changed(point, was, is_presumed) for point, was in here if _differ(point, was)]
    starts = {point.start.isoformat() for point in points}
    gone = [was for start, was in known.items() if start not in starts]
    changed += [_gone(was, is_presumed) for was in gone if was["bookings"] != 0]
    return Since(
        as_of=str(earlier["scope"]["as_of"]),
        changed=tuple(changed),
        unchanged=len(here) + len(gone) - len(changed),
        new=len(points) - len(here),
    )


def points_of(earlier: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The periods of an earlier report (its JSON, decoded), each with start, label, signal and the counts, or None.

    Raises `UsageError` if it is not a report of noshow.
    """
    try:
        points = earlier["over_time"]["points"]
        if not isinstance(points, list) or not all(map(_is_point, points)):
            raise TypeError
    except (KeyError, TypeError):
        raise not_a_report() from None
    return points


def _is_point(value: Any) -> bool:
    """Whether a value has the types of a period: the file may be anything."""
    return (
        isinstance(value["start"], str)
        and isinstance(value["label"], str)
        and (value["signal"] is None or isinstance(value["signal"], str))
        and all(value[name] is None or type(value[name]) is int for name in _COUNTS)
    )


def not_a_report() -> UsageError:
    """The error for a file that is not a report of noshow as JSON."""
    return UsageError(
        "since.not_a_report", "the earlier report is not a noshow report as JSON", "Make it with --format json"
    )


def require_same_scope(earlier: Mapping[str, Any], scope: Mapping[str, Any]) -> None:
    """Raise `UsageError` if an earlier report (its JSON, decoded) is not one of noshow, or has another scope."""
    try:
        before = earlier["scope"]
        wrong = [name for name in scope if name != "as_of" and before[name] != scope[name]]
        dt.datetime.fromisoformat(before["as_of"])
    except (KeyError, TypeError, ValueError):
        raise not_a_report() from None
    if wrong:
        names = ", ".join(f"{name} was {before[name]!r:.200}, is {scope[name]!r:.200}" for name in wrong)
        raise UsageError(
            "since.scope", f"the earlier report is of another scope: {names}", "Compare reports of the same scope"
        )


def _course_in(earlier: Mapping[str, Any], scope: Mapping[str, Any]) -> Mapping[str, Any]:
    points = points_of(earlier)
    require_same_scope(earlier, scope)
    try:
        return {"unit": earlier["over_time"]["unit"], "points": points}
    except KeyError:
        raise not_a_report() from None


def _differ(point: Point, was: Mapping[str, Any]) -> bool:
    return any(was[name] != getattr(point, name) for name in _COUNTS)


def _gone(was: Mapping[str, Any], is_presumed: bool) -> ChangedFigure:
    return ChangedFigure(was["label"], _counts_in_words(was, is_presumed), "no past booking", "its bookings are gone")


def _changed(point: Point, was: Mapping[str, Any], is_presumed: bool) -> ChangedFigure:
    now = {name: getattr(point, name) for name in _COUNTS}
    why = _why_presumed(was, now) if is_presumed else _why(was, now)
    return ChangedFigure(point.label, _counts_in_words(was, is_presumed), _counts_in_words(now, is_presumed), why)


def _counts_in_words(counts: Mapping[str, Any], is_presumed: bool) -> str:
    if is_presumed:
        return f"{words.of(counts['no_shows'], counts['marked'])} bookings"
    due = "" if counts["bookings"] is None else f", of {words.plural(counts['bookings'], 'booking')}"
    return f"{words.of(counts['no_shows'], counts['marked'])} marked{due}"


def _why_presumed(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The differences of due bookings and of no-shows, since a booking counts before anybody marks it."""
    if None in (*(was[name] for name in _COUNTS), *now.values()):
        return "unknown, since counts are withheld"
    bookings, missed = (now[name] - was[name] for name in ("bookings", "no_shows"))
    said = _bookings_since(bookings)
    if missed:
        said.append(f"{words.plural(abs(missed), 'no-show')} {'more' if missed > 0 else 'fewer'}")
    return ", ".join(said) or "excused or marked otherwise since"


def _bookings_since(more: int) -> list[str]:
    if more > 0:
        return [f"{words.plural(more, 'booking')} came in late or are past by now"]
    return [f"{words.plural(-more, 'booking')} cancelled, moved or removed since"] if more < 0 else []


def _why(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The differences of the counts in words; single rows may have changed more, as some changes cancel out.

    With 2 bookings and 1 mark fewer, it says that 1 booking was marked since: the two took up to two marks with them.
    """
    if None in (*(was[name] for name in _COUNTS), *now.values()):
        return "unknown, since counts are withheld"
    bookings, marked, missed = (now[name] - was[name] for name in _COUNTS)
    said = _bookings_since(bookings)
    if marked > min(0, bookings):
        said.append(f"{words.plural(marked - min(0, bookings), 'booking')} marked since")
    if marked < min(0, bookings):
        said.append(f"{words.plural(min(0, bookings) - marked, 'mark')} taken back")
    if not bookings and not marked and missed:
        said.append(f"{words.plural(abs(missed), 'mark')} corrected at the source")
    return ", ".join(said)
