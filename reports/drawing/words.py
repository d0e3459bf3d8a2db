"""Numbers, dates and names as the report writes them, the same under every locale."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal

from queries.model.groupings import MIDNIGHT

NBSP = "\u00a0"
NO_NAME = "(no name)"
# Of a rate or a difference: on the page in plain words, in a terminal in those of statistics.
RANGE = "likely range"
INTERVAL = f"95{NBSP}% interval"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SHORT_MONTH = 3
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Ratios from the first limit to the second, both included, are called by the words; any other by its number.
RATIOS = (
    (0.225, 0.275, "about a quarter of"),
    (0.3, 0.367, "about a third of"),
    (0.45, 0.55, "about half"),
    (0.9, 0.995, "a little less than"),
    (1.005, 1.1, "a little more than"),
    (1.2, 1.3, "about a quarter more than"),
    (1.4, 1.6, "about one and a half times"),
    (1.8, 2.2, "about twice"),
    (2.35, 2.65, "about two and a half times"),
    (2.7, 3.3, "about three times"),
    (3.6, 4.4, "about four times"),
)
# Controls that no reader sees, but that reorder or break the text around them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Two rates that differ do so within as many decimals of a percentage, unless they are sums of floats.
_MOST_DECIMALS = 10
# A difference with one decimal may be off by half of its last digit, and by the noise of floats.
_EQUAL = 1e-6
_HALF_A_POINT = 0.05 + _EQUAL
# A rate up to this reads well as "1 in n"; above it, n is so small that the rounding would mislead.
_ONE_IN_UP_TO = 2 / 7


def count(number: int | None) -> str:
    """A whole number: 3,708; a dash if it is withheld."""
    return "–" if number is None else f"{number:,}"


def percent(rate: float | None, decimals: int = 1) -> str:
    """A rate as a percentage, with one decimal `11.1 %`; "unknown" if there was nothing to divide."""
    return "unknown" if rate is None else f"{100 * rate:.{decimals}f}{NBSP}%"


def percent_against(rate: float | None, limit: float) -> str:
    """A rate that is held against a limit, with as many decimals as show that they differ: 79.96 % is under 80 %."""
    if rate is None:
        return percent(rate)
    decimals = next((n for n in range(1, _MOST_DECIMALS) if f"{100 * rate:.{n}f}" != f"{100 * limit:.{n}f}"), 1)
    return f"{100 * rate:.{decimals}f}{NBSP}%"


def value(rate: float | None) -> str:
    """A rate for a column to be sorted by; empty if it is unknown."""
    return "" if rate is None else f"{rate:.5f}"


def of(part: int | None, whole: int | None) -> str:
    """Numerator and denominator: 412 of 3,708."""
    return f"{count(part)} of {count(whole)}"


def rate_of(part: int, whole: int, decimals: int = 1) -> str:
    """A rate with its numerator and denominator, `11.1 % (412 of 3,708)`; "nothing marked" for a whole of 0."""
    return f"{percent(part / whole, decimals)} ({of(part, whole)})" if whole else "nothing marked"


def decimals_beside(now: float, before: float) -> int:
    """How many decimals two percentages need beside their difference with one: 13.16 and 13.31 differ by 0.2 points.

    With one decimal, 13.2 and 13.3, they would seem to differ by 0.1.
    """
    difference = round(100 * (now - before), 1)
    fits = (
        n
        for n in range(1, _MOST_DECIMALS)
        if abs(round(100 * now, n) - round(100 * before, n) - difference) < (_HALF_A_POINT if n > 1 else _EQUAL)
    )
    return next(fits, 1)


def interval(low: float | None, high: float | None) -> str:
    """A range of rates: 9.8 % to 12.1 %; "unknown" if there was nothing to divide."""
    return "unknown" if low is None or high is None else f"{percent(low)} to {percent(high)}"


def plural(number: int | None, one: str, many: str | None = None) -> str:
    """A counted noun: 1 booking, 3,708 bookings."""
    return f"{count(number)}{NBSP}{one if number == 1 else many or one + 's'}"


def odds(part: int, whole: int) -> str:
    """How often, for a part of a whole above 0: `About 1 in 9`, `About 4 in 10`, `None`, `All`."""
    if part == 0:
        return "None"
    if part == whole:
        return "All"
    rate = part / whole
    if rate <= _ONE_IN_UP_TO:
        return f"About 1 in {count(round(1 / rate))}"
    tenths = round(10 * rate)
    return "Nearly all" if tenths == 10 else f"About {tenths} in 10"


def points(difference: float) -> str:
    """A difference of two rates in percentage points, with its sign: +3.6 or −1.2 points."""
    return f"{'+' if difference > 0 else '−' if difference < 0 else ''}{abs(100 * difference):.1f}{NBSP}points"


def points_interval(low: float, high: float) -> str:
    """The limits of a difference: −3.0 to +10.2 points."""
    return f"{points(low).removesuffix(f'{NBSP}points')} to {points(high)}"


def money(value: Decimal | float, currency: str | None) -> str:
    """An amount without cents: EUR 14,898."""
    return f"{currency or ''}{NBSP if currency else ''}{value:,.0f}"


def cents(value: Decimal, currency: str | None) -> str:
    """An amount to the cent: EUR 14,898.05. Further decimals of an exact amount are kept: EUR 0.125."""
    exact = f"{value:,.2f}" if value == round(value, 2) else f"{value.normalize():,f}"
    return f"{currency or ''}{NBSP if currency else ''}{exact}"


def times(ratio: float) -> str:
    """How many times as much, in words: about twice within 1.8 to 2.2, else by its number: 1.7 times."""
    return next((name for low, high, name in RATIOS if low <= ratio <= high), f"{ratio:.1f}{NBSP}times")


def capital(text: str) -> str:
    """A text with its first letter in upper case, as at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str], joined_by: str = "and") -> str:
    """A list in words: A, B and C."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joined_by} {names[-1]}"


def clock(moment: dt.datetime) -> str:
    """A local start that sorts as it reads: 2026-01-12 Mon 18:00. Midnight has no time: the source gave a date only."""
    return f"{moment:%Y-%m-%d} {_WEEKDAYS[moment.weekday()]} {moment:%H:%M}".removesuffix(MIDNIGHT)


def weekday(number: int) -> str:
    """The short name of an ISO weekday, 1 is Mon."""
    return _WEEKDAYS[number - 1]


def day(date: dt.date, *, short: bool = False) -> str:
    """A date: 12 January 2026, or 12 Jan 2026."""
    return f"{date.day}{NBSP}{month(date, short=short)} {date.year}"


def month(date: dt.date, *, short: bool = False) -> str:
    """The name of a date's month, in full or its first three letters."""
    name = _MONTHS[date.month - 1]
    return name[:_SHORT_MONTH] if short else name


def iso_week(date: dt.date) -> str:
    """The ISO week of a date: 2026-W03."""
    year, week, _ = date.isocalendar()
    return f"{year}-W{week:02d}"


def moment(instant: dt.datetime) -> str:
    """An aware moment to the minute with its distance from UTC: 12 January 2026, 14:30 (UTC+01:00)."""
    offset = instant.strftime("%z")
    return f"{day(instant.date())}, {instant:%H:%M} (UTC{offset[:3]}:{offset[3:5]})"


def clean(text: str | None, missing: str = NO_NAME) -> str:
    """A text from the data as it is shown: without controls and lone surrogates, or `missing` if nothing is left."""
    seen = _UNSEEN.sub("", text or "").encode("utf-8", "replace").decode().strip()
    return seen or missing
