"""Look at the columns of a file: the values of each, and the evidence for the order of day and month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from pipeline.mapping.day_texts import date_of, taken_apart
from pipeline.mapping.drafting.vocabulary import nothing

# Values of a column that are counted one by one; a column with more is not a list of words.
MOST_VALUES = 3_000
# Rows that are kept to see which columns identify a visit.
MOST_ROWS = 200_000
_GAP = r"\s?[-./\s]\s?"
_DAY = r"(?:\p{L}{2,14}[.,]{0,2}\s+)?"
_SMALL = rf"^\s*{_DAY}(\d{{1,2}}){_GAP}(\d{{1,2}}){_GAP}(?:\d{{4}}|\d{{2}})(?:\D|$)"
_YEAR = rf"^\s*{_DAY}(?:\d{{4}}{_GAP}\d{{1,2}}{_GAP}\d{{1,2}}(?:\D|$)|20\d{{6}}(?:\D|$)|\d{{4}}年)"
_DAY_NAME = r"\d{1,2}\S{0,2}[-./\s]+(?:de\s|of\s)?\p{L}{3,12}\.?,?[-./\s]+(?:de\s|del\s)?\d{4}"
_NAME_DAY = r"\p{L}{3,12}\.?\s\d{1,2}\S{0,2},?\s\d{4}"
_NAMED = rf"^\s*{_DAY}(?:{_DAY_NAME}|{_NAME_DAY})"
_TIME = r"(?i)^\s*\d{1,2}(?:[:.h]\d{2}(?:[:.]\d{2})?|\s?[ap]m|h)\s?(?:[ap]\.?\s?m\.?|uhr|h)?\s*$"
_WITH_TIME = r"(?i)\d[\sT,]+(?:\p{L}+\s)?\d{1,2}(?:[:.h]\d{2}|\s?[ap]\.?m|h)"
_NUMBER = r"^[^\d\p{L}]{0,4}(?:[\p{L}$]{1,3}\.?\s?)?[\d.,'’\s]*\d[^\d]{0,5}$"


# Reading -> the factors of first number, second number and year by which dates are in order.
_READINGS = {
    "day first": (1, 100, 10_000),
    "month first": (100, 1, 10_000),
    "text": (1_000_000, 10_000, 1),
}
# Fewer days may follow each other by chance.
_FEWEST_STEPS = 7


@dataclass
class Dates:
    """How the values of a column that look like dates are written, by number of values.

    `day_first` and `month_first` count values that have only this reading, each with an example.
    """

    numeric: int = 0
    year_first: int = 0
    named: int = 0
    with_time: int = 0
    day_first: int = 0
    month_first: int = 0
    dotted: int = 0
    examples: dict[str, str] = field(default_factory=dict)
    # Steps forward and backward from one date to the next if the day, or the month, is first, and as plain texts.
    steps: dict[str, list[int]] = field(default_factory=lambda: {name: [0, 0] for name in _READINGS})
    last: dict[str, int] = field(default_factory=dict)
    # First numbers, and years of two digits, of values such as 26/10/05.
    short: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    @property
    def may_have_year_first(self) -> bool:
        """Whether years of two digits change more than the numbers before them: then those may be the years."""
        firsts, lasts = self.short
        return len(lasts) > 1 and len(lasts) >= len(firsts)

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

    def add(self, texts: pl.Series) -> None:
        """Count the values of a part of the file."""
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
        _add_dates(self.dates, values)


def _add_dates(dates: Dates, values: pl.Series) -> None:
    dates.year_first += int(values.str.contains(_YEAR).sum())
    dates.named += int(values.str.contains(_NAMED).sum())
    small = values.filter(values.str.contains(_SMALL))
    if small.is_empty():
        return
    parts = small.to_frame("text").with_columns(
        a=pl.col("text").str.extract(_SMALL, 1).cast(pl.Int64),
        b=pl.col("text").str.extract(_SMALL, 2).cast(pl.Int64),
        year=pl.col("text")
        .str.extract(rf"^\s*{_DAY}\d{{1,2}}{_GAP}\d{{1,2}}{_GAP}(\d{{4}}|\d{{2}})", 1)
        .cast(pl.Int64),
    )
    parts = parts.filter(pl.col("a").is_between(1, 31) & pl.col("b").is_between(1, 31))
    dates.numeric += parts.height
    dates.with_time += int(parts["text"].str.contains(_WITH_TIME).sum())
    dates.dotted += int(parts["text"].str.contains(rf"^\s*{_DAY}\d{{1,2}}\.\s?\d{{1,2}}\.").sum())
    short = parts.filter(pl.col("year") < 100)
    dates.short[0].update(short["a"].to_list())
    dates.short[1].update(short["year"].to_list())
    for order, high in (("day first", pl.col("a")), ("month first", pl.col("b"))):
        only = parts.filter(high > 12)
        setattr(dates, order.replace(" ", "_"), getattr(dates, order.replace(" ", "_")) + only.height)
        if only.height:
            dates.examples.setdefault(order, only["text"][0])
    _add_steps(dates, parts)


def _add_steps(dates: Dates, parts: pl.DataFrame) -> None:
    """Count the steps forward and backward from one date to the next, under each reading."""
    for order, factors in _READINGS.items():
        parts_of = zip(("a", "b", "year"), factors, strict=True)
        days = parts.select(pl.sum_horizontal(pl.col(name) * factor for name, factor in parts_of)).to_series()
        before = dates.last.get(order)
        steps = (pl.concat([pl.Series([before], dtype=pl.Int64), days]) if before is not None else days).diff()
        dates.steps[order][0] += int((steps > 0).sum())
        dates.steps[order][1] += int((steps < 0).sum())
        if len(days):
            dates.last[order] = int(days[-1])


def order_of(dates: Dates) -> tuple[str | None, str]:
    """The order of day and month, or None, and the evidence for it in words."""
    if not dates.numeric:
        if dates.named > dates.year_first:
            return "month by name", "the months have names"
        return "year first", "the year stands first"
    if dates.may_have_year_first:
        return None, "the year may come first; if so, write a strptime format such as %y/%m/%d"
    if dates.day_first and dates.month_first:
        examples = f"{dates.examples['day first']} and {dates.examples['month first']}"
        return None, f"both orders occur: {examples}"
    if dates.day_first or dates.month_first:
        order = "day first" if dates.day_first else "month first"
        return order, f"{dates.examples[order]} has no other reading"
    if dates.dotted == dates.numeric:
        return "day first", "dates with points have the day first"
    in_order = {name for name, steps in dates.steps.items() if sum(steps) >= _FEWEST_STEPS and not min(steps)}
    # Dates with the day first that were sorted as texts seem to be in order with the month first: 01/06, 02/03, 03/05.
    fits = [order for order in ("day first", "month first") if order in in_order and in_order != {order, "text"}]
    if len(fits) == 1:
        return fits[0], "only so are the rows in order of time"
    return None, "no value decides it: none is above 12"


def day_of(text: str | None, order: str | None) -> dt.date | None:
    """The day of a text in an order of day and month, or None if that does not settle it."""
    read = taken_apart(text) if text else None
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
        for name in names:
            self.columns.setdefault(name, Column(name)).add(texts[name])
        self.rows += flat.height
        if self._kept < MOST_ROWS:
            self._frames.append(texts)
            self._kept += flat.height

    @property
    def frame(self) -> pl.DataFrame:
        """The first rows of the file, at most about `MOST_ROWS`."""
        return pl.concat(self._frames) if self._frames else pl.DataFrame()
