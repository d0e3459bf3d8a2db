"""Visits, and the ways in which locales and spreadsheets write them in tables."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

# A booking as it is expected: start in UTC or None, status, mark or None.
Booking = tuple[dt.datetime | None, str, str | None]
Marks = dict[bool | None, str | None]
BOTH: Marks = {True: "ATTENDED", False: "NOT_ATTENDED", None: "NOT_SET"}
ARRIVALS: Marks = {True: "ATTENDED", False: "NOT_SET", None: "NOT_SET"}
NO_SHOWS: Marks = {True: "NOT_SET", False: "NOT_ATTENDED", None: "NOT_SET"}


@dataclass(frozen=True)
class Visit:
    """The facts in a row of an export: `came` is True, False or None for nobody knows."""

    number: str
    name: str
    start: dt.datetime
    booked: dt.datetime
    came: bool | None
    is_off: bool


@dataclass(frozen=True)
class Locale:
    """How days, times and decimals are written, and how the table is.

    `words` are the names of columns in another language; `written` are the days that were written.
    """

    day: str
    time: str
    separator: str
    encoding: str
    quoting: int
    before: str
    end: str
    decimal: str
    words: dict[str, str] = field(default_factory=dict)
    written: list[dt.datetime] = field(default_factory=list)

    def moment(self, at: dt.datetime, between: str = " ") -> str:
        return f"{self.date(at)}{between}{self.clock(at)}"

    def clock(self, at: dt.datetime) -> str:
        return at.strftime(self.time).lower() if self.time.endswith("p") else at.strftime(self.time)

    def date(self, at: dt.datetime) -> str:
        self.written.append(at)
        return at.strftime(self.day)

    def price(self, cents: int) -> str:
        return f"{cents // 100}{self.decimal}{cents % 100:02d}"

    @property
    def dates(self) -> str:
        """The order of day and month, as an option gives it."""
        return "month-first" if self.day.startswith("%m") else "day-first"

    @property
    def leaves_days_open(self) -> bool:
        """Whether the days that were written can be read in two orders."""
        if "%m" not in self.day or self.day.startswith("%Y"):
            return False
        days = {at.day for at in self.written} or {31}
        # 25/10/26 may be in 2025, if no other day says that the last number is the year.
        year_first = self.day == "%d/%m/%y" and len(days) <= len({at.year for at in self.written})
        return max(days) <= 12 or year_first


Cells = Callable[[Visit, Locale], dict[str, str]]
Writer = Callable[[list[Visit], Locale, random.Random], tuple[str, bytes, Counter[Booking]]]


def bookings_of(made: Sequence[Visit], marks: Marks | None, has_cancellations: bool = True) -> Counter[Booking]:
    return Counter(
        (
            visit.start,
            "CANCELED" if visit.is_off and has_cancellations else "CONFIRMED",
            marks[None if visit.is_off else visit.came] if marks else None,
        )
        for visit in made
    )


def table(rows: Sequence[dict[str, str]], x: Locale, before: str | None = None) -> tuple[str, bytes]:
    """The end of the file's name, and the table; `before` stands in the lines above its header."""
    text = io.StringIO()
    names = {name: x.words.get(name, name) for name in rows[0]}
    writer = csv.DictWriter(text, [*names], delimiter=x.separator, quoting=x.quoting, lineterminator=x.end)  # type: ignore[arg-type]
    writer.writerow(names)
    writer.writerows(rows)
    if before is None:
        before = f"sep={x.separator}\n" if x.before == "sep" else x.before
    return "txt" if x.separator == "\t" else "csv", (before.replace("\n", x.end) + text.getvalue()).encode(x.encoding)


def line(values: Sequence[str], x: Locale) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=x.separator, quoting=x.quoting, lineterminator="\n").writerow(values)  # type: ignore[arg-type]
    return text.getvalue()


def flat(cells: Cells, marks: Marks | None, has_cancellations: bool = True) -> Writer:
    """A writer of a table with a row for each visit."""

    def write(made: list[Visit], x: Locale, _: random.Random) -> tuple[str, bytes, Counter[Booking]]:
        return *table([cells(visit, x) for visit in made], x), bookings_of(made, marks, has_cancellations)

    return write
