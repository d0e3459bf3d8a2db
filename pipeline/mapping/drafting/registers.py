"""Recognise a register, with a row for each person and a column for each session, and look at its cells as rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import polars as pl

from pipeline.mapping.day_texts import parse_day
from pipeline.mapping.drafting.profile import Profiles
from pipeline.mapping.drafting.vocabulary import is_total
from pipeline.mapping.model import COLUMN, VALUE

# The name in [let] for the day that is in the name of a column, if more than the day is.
DAY = "session_day"
# One column called like a date may be anything, two are the fewest that make a register.
_FEWEST = 2
_CELLS = 400_000
# `05/10/2026`, `2026-10-05`, and `5 Okt. 2026`, `5 de octubre de 2026`.
_NAMED = r"\d{1,2}\.? (?:de )?[^\W\d_]{3,12}\.? (?:de )?\d{4}"
_WHOLE = re.compile(rf"\d{{1,2}}[-./]\d{{1,2}}[-./](?:\d{{4}}|\d{{2}})|\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}}|{_NAMED}")
_TIME = r"[ T,]+\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s?[aApP]\.?[mM]\.?)?"
_TIME_BEHIND = re.compile(_TIME)
# The date with the time behind it, for DuckDB and Polars, whose letters are \p{L}.
_MOMENT = f"(?:{_WHOLE.pattern})(?:{_TIME})?".replace(r"[^\W\d_]", r"\p{L}")
_SIGNS = "[]*?"


@dataclass(frozen=True)
class Register:
    """The sessions of a register: their `columns`, and `patterns` that fit these and no others.

    `day` is the column of the cells' rows that holds the session's date: `_column`, or `DAY` with its SQL in `let`.
    `end` is the first value of rows of totals at the end, if there are any.
    """

    columns: tuple[str, ...]
    patterns: tuple[str, ...]
    day: str
    let: str = ""
    end: str = ""


def register_of(profiles: Profiles) -> Register | None:
    """The register that a file is, by the dates in the names of its columns, or None."""
    names = list(profiles.columns)
    columns = [name for name in names if _date_in(name)]
    if len(columns) < _FEWEST or len(columns) == len(names):
        return None
    is_plain = all(_is_date_alone(name) for name in columns)
    let = "" if is_plain else f"regexp_extract({COLUMN}, '{_MOMENT}')"
    return Register(
        tuple(columns), _patterns(columns, names), COLUMN if is_plain else DAY, let, _end(profiles.frame, columns)
    )


def cells_of(profiles: Profiles, register: Register) -> Profiles:
    """The profiles of the rows that the cells become: the other columns, the day of the session, and `_value`."""
    frame = profiles.frame.head(max(1, _CELLS // len(register.columns)))
    if register.end:
        frame = frame.filter(~_first_values(frame).str.starts_with(register.end).fill_null(value=False))
    others = [name for name in frame.columns if name not in register.columns]
    cells = frame.unpivot(list(register.columns), index=others, variable_name=COLUMN, value_name=VALUE)
    if register.let:
        day = cells[COLUMN].str.extract(f"({_MOMENT})", 1).alias(DAY)
        cells = cells.drop(COLUMN).insert_column(len(others), day)
    found = Profiles()
    found.nothing = profiles.nothing
    found.add(cells)
    return found


def _date_in(name: str) -> re.Match[str] | None:
    """The date in the name of a column, or None; `10 Punkte 2026` names no month."""
    found = _WHOLE.search(name)
    return found if found and parse_day(found[0]) else None


def _is_date_alone(name: str) -> bool:
    found = _date_in(name.strip())
    return (found is not None and found.start() == 0) and (
        found.end() == len(name.strip()) or _TIME_BEHIND.fullmatch(name.strip()[found.end() :]) is not None
    )


def _patterns(columns: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Patterns for the columns of this file and the next one: `[0-9][0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]`.

    The names themselves if the patterns would fit other columns too, or if signs of patterns are in them.
    """
    if any(sign in name for name in columns for sign in _SIGNS):
        return tuple(columns)
    found = [(name, date) for name in columns if (date := _date_in(name))]
    # The next file has other months.
    made = {re.sub(r"[^\W\d_]+\.?(?: de)?", "*", re.sub("[0-9]", "[0-9]", date[0])) for _, date in found}
    # In `S1 01/06/2026` the text before the date counts up.
    before = "*" * any(date.start() for _, date in found)
    behind = "*" * any(date.end() < len(name) for name, date in found)
    patterns = tuple(sorted(f"{before}{pattern}{behind}" for pattern in made))
    others = [name for name in names if name not in columns]
    fits = any(fnmatchcase(name, pattern) for name in others for pattern in patterns)
    return tuple(columns) if fits else patterns


def _end(frame: pl.DataFrame, columns: Sequence[str]) -> str:
    """The first value of the first row of totals, if no other row stands below."""
    first = _first_values(frame).to_list()
    totals = [at for at, value in enumerate(first) if value and is_total(value)]
    return first[totals[0]] if totals and totals == list(range(totals[0], len(first))) else ""


def _first_values(frame: pl.DataFrame) -> pl.Series:
    return frame.select(pl.coalesce(pl.all()).str.strip_chars()).to_series()
