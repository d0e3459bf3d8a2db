"""Look at the columns of a file: the values of each, and the evidence for the order of day and month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from pipeline.mapping.date_order import Evidence, Open, decide
from pipeline.mapping.day_texts import date_of, parse_day
from pipeline.mapping.drafting.vocabulary import nothing
from pipeline.mapping.weekdays import weekday_of

# Values of a column that are counted one by one; a column with more is not a list of words.
MOST_VALUES = 3_000
# Rows that are kept to see which columns identify a visit.
MOST_ROWS = 200_000
# `Mon`, `Monday` and `mon` are seven days in a few spellings.
MOST_WEEKDAYS = 30
_GAP = r"\s?[-./\s]\s?"
_DAY = r"(?:[\p{L}-]{2,20}[.,]{0,2}\s+)?"
_EITHER = rf"^\s*({_DAY}\d{{1,2}}{_GAP}\d{{1,2}}{_GAP}(?:\d{{4}}|\d{{2}}))(?:\D|$)"
_YEAR = rf"^\s*{_DAY}(?:\d{{4}}{_GAP}\d{{1,2}}{_GAP}\d{{1,2}}(?:\D|$)|20\d{{6}}(?:\D|$)|\d{{4}}年)"
_DAY_NAME = r"\d{1,2}\S{0,2}[-./\s]+(?:de\s|of\s)?\p{L}{3,12}\.?,?[-./\s]+(?:de\s|del\s)?\d{4}"
_NAME_DAY = r"\p{L}{3,12}\.?\s\d{1,2}\S{0,2},?\s\d{4}"
_NAMED = rf"^\s*{_DAY}(?:{_DAY_NAME}|{_NAME_DAY})"
# A day that a system has written as a moment: midnight in UTC.
_MIDNIGHT = r"^\s*\d{4}-\d{2}-\d{2}[T ]00:00(?::00(?:\.0+)?)?\s?(?:Z|[+-]00:?00)\s*$"
_TIME = r"(?i)^\s*\d{1,2}(?:[:.h]\d{2}(?:[:.]\d{2})?|\s?[ap]m|h)\s?(?:[ap]\.?\s?m\.?|uhr|h)?\s*$"
_WITH_TIME = r"(?i)\d[\sT,]+(?:\p{L}+\s)?\d{1,2}(?:[:.h]\d{2}|\s?[ap]\.?m|h)"
_NUMBER = r"^[^\d\p{L}]{0,4}(?:[\p{L}$]{1,3}\.?\s?)?[\d.,'’\s]*\d[^\d]{0,5}$"


@dataclass
class Dates:
    """How the values of a column that look like dates are written, by number of values.

    `evidence` is that of the order of day and month in those that are written in numbers.
    """

    numeric: int = 0
    year_first: int = 0
    named: int = 0
    with_time: int = 0
    midnights: int = 0
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def is_half_converted(self) -> bool:
        """Whether days are dates if they can be read in two orders, and texts if they cannot."""
        return self.year_first > 0 and bool(self.evidence.decisive) and not self.evidence.example

    @property
    def are_midnights(self) -> bool:
        """Whether every date is midnight in UTC: a day, which another zone would move to the evening before."""
        return 0 < self.midnights == self.count

    @property
    def count(self) -> int:
        """The number of values that look like dates."""
        return self.numeric + self.year_first + self.named


@dataclass
class Column:
    """A column of the file: its values with their numbers, blank ones apart, in the order of the file."""

    name: str
    rows: int = 0
    blank: int = 0
    times: int = 0
    numbers: int = 0
    values: Counter[str] = field(default_factory=Counter)
    is_cut: bool = False
    dates: Dates = field(default_factory=Dates)

    @property
    def filled(self) -> int:
        """The number of values that are not blank."""
        return self.rows - self.blank

    def share(self, count: int) -> float:
        """A number of values as a share of those that are not blank."""
        return count / self.filled if self.filled else 0.0

    def add(self, texts: pl.Series, weekdays: pl.Series | None = None) -> None:
        """Count the values of a part of the file; `weekdays` are names of weekdays in the same rows."""
        values = texts.str.strip_chars().drop_nulls()
        values = values.filter(values != "")
        self.rows += len(texts)
        self.blank += len(texts) - len(values)
        self.times += int(values.str.contains(_TIME).sum())
        self.numbers += int(values.str.contains(_NUMBER).sum())
        if not self.is_cut:
            self.values.update(values.to_list())
            if self.is_cut or len(self.values) > MOST_VALUES:
                self.is_cut = True
                self.values = Counter(dict(self.values.most_common(MOST_VALUES)))
        _add_dates(self.dates, values, texts, weekdays)


def _add_dates(dates: Dates, values: pl.Series, texts: pl.Series, weekdays: pl.Series | None) -> None:
    dates.year_first += int(values.str.contains(_YEAR).sum())
    dates.named += int(values.str.contains(_NAMED).sum())
    dates.midnights += int(values.str.contains(_MIDNIGHT).sum())
    rows = pl.DataFrame({"text": texts, "beside": weekdays if weekdays is not None else [None] * len(texts)})
    either = rows.with_columns(day=pl.col("text").str.extract(_EITHER, 1)).drop_nulls("day")
    dates.with_time += int(either["text"].str.contains(_WITH_TIME).sum())
    before = dates.evidence.count
    for day, beside in either.select("day", "beside").iter_rows():
        dates.evidence.add(day, weekday_of(beside))
    dates.numeric += dates.evidence.count - before


def _are_weekdays(texts: pl.Series) -> bool:
    found = texts.drop_nulls().unique()
    return 0 < len(found) <= MOST_WEEKDAYS and all(weekday_of(text) is not None for text in found)


def order_of(dates: Dates, others: Iterable[Dates] = ()) -> tuple[str | None, str]:
    """The order of day and month, or None, and the evidence for it in words; None too if there are no dates.

    Where the dates leave it open, `others` of the same file decide, since one system writes them all in one way.
    """
    if not dates.count:
        return None, "none of its values is a date"
    if not dates.numeric:
        if dates.named > dates.year_first:
            return "month by name", "the months have names"
        return "year first", "the year stands first"
    own = decide([dates.evidence])
    if own.order or own.reason in (Open.MIXED, Open.YEAR_FIRST):
        hint = "; if so, write a strptime format such as %y/%m/%d" if own.reason is Open.YEAR_FIRST else ""
        return _in_words(own.order), own.why + hint
    together = decide([dates.evidence, *(other.evidence for other in others if other.numeric)])
    if together.order:
        return _in_words(together.order), f"other dates of the file decide it: {together.why}"
    return None, own.why


def _in_words(order: str | None) -> str | None:
    """`day first` for `day-first`."""
    return order.replace("-", " ") if order else None


def day_of(text: str | None, order: str | None) -> dt.date | None:
    """The day of a text in an order of day and month, or None if that does not settle it."""
    read = parse_day(text) if text else None
    if read is None:
        return None
    if read.parts is None:
        return dt.date.fromisoformat(read.day)
    first, second, year = read.parts
    days = {"day first": date_of(year, second, first), "month first": date_of(year, first, second)}
    return days.get(order or "")


class Profiles:
    """The columns of a file, and its first rows, collected from the parts that it is read in."""

    def __init__(self) -> None:
        self.columns: dict[str, Column] = {}
        self._frames: list[pl.DataFrame] = []
        self._kept = 0
        # Texts that were taken for no value.
        self.nothing: set[str] = set()
        self.rows = 0

    def add(self, flat: pl.DataFrame) -> None:
        """Count the values of the next part of the file, a flat frame."""
        names = [name for name in flat.columns if name != "record"]
        texts = flat.select(names)
        for name in names:
            unknown = texts[name].str.strip_chars().str.to_lowercase().is_in(list(nothing()))
            if unknown.any():
                self.nothing.update(texts[name].filter(unknown).str.strip_chars().to_list())
                texts = texts.with_columns(pl.when(unknown).then(None).otherwise(pl.col(name)).alias(name))
        weekdays = next((texts[name] for name in names if _are_weekdays(texts[name])), None)
        for name in names:
            self.columns.setdefault(name, Column(name)).add(texts[name], weekdays)
        self.rows += flat.height
        if self._kept < MOST_ROWS:
            self._frames.append(texts)
            self._kept += flat.height

    @property
    def frame(self) -> pl.DataFrame:
        """The first rows of the file, at most about `MOST_ROWS`."""
        return pl.concat(self._frames, how="diagonal") if self._frames else pl.DataFrame()
