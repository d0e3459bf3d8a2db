"""Decide the order of day and month by the values of a whole file.

A header never settles it: one and the same report has the day first in one country and the month in another. A value
above 12 does, and so do names of weekdays, and the order of the rows. Everything else is left open, and both readings
of one value are shown to whoever can say it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from pipeline.mapping.day_texts import DayText, date_of, in_words, parse_day
from queries.model.vocabularies import DATE_ORDERS

DAY_FIRST, MONTH_FIRST = DATE_ORDERS
_OTHER = {DAY_FIRST: MONTH_FIRST, MONTH_FIRST: DAY_FIRST}
# By chance the wrong order fits 1 in 49 pairs of weekdays, and 1 in 343 of three. A column of weekdays may belong to
# another column of dates, so it has to fit more often.
_FEWEST_WEEKDAYS, _FEWEST_WEEKDAYS_BESIDE = 2, 3
# The order of the rows counts if so many different days follow each other; fewer may do so by chance.
_FEWEST_IN_ORDER = 10
# And so many of them in each of two years.
_FEWEST_A_YEAR = 3
# In the wrong order days go up and down as if thrown. A file that is sorted by course, and by time in each course, goes
# up with one step down for each course: it is not taken for one that is sorted by time in the other order.
_FEWEST_BACK = 1 / 3

# Where the month is first, a spreadsheet takes `05/10/2026` for the 10th of May, and leaves `25/10/2026` a text.
HALF_CONVERTED = (
    "some days are dates and others texts, as a spreadsheet leaves them that took the day for the month",
    "Export the file again and load it without opening it in a spreadsheet",
)


class Open(Enum):
    """Why the order of day and month is left open."""

    MIXED = "both orders occur"
    YEAR_FIRST = "the year may come first"
    UNDECIDED = "nothing in the file decides it"
    SAME = "every date is the same in either order"


@dataclass(frozen=True, slots=True)
class Decision:
    """`order` is one of `DATE_ORDERS`, with the evidence in words; or None, with the reason, and a text in doubt."""

    order: str | None
    why: str
    reason: Open | None = None
    example: str = ""


@dataclass
class _Steps:
    """Steps forward and backward from row to row, if the days are read in one order."""

    forward: int = 0
    backward: int = 0

    def note(self, before: tuple[object, ...], after: tuple[object, ...]) -> None:
        self.forward += after > before
        self.backward += after < before

    @property
    def is_one_way(self) -> bool:
        return not (self.forward and self.backward)

    @property
    def is_back_and_forth(self) -> bool:
        return min(self.forward, self.backward) >= _FEWEST_BACK * (self.forward + self.backward)


@dataclass
class Evidence:
    """The signs of the order of day and month in one column, in the order of its rows.

    `decisive` is the first text that has no other reading, by order; `example` the first that has two.
    """

    decisive: dict[str, str] = field(default_factory=dict)
    example: str = ""
    count: int = 0
    # Texts such as 26/10/05, of which the year may come first: whether all can be read so, and the numbers in the first
    # and in the last place.
    may_have_year_first: bool = True
    short_example: str = ""
    firsts: set[int] = field(default_factory=set)
    lasts: set[int] = field(default_factory=set)
    # Day, with both readings possible, -> the weekday that is named with it.
    weekdays: dict[tuple[int, int, int], int] = field(default_factory=dict)
    has_weekdays_beside: bool = False
    days: set[tuple[int, int, int]] = field(default_factory=set)
    steps: dict[str, _Steps] = field(default_factory=lambda: {order: _Steps() for order in DATE_ORDERS})
    # Steps between texts of one year, as a list that was sorted by these texts has them.
    text_steps: _Steps = field(default_factory=_Steps)
    _last: tuple[int, int, int] | None = None
    _last_text: str = ""

    def add(self, text: str, weekday: int | None = None) -> None:
        """Look at the next value; `weekday` is the one that stands beside it in the row, from 0 for Monday."""
        read = parse_day(text)
        if read is None or read.parts is None:
            return
        self.count += 1
        orders = _orders(read.parts)
        if len(orders) == 1:
            self.decisive.setdefault(orders[0], text)
        elif len(orders) == 2 and read.parts[0] != read.parts[1]:
            self.example = self.example or text
            named = read.weekday if read.weekday is not None else weekday
            if named is not None:
                self.weekdays.setdefault(read.parts, named)
                self.has_weekdays_beside |= read.weekday is None
        if orders and read.short_year:
            self._note_short(read, text)
        self._note_step(read.parts, text)

    def _note_short(self, read: DayText, text: str) -> None:
        first, second, year = read.parts or (0, 0, 0)
        self.short_example = self.short_example or text
        self.firsts.add(first)
        self.lasts.add(year % 100)
        self.may_have_year_first &= date_of(2000 + first, second, year % 100) is not None

    def _note_step(self, parts: tuple[int, int, int], text: str) -> None:
        before, self._last = self._last, parts
        before_text, self._last_text = self._last_text, text
        self.days.add(parts)
        if before is None or before == parts:
            return
        for order, steps in self.steps.items():
            steps.note(_day(before, order), _day(parts, order))
        if before[2] == parts[2]:
            self.text_steps.note((before_text,), (text,))


def decide(seen: Sequence[Evidence]) -> Decision:
    """The order of day and month in columns that one system wrote, and the evidence for it.

    Values come first, then weekdays, then the order of the rows; each only if all columns agree.
    """
    decisive = {order: text for one in reversed(seen) for order, text in one.decisive.items()}
    if len(decisive) == 2:
        texts = f"{decisive[DAY_FIRST]!r} has the day first and {decisive[MONTH_FIRST]!r} the month"
        return Decision(None, texts, Open.MIXED, decisive[DAY_FIRST])
    if short := _year_first(seen):
        return Decision(None, f"the year may come first in dates such as {short!r}", Open.YEAR_FIRST, short)
    for order, text in decisive.items():
        if {_by_weekdays(one) for one in seen} - {None} == {_OTHER[order]}:
            return Decision(None, f"{text!r} does not fit the weekdays of the others", Open.MIXED, text)
        return Decision(order, f"{text} has no other reading")
    example = next((one.example for one in seen if one.example), "")
    if not example:
        return Decision(None, Open.SAME.value, Open.SAME)
    for signs, why in _SIGNS:
        found = {signs(one) for one in seen} - {None}
        if len(found) == 1:
            return Decision(found.pop(), why)
    return Decision(None, "no value decides it: none is above 12", Open.UNDECIDED, example)


def two_readings(text: str) -> str:
    """A text of a day in both readings: 5 October 2026 or 10 May 2026."""
    read = parse_day(text)
    parts = (read.parts if read else None) or (0, 0, 0)
    return " or ".join(in_words(date_of(*_day(parts, order))) for order in DATE_ORDERS)


def _orders(parts: tuple[int, int, int]) -> list[str]:
    """The orders in which there is such a day."""
    return [order for order in DATE_ORDERS if date_of(*_day(parts, order))]


def _day(parts: tuple[int, int, int], order: str) -> tuple[int, int, int]:
    """Year, month and day of three numbers."""
    first, second, year = parts
    return (year, second, first) if order == DAY_FIRST else (year, first, second)


def _year_first(seen: Sequence[Evidence]) -> str:
    """A text whose year may come first, or nothing: years change at least as much as the numbers that stand first."""
    short = [one for one in seen if one.short_example]
    if not short or not all(one.may_have_year_first for one in short):
        return ""
    firsts = {number for one in short for number in one.firsts}
    lasts = {number for one in short for number in one.lasts}
    return short[0].short_example if len(lasts) >= len(firsts) and firsts != lasts else ""


def _by_weekdays(seen: Evidence) -> str | None:
    named = seen.weekdays
    fitting = [
        order
        for order in DATE_ORDERS
        if all((day := date_of(*_day(parts, order))) and day.weekday() == at for parts, at in named.items())
    ]
    fewest = _FEWEST_WEEKDAYS_BESIDE if seen.has_weekdays_beside else _FEWEST_WEEKDAYS
    return fitting[0] if len(named) >= fewest and len(fitting) == 1 else None


def _by_rows(seen: Evidence) -> str | None:
    """The order in which the rows are in order of time, if nothing else explains them.

    Other rows are in order of time under the wrong reading, too: dates that were sorted as texts, or by the day of the
    month; and one course after the other, each on the same days of several months. So the rows have to go on into
    another year, most of them in months of their own, and neither may the texts be in order.
    """
    years = sorted(Counter(year for *_, year in seen.days).values())
    if len(seen.days) < _FEWEST_IN_ORDER or len(years) < 2 or years[-2] < _FEWEST_A_YEAR or seen.text_steps.is_one_way:
        return None
    for order in DATE_ORDERS:
        months = {_day(parts, order)[:2] for parts in seen.days}
        if (
            seen.steps[order].is_one_way
            and seen.steps[_OTHER[order]].is_back_and_forth
            and len(months) * 2 > len(seen.days)
        ):
            return order
    return None


_SIGNS = (
    (_by_weekdays, "only so do the dates fit the weekdays"),
    (_by_rows, "only so are the rows in order of time"),
)
