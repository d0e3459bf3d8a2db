"""Read another system's list of bookings or its sums, from CSV, Excel, JSON or Parquet as any source is read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import polars as pl

from pipeline.faults import Refused
from pipeline.formats.recognition import read_format
from pipeline.mapping.days import Days
from pipeline.mapping.drafting.vocabulary import is_blank, is_total
from pipeline.mapping.identity import guids
from pipeline.mapping.model import Dates
from pipeline.mapping.reading import read_mapping, shipped_formats
from pipeline.printable import printable, shown
from pipeline.reconciling.their_columns import ListColumns, SumColumns, columns_of
from pipeline.reconciling.their_states import STATES, Words, states_of_flags, states_of_statuses
from pipeline.sources import Chunk, SourceFile, read_chunks, source_files
from pipeline.sources.flattening import flattened
from queries.errors import DataRefused
from queries.model.vocabularies import FORMAT_OF_SUFFIX

_LIST = {"booking_id": pl.String, "date": pl.Date, "state": pl.Int8}
_SUMS_OF = {"part": pl.Int64, "whole": pl.Int64}
# No system counts more, and no whole number of 64 bits is larger than a sum of them.
_MOST = 10**12
_HINT = "A list needs a booking id (and a date and a status), sums need a date or service and no-shows"
_MONTH, _WEEK = re.compile(r"(\d{4})-(\d{2})"), re.compile(r"(\d{4})-?W(\d{2})")


@dataclass(frozen=True, slots=True)
class Theirs:
    """A file as read: `bookings` or `sums`, as `queries.reconcile` takes them, and remarks on how it was read."""

    bookings: pl.DataFrame | None = None
    sums: pl.DataFrame | None = None
    remarks: tuple[str, ...] = ()


def read_theirs(
    file: Path,
    known_ids: Callable[[], Collection[str]],
    words: Words | None = None,
    dates: str | None = None,
    mapping: Path | None = None,
) -> Theirs:
    """Read a list or sums; `known_ids` gives the ids of the bookings in the database, in lower case.

    An id that is not a GUID becomes one as it does when it is loaded: with the namespace of the `mapping`, else of the
    known format in which most of the ids are found. `dates` is the order of day and month, if the file does not show
    it. Raises `InputNotFound` without the file, `DataRefused` if it cannot be read or lacks columns.
    """
    (source, *more), _ = source_files([file])
    if more:
        raise _refused(file, f"it holds {1 + len(more)} files", "Give one of them")
    if source.format is None:
        raise _refused(file, "unknown suffix", f"Files end in {', '.join(FORMAT_OF_SUFFIX)}")
    try:
        # The header decides which columns hold days, so the first chunk is read twice.
        names = next((_names(chunk) for chunk in _flat_chunks(source)), [])
        found = columns_of(names)
        if found is None:
            raise _refused(file, f"neither a list of bookings nor sums, by its columns {_listed(names)}", _HINT)
        rows = _rows(source, found, dates)
    except Refused as error:
        raise _refused(file, error.message, error.hint) from None
    if isinstance(found, SumColumns):
        return _sums(rows, found, file)
    return _list(rows, found, file, _Reading(known_ids, words or Words(), mapping))


@dataclass(frozen=True, slots=True)
class _Reading:
    known_ids: Callable[[], Collection[str]]
    words: Words
    mapping: Path | None


def _flat_chunks(source: SourceFile) -> Iterator[Chunk]:
    for chunk in read_chunks(source, lambda _: None):
        flat = chunk if chunk.flat is not None else flattened(chunk, ())
        if flat.faults:
            fault = flat.faults[0]
            raise Refused("file.record", f"record {fault.record + 1} cannot be read: {fault.message or fault.rule}")
        yield flat


def _rows(source: SourceFile, found: ListColumns | SumColumns, dates: str | None) -> pl.DataFrame:
    days = found.date if isinstance(found, ListColumns) else found.group if found.is_date else None
    reader = Days(Dates((days,) if days else ()), dates, lambda _: None)
    frames = [chunk.flat for chunk in reader.read(lambda: _flat_chunks(source)) if chunk.flat is not None]
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()


def _names(chunk: Chunk) -> list[str]:
    return [name for name in chunk.flat.columns if name != "record"] if chunk.flat is not None else []


def _list(rows: pl.DataFrame, found: ListColumns, file: Path, reading: _Reading) -> Theirs:
    # A line of totals has no booking.
    is_booking = [bool((text or "").strip()) and not is_total(text) for text in rows[found.id]]
    rows = rows.filter(pl.Series(is_booking, dtype=pl.Boolean))
    remarks = []
    try:
        if found.status:
            states = states_of_statuses(rows[found.status].to_list(), reading.words)
        elif found.flag:
            states = states_of_flags(rows[found.flag].to_list(), STATES[found.meaning], reading.words)
        else:
            states = [2] * rows.height
            remarks.append(f"{shown(file)} has no column of a status: each row is taken as a no-show")
    except ValueError as error:
        raise _refused(file, str(error), "Give its meaning with --missed or --came") from None
    ids = _ids(rows[found.id].str.strip_chars(), reading)
    dates = _session_dates(rows[found.date], file) if found.date else [None] * rows.height
    return Theirs(
        pl.DataFrame({"booking_id": ids, "date": dates, "state": states}, schema=_LIST), remarks=tuple(remarks)
    )


def _session_dates(texts: pl.Series, file: Path) -> list[dt.date | None]:
    """The day of each session, None if it is not given. Raises `DataRefused` for a text that is not a date."""
    dates = [_date(text) for text in texts]
    for text, date in zip(texts, dates, strict=True):
        if date is None and not is_blank(text):
            raise _refused(
                file, f"{printable(text, 40)!r} in the column {texts.name} is not a date", "Write 2026-03-02"
            )
    return dates


def _ids(texts: pl.Series, reading: _Reading) -> pl.Series:
    """The ids as GUIDs: as they are, or made with the namespace in which most of them are known."""
    as_guids = [_guid(text) for text in texts]
    if all(as_guids[:100]):
        return pl.Series([guid or text.lower() for guid, text in zip(as_guids, texts, strict=True)], dtype=pl.String)
    known = list(reading.known_ids())
    spaces = [read_mapping(reading.mapping).namespace] if reading.mapping else _namespaces()
    made = [guids(texts, "booking", space, None) for space in spaces]
    return max(made, key=lambda ids: int(ids.is_in(known).sum()))


def _namespaces() -> list[str]:
    return list(dict.fromkeys(read_format(path).namespace for path in shipped_formats()))


def _guid(text: str) -> str | None:
    """A GUID in its usual form, of one with braces or without dashes as well; None for any other text."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _sums(rows: pl.DataFrame, found: SumColumns, file: Path) -> Theirs:
    texts = [str(text or "").strip() for text in rows[found.group]]
    is_sum = pl.Series([bool(text) and not is_total(text) for text in texts])
    groups = [_date(text) if found.is_date else text for text, kept in zip(texts, is_sum, strict=True) if kept]
    if not groups or None in groups:
        raise _refused(file, f"a group in the column {found.group} is not a date", "Write 2026-03-02 or 2026-03")
    kept = rows.filter(is_sum)
    counts = {"part": _counts(kept, found.part, file), "whole": _counts(kept, found.whole, file)}
    frame = pl.DataFrame({"group": groups, **counts}, schema_overrides=_SUMS_OF)
    # Rows of one group, such as those of each location in a week, are one sum: unknown if one of them is.
    sums = [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()) for name in ("part", "whole")]
    return Theirs(sums=frame.group_by("group", maintain_order=True).agg(sums))


def _counts(rows: pl.DataFrame, column: str | None, file: Path) -> list[int | None]:
    """The counts of a column, None for each that is not given. Raises `DataRefused` for anything else."""
    return [None if column is None else _count(text, column, file) for text in rows[column or rows.columns[0]]]


def _count(text: object, column: str, file: Path) -> int | None:
    plain = str("" if text is None else text).strip()
    if is_blank(plain):
        return None
    digits = plain.replace(",", "").removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal()) or int(digits) > _MOST:
        raise _refused(file, f"{printable(plain, 40)!r} in the column {column} is not a count", _HINT)
    return int(digits)


def _date(text: str | None) -> dt.date | None:
    """The day of a text in ISO's form, the first day of a month or week; None for any other."""
    plain = (text or "").strip()
    try:
        if month := _MONTH.fullmatch(plain):
            return dt.date(int(month[1]), int(month[2]), 1)
        if week := _WEEK.fullmatch(plain):
            return dt.date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return dt.date.fromisoformat(plain[:10])
    except ValueError:
        return None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(printable(name, 30) for name in names[:8]) or "(none)"


def _refused(file: Path, problem: str, hint: str) -> DataRefused:
    return DataRefused("reconcile.file", f"{shown(file)}: {problem}", hint)
