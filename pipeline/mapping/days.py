"""Write the days and times of a file in ISO's form, once the order of day and month is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import polars as pl

from pipeline.faults import Refused
from pipeline.mapping.date_order import (
    DAY_FIRST,
    HALF_CONVERTED,
    MONTH_FIRST,
    Decision,
    Evidence,
    Open,
    decide,
    two_readings,
)
from pipeline.mapping.day_texts import date_of, parse_day, parse_time
from pipeline.mapping.model import Dates
from pipeline.mapping.weekdays import weekday_of
from pipeline.sources import Chunk
from pipeline.sources.chunks import Warn
from pipeline.sources.headers import clean_name

# The warning of a load that says how its days were read.
DATES_READ = "file.dates: "
_SIGNS = {DAY_FIRST: "day/month/year", MONTH_FIRST: "month/day/year"}
# So many chunks are kept while the first value that decides is looked for; of longer files the rest is read twice.
_CHUNKS_KEPT = 10


class Days:
    """The days and times of one file: which order they are in, and their texts in ISO's form."""

    def __init__(self, dates: Dates, order: str | None, warn: Warn) -> None:
        self._dates = dates
        self._order = order or dates.order
        self._is_given = self._order is not None
        self._forms: dict[str, set[str]] = {}
        self._warn = warn
        self._seen: dict[str, Evidence] = {}

    def read(self, open_chunks: Callable[[], Iterator[Chunk]]) -> Iterator[Chunk]:
        """Yield the chunks of a file with days and times in ISO's form. Raises `Refused` if the order is not clear."""
        if not self._dates.columns and not self._dates.times:
            yield from open_chunks()
            return
        kept, chunks = ([], open_chunks()) if self._order else self._read_until_decided(open_chunks)
        for chunk in chain(kept, chunks):
            if self._order is None:
                self._collect(chunk)
                # The rest is not known yet: only a value decides, since no other evidence is whole.
                self._order = self._decision().order if self._is_settled else None
            yield self._rewrite(chunk)
        self._require_one_form()
        if self._order:
            self._warn(f"{DATES_READ}{self._order}")

    def _read_until_decided(self, open_chunks: Callable[[], Iterator[Chunk]]) -> tuple[list[Chunk], Iterator[Chunk]]:
        """Read on until a value decides, or to the end; return the chunks read and those to come."""
        kept: list[Chunk] = []
        chunks, count = open_chunks(), 0
        for count, chunk in enumerate(chunks, 1):
            self._collect(chunk)
            if count <= _CHUNKS_KEPT:
                kept.append(chunk)
            # A file that begins with thousands of days that read in one way only goes on like that.
            if self._is_settled or not self._seen:
                break
        self._order = self._decision().order if self._seen else None
        return (kept, chunks) if len(kept) == count else ([], open_chunks())

    @property
    def _is_settled(self) -> bool:
        """Whether the rest of the file need not be looked at, since a value has decided."""
        return any(one.decisive for one in self._seen.values())

    def _collect(self, chunk: Chunk) -> None:
        flat = chunk.flat
        if flat is None:
            return
        beside = (
            flat[named[0]].to_list() if (named := _columns_named(flat, self._dates.weekdays)) else [None] * flat.height
        )
        for column in _columns_named(flat, self._dates.columns):
            seen = self._seen.get(column, Evidence())
            for text, weekday in zip(flat[column].to_list(), beside, strict=True):
                if text:
                    seen.add(text, weekday_of(weekday))
            if seen.count:
                self._seen[column] = seen

    def _decision(self) -> Decision:
        """The decision of all columns. Raises `Refused` if it is left open, and dates depend on it."""
        decision = decide(list(self._seen.values()))
        if decision.order is None and decision.reason is not Open.SAME:
            raise _refusal_of(decision)
        return decision

    def _require_one_form(self) -> None:
        """Refuse a column that a spreadsheet turned into dates by half."""
        for column, forms in self._forms.items():
            if {"iso", "sure"} <= forms and "either" not in forms:
                problem, remedy = HALF_CONVERTED
                raise Refused("file.dates_mixed", f"{column}: {problem}", remedy)

    def _rewrite(self, chunk: Chunk) -> Chunk:
        flat = chunk.flat
        if flat is None:
            return chunk
        for name in _columns_named(flat, self._dates.columns):
            texts = flat[name].unique().drop_nulls().to_list()
            self._forms.setdefault(name, set()).update(map(_form, texts))
            flat = _replaced(flat, name, {text: self._day(text) for text in texts})
        for name in _columns_named(flat, self._dates.times):
            flat = _replaced(flat, name, {text: parse_time(text) or text for text in flat[name].unique().drop_nulls()})
        chunk.flat = flat
        return chunk

    def _day(self, text: str) -> str:
        """The text in ISO's form; a text that holds no day stays, and the row with it is set aside."""
        read = parse_day(text)
        if read is None:
            return text
        if read.parts is None:
            return read.day + read.rest
        first, second, year = read.parts
        if self._order is None and first != second:
            raise _refusal_of(Decision(None, "", Open.UNDECIDED, text))
        day, month = (second, first) if self._order == MONTH_FIRST else (first, second)
        made = date_of(year, month, day)
        if made is None and date_of(year, day, month):
            raise _contradicts_option(text, self._order or "") if self._is_given else self._conflicting(text)
        return made.isoformat() + read.rest if made else text

    def _conflicting(self, text: str) -> Refused:
        """The refusal of a text that has another order than the texts before it."""
        seen = list(self._seen.values())
        before = next((text for one in seen for text in one.decisive.values()), next(one.example for one in seen))
        first, other = (text, before) if self._order == MONTH_FIRST else (before, text)
        return _refusal_of(Decision(None, f"{first!r} has the day first and {other!r} the month", Open.MIXED))


def _columns_named(flat: pl.DataFrame, wanted: Sequence[str]) -> list[str]:
    """The columns of these names or of `Notes_2`, their repeats, whatever the case."""
    names = {clean_name(name).lower() for name in wanted}
    return [name for name in flat.columns if name != "record" and name.lower() in names]


def _replaced(flat: pl.DataFrame, name: str, made: dict[str, str]) -> pl.DataFrame:
    changed = {text: iso for text, iso in made.items() if iso != text}
    return flat.with_columns(pl.col(name).replace(changed)) if changed else flat


def _form(text: str) -> str:
    """The form of a text: a day of a spreadsheet, or one that can be read in one order or in either."""
    read = parse_day(text)
    if read is None or read.parts is None:
        return "iso" if read and text[:4].isdigit() else "other"
    first, second, _ = read.parts
    return "sure" if max(first, second) > 12 else "either"


def _refusal_of(decision: Decision) -> Refused:
    if decision.reason is Open.MIXED:
        return Refused("file.dates_mixed", decision.why, "Export the file again, with all dates in one form")
    if decision.reason is Open.YEAR_FIRST:
        return Refused(
            "file.dates_undecided",
            decision.why,
            "Export the dates with four digits for the year, or say the order with --dates day-first or --dates "
            "month-first",
        )
    return Refused(
        "file.dates_undecided",
        f"{decision.example!r} may be {two_readings(decision.example)}, and {Open.UNDECIDED.value}",
        "Say it with --dates day-first or --dates month-first",
    )


def _contradicts_option(text: str, order: str) -> Refused:
    return Refused(
        "file.dates_mixed",
        f"{text!r} is not {_SIGNS[order]}, as --dates {order} says",
        "Leave --dates out, or correct it",
    )
