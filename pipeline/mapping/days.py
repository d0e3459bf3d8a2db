"""Decide the order of day and month by the values of a whole file, and write its days and times in ISO's form.

A header never settles it: one and the same report has the day first in one country and the month in another. A value
above 12 does, and so do names of weekdays, and the order of the rows. If nothing does, the file is refused with both
readings of one value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

import polars as pl

from pipeline.faults import Refused
from pipeline.mapping.day_texts import Text, date_of, in_words, taken_apart, time_of, weekday_of
from pipeline.mapping.model import Dates
from pipeline.sources import Chunk
from pipeline.sources.headers import clean_name
from queries.model.vocabularies import DATE_ORDERS

DAY_FIRST, MONTH_FIRST = DATE_ORDERS
# The warning of a load that says how its days were read.
DATES_READ = "file.dates: "
_SIGNS = {DAY_FIRST: "day/month/year", MONTH_FIRST: "month/day/year"}
# The order of the rows counts if so many days follow each other; fewer may do so by chance.
_FEWEST_IN_ORDER = 8
# So many chunks are held while the first value that decides is looked for; of longer files the rest is read twice.
_HELD = 10


@dataclass
class Evidence:
    """The signs in a file of the order of day and month, as far as it has been read.

    `in_order` are days in the order of the rows, by column, without repeats; `possible` says of each order whether all
    values seen so far can be read in it, and `decisive` is the first value that cannot be read in the other.
    """

    columns: Sequence[str]
    weekdays: Sequence[str] = ()
    decisive: dict[str, str] = field(default_factory=dict)
    example: str = ""
    short_years: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))
    in_order: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)
    by_weekday: dict[str, int] = field(default_factory=lambda: {DAY_FIRST: 0, MONTH_FIRST: 0})

    def add(self, flat: pl.DataFrame) -> None:
        """Look at the values of a chunk."""
        beside = flat[named[0]].to_list() if (named := _held(flat, self.weekdays)) else None
        for column in _held(flat, self.columns):
            for row, text in enumerate(flat[column].to_list()):
                read = taken_apart(text) if text else None
                if read is None or read.parts is None:
                    continue
                weekday = read.weekday if read.weekday is not None else weekday_of(beside[row] if beside else None)
                self._note(column, text, read, weekday)

    def _note(self, column: str, text: str, read: Text, weekday: int | None) -> None:
        first, second, year = read.parts or (0, 0, 0)
        self.example = self.example or text
        can = {DAY_FIRST: date_of(year, second, first), MONTH_FIRST: date_of(year, first, second)}
        orders = [order for order, day in can.items() if day]
        if len(orders) == 1:
            self.decisive.setdefault(orders[0], text)
        if read.short_year:
            self.short_years[0].add(first)
            self.short_years[1].add(year)
        if weekday is not None and len(orders) == 2 and first != second:
            for order in orders:
                day = can[order]
                self.by_weekday[order] += day is not None and day.weekday() == weekday
            self.by_weekday["all"] = self.by_weekday.get("all", 0) + 1
        days = self.in_order.setdefault(column, [])
        if not days or days[-1] != (first, second, year):
            days.append((first, second, year))

    @property
    def is_settled(self) -> bool:
        """Whether the rest of the file need not be looked at, since a value has decided."""
        return bool(self.decisive)

    def order(self) -> str | None:
        """The order of the file, or None if there is nothing to decide. Raises `Refused` if nothing decides."""
        if not self.example:
            return None
        if len(self.decisive) == 2:
            raise _mixed(self.decisive)
        self._require_no_year_first()
        found = next(iter(self.decisive), None) or self._order_by_weekdays() or self._order_by_rows()
        if found is None:
            raise _undecided(self.example)
        return found

    def _require_no_year_first(self) -> None:
        """With `26/10/05` the year may be first: then the last number changes more than the first."""
        firsts, years = self.short_years
        if len(years) > 5 and len(firsts) < len(years):
            raise Refused(
                "file.dates_undecided",
                f"the year may come first in dates such as {self.example!r}",
                "Export the dates with four digits for the year",
            )

    def _order_by_weekdays(self) -> str | None:
        # Two right by chance is 1 in 49 for the wrong order.
        count = self.by_weekday.get("all", 0)
        fitting = [order for order in _SIGNS if count >= 2 and self.by_weekday[order] == count]
        return fitting[0] if len(fitting) == 1 else None

    def _order_by_rows(self) -> str | None:
        found = {order for column in self.in_order if (order := self._order_of_rows(column))}
        return found.pop() if len(found) == 1 else None

    def _order_of_rows(self, column: str) -> str | None:
        days = self.in_order[column]
        if len(set(days)) < _FEWEST_IN_ORDER:
            return None
        by_day = [(year, second, first) for first, second, year in days]
        by_month = [(year, first, second) for first, second, year in days]
        if _follows(by_day) and not _follows(by_month):
            return DAY_FIRST
        # Texts with the day first that were sorted as texts seem to be in the order of time with the month first. Only
        # from one year to the next do the two differ: 11/05/2025, 12/03/2025, 01/04/2026.
        if _follows(by_month) and not _follows(by_day) and not _follows(days):
            return MONTH_FIRST
        return None


def _follows(values: Sequence[object]) -> bool:
    """Whether values go up only, or down only."""
    pairs = list(pairwise(values))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)  # type: ignore[operator]


def _held(flat: pl.DataFrame, wanted: Sequence[str]) -> list[str]:
    """The columns of these names or of `Notes_2`, their repeats, whatever the case."""
    names = {clean_name(name).lower() for name in wanted}
    return [name for name in flat.columns if name != "record" and name.lower() in names]


def _undecided(example: str) -> Refused:
    read = taken_apart(example)
    first, second, year = (read.parts if read else None) or (0, 0, 0)
    one, other = date_of(year, second, first), date_of(year, first, second)
    return Refused(
        "file.dates_undecided",
        f"{example!r} may be {in_words(one)} or {in_words(other)}, and nothing in the file decides it",
        "Say it with --dates day-first or --dates month-first",
    )


def _mixed(decisive: dict[str, str]) -> Refused:
    return Refused(
        "file.dates_mixed",
        f"{decisive[DAY_FIRST]!r} has the day first and {decisive[MONTH_FIRST]!r} the month",
        "Export the file again, with all dates in one form",
    )


class Days:
    """The days and times of one file: which order they are in, and their texts in ISO's form."""

    def __init__(self, dates: Dates, order: str | None, tell: Callable[[str], None]) -> None:
        self._dates = dates
        self._order = order or dates.order
        self._is_said = self._order is not None
        self._forms: dict[str, set[str]] = {}
        self._tell = tell
        self._seen = Evidence(dates.columns, dates.weekdays)

    def read(self, open_chunks: Callable[[], Iterator[Chunk]]) -> Iterator[Chunk]:
        """Yield the chunks of a file with days and times in ISO's form. Raises `Refused` if the order is not clear."""
        if not self._dates.columns and not self._dates.times:
            yield from open_chunks()
            return
        held, chunks = ([], open_chunks()) if self._order else self._decided(open_chunks)
        for chunk in chain(held, chunks):
            if self._order is None:
                self._look(chunk)
                self._order = self._seen.order()
            yield self._written(chunk)
        self._require_one_form()
        if self._order:
            self._tell(f"{DATES_READ}{self._order}")

    def _decided(self, open_chunks: Callable[[], Iterator[Chunk]]) -> tuple[list[Chunk], Iterator[Chunk]]:
        """Read on until a value decides, or to the end; return the chunks read and those to come."""
        held: list[Chunk] = []
        chunks, count = open_chunks(), 0
        for count, chunk in enumerate(chunks, 1):
            self._look(chunk)
            if count <= _HELD:
                held.append(chunk)
            # A file that begins with thousands of days that read in one way only goes on like that.
            if self._seen.is_settled or not self._seen.example:
                break
        self._order = self._seen.order()
        return (held, chunks) if len(held) == count else ([], open_chunks())

    def _look(self, chunk: Chunk) -> None:
        if chunk.flat is not None:
            self._seen.add(chunk.flat)
        if len(self._seen.decisive) == 2:
            raise _mixed(self._seen.decisive)

    def _require_one_form(self) -> None:
        """Refuse a column that a spreadsheet turned into dates by half.

        Where the month is first, a spreadsheet takes `05/10/2026` for the 10th of May, and leaves `25/10/2026` a text.
        """
        for column, forms in self._forms.items():
            if {"iso", "sure"} <= forms and "either" not in forms:
                raise Refused(
                    "file.dates_mixed",
                    f"{column}: some days are dates and others texts, as a spreadsheet leaves them that took the day "
                    "for the month",
                    "Export the file again and load it without opening it in a spreadsheet",
                )

    def _written(self, chunk: Chunk) -> Chunk:
        flat = chunk.flat
        if flat is None:
            return chunk
        for name in _held(flat, self._dates.columns):
            texts = flat[name].unique().drop_nulls().to_list()
            self._forms.setdefault(name, set()).update(map(_form, texts))
            flat = _replaced(flat, name, {text: self._day(text) for text in texts})
        for name in _held(flat, self._dates.times):
            flat = _replaced(flat, name, {text: time_of(text) or text for text in flat[name].unique().drop_nulls()})
        chunk.flat = flat
        return chunk

    def _day(self, text: str) -> str:
        """The text in ISO's form; a text that holds no day stays, and the row with it is set aside."""
        read = taken_apart(text)
        if read is None:
            return text
        if read.parts is None:
            return read.day + read.rest
        if self._order is None:
            raise _undecided(text)
        first, second, year = read.parts
        day, month = (first, second) if self._order == DAY_FIRST else (second, first)
        made = date_of(year, month, day)
        if made is None and date_of(year, day, month):
            if self._is_said:
                raise _not_as_said(text, self._order)
            example = self._seen.decisive.get(self._order, self._seen.example)
            raise _mixed({DAY_FIRST: text, MONTH_FIRST: text, self._order: example})
        return made.isoformat() + read.rest if made else text


def _replaced(flat: pl.DataFrame, name: str, made: dict[str, str]) -> pl.DataFrame:
    changed = {text: iso for text, iso in made.items() if iso != text}
    return flat.with_columns(pl.col(name).replace(changed)) if changed else flat


def _form(text: str) -> str:
    """The form of a text: a day of a spreadsheet, or one that can be read in one order or in either."""
    read = taken_apart(text)
    if read is None or read.parts is None:
        return "iso" if read and text[:4].isdigit() else "other"
    first, second, _ = read.parts
    return "sure" if max(first, second) > 12 else "either"


def _not_as_said(text: str, order: str) -> Refused:
    return Refused(
        "file.dates_mixed",
        f"{text!r} is not {_SIGNS[order]}, as --dates {order} says",
        "Leave --dates out, or correct it",
    )
