"""Take texts of days and times apart, in all the ways that exports write them. Nothing is decided here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from pipeline.mapping.weekdays import bare, weekday_of
from pipeline.mapping.words.months import MONTHS
from pipeline.sources.headers import clean_name

_TIME = re.compile(
    r"(\d{1,2})(?:[:.h](\d{2}))?(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*(?:([ap])(?:\.?\s?m\.?)?|uhr|h)?", re.IGNORECASE
)
# ` um 18:30`, ` à 18h30`.
_AT = re.compile(r"(?:at|um|à|a las|alle|alle ore|kl\.?|om|às|o)\s+(?=\d)", re.IGNORECASE)
_ZONE = re.compile(r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_AMBIGUOUS = re.compile(r"(\d{1,2})\s?([-/.\s])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:de\s|of\s)?([^\W\d_]{3,12})\.?,?[\s-]+(?:de\s|del\s)?(\d{4})"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_WORD = re.compile(r"[^\W\d_]{2,14}(?:-feira)?[.,]{0,2}\s+")
# Not `calendar.month_name`, which follows the locale of the process.
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NUMBERS = {name: at for at, names in enumerate(MONTHS, 1) for name in names.split()}


@dataclass(frozen=True, slots=True)
class DayText:
    """A text of a day taken apart: three numbers in the order of the text, or a day that can be read in one way only.

    `rest` is the time behind it in ISO's form, with a blank before it, and with its zone if it names one.
    """

    parts: tuple[int, int, int] | None
    day: str
    rest: str
    weekday: int | None = None
    short_year: bool = False


@lru_cache(maxsize=50_000)
def parse_day(text: str) -> DayText | None:
    """The parts of a text that holds a day, or None if it holds none."""
    plain = " ".join(clean_name(text).split())
    # `mar 5 2026` is in March, `mar 05/10/2026` a Tuesday.
    return _match_shape(plain, None) or _parse_after_weekday(plain)


def _parse_after_weekday(plain: str) -> DayText | None:
    weekday, named = weekday_of(plain), _WORD.match(plain)
    return _match_shape(plain[named.end() :], weekday) if named and weekday is not None else None


def _match_shape(plain: str, weekday: int | None) -> DayText | None:
    for pattern, read in _SHAPES:
        if found := pattern.match(plain):
            rest = _time_behind(plain[found.end() :])
            return None if rest is None else read(found, rest, weekday)
    return None


def _year_first(found: re.Match[str], rest: str, weekday: int | None) -> DayText | None:
    return _unambiguous(int(found[1]), int(found[3]), int(found[4]), rest, weekday)


def _ambiguous(found: re.Match[str], rest: str, weekday: int | None) -> DayText | None:
    year = int(found[4])
    short = len(found[4]) == 2
    return DayText((int(found[1]), int(found[3]), 2000 + year if short else year), "", rest, weekday, short)


def _with_month_name(found: re.Match[str], rest: str, weekday: int | None, day: int, month: int) -> DayText | None:
    number = _NUMBERS.get(bare(found[month]))
    return _unambiguous(int(found[3]), number, int(found[day]), rest, weekday) if number else None


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str, int | None], DayText | None]], ...] = (
    (_YEAR_FIRST, _year_first),
    (_AMBIGUOUS, _ambiguous),
    (_DAY_MONTH, partial(_with_month_name, day=1, month=2)),
    (_MONTH_DAY, partial(_with_month_name, day=2, month=1)),
)


def _unambiguous(year: int, month: int, day: int, rest: str, weekday: int | None) -> DayText | None:
    made = date_of(year, month, day)
    return DayText(None, made.isoformat(), rest, weekday) if made else None


def date_of(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None if there is no such day."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def parse_time(text: str) -> str | None:
    """A time of day as 18:05:00, or None: of `6:05 PM`, `18.05`, `18:05:00` or `6pm`."""
    found = _TIME.fullmatch(" ".join(clean_name(text).split()))
    # A workbook has `0.25` for six in the morning, if the cell is not formatted as a time.
    if not found or not (found[2] or found[5]) or found[0].startswith("0."):
        return None
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if half := (found[5] or "").lower():
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return f"{hour:02d}:{minute:02d}:{second:02d}"


def _time_behind(text: str) -> str | None:
    """The text behind a day: nothing, or a time with a blank before it; None if it is something else."""
    plain = text.strip(" ,;T") if text[:1] in (" ", ",", ";", "T", "") else text
    if not plain:
        return ""
    plain = _AT.sub("", plain, count=1)
    zone = _ZONE.search(plain)
    time = parse_time(plain[: zone.start()] if zone else plain)
    if time is None:
        return None
    offset = (zone[1].upper() if zone else "").replace("UTC", "Z").replace("GMT", "Z")
    return f" {time}{offset}"


def in_words(day: dt.date | None) -> str:
    """A day such as 5 October 2026."""
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}" if day else "no day at all"
