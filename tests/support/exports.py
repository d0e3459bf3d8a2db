"""Make exports of known systems in the ways that locales and spreadsheets write them, with the bookings in each."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from support.export_formats import FORMATS, TRANSLATED
from support.export_layouts import Booking, Locale, Visit

FIRST = dt.datetime(2026, 1, 5, 6)  # noqa: DTZ001
NAMES = ["Ana López", "Bjørn Müller", "Zoë O'Brien", 'Kim "K" Lee', "Smith, Jo"]
DAYS = ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%B %d, %Y"]
TIMES = ["%H:%M", "%H:%M:%S", "%I:%M %p"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]


@dataclass(frozen=True)
class Export:
    """An export: its format, the end of its name, its bytes, and the bookings in it.

    `is_open` says that day and month can be read in two orders, `dates` in which they are, `is_translated` that the
    header is not English.
    """

    format: str
    suffix: str
    content: bytes
    bookings: Counter[Booking]
    is_open: bool
    dates: str
    is_translated: bool = False


def export(number: int) -> Export:
    """The export of this number: the same one each time, of each format in turn."""
    dice = random.Random(f"exports {number}")
    name = sorted(FORMATS)[number % len(FORMATS)]
    x = _locale(dice, TRANSLATED.get(name, ()))
    suffix, content, bookings = FORMATS[name](_visits(dice, number), x, dice)
    return Export(name, suffix, content, bookings, x.leaves_days_open, x.dates, bool(x.words))


def _visits(dice: random.Random, file: int) -> list[Visit]:
    made = []
    span = dice.choice([3, 10, 40, 200])
    for at in range(dice.choice([1, 3, 20, 60])):
        start = FIRST + dt.timedelta(days=dice.randrange(span), minutes=15 * dice.randrange(64))
        is_off = dice.random() < 0.15
        came = None if is_off else dice.choice([True, True, False, None])
        booked = start - dt.timedelta(days=dice.randrange(1, 9))
        made.append(Visit(f"{file}0{at}", dice.choice(NAMES), start, booked, came, is_off))
    return sorted(made, key=lambda one: one.start) if dice.random() < 0.5 else made


def _locale(dice: random.Random, translated: Sequence[dict[str, str]]) -> Locale:
    return Locale(
        dice.choice(DAYS),
        dice.choice(TIMES),
        dice.choice(",;\t|"),
        dice.choice(ENCODINGS),
        dice.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        dice.choice(["", "", "Report of the studio\n\n", "sep"]),
        dice.choice(["\n", "\r\n"]),
        dice.choice([".", ","]),
        dice.choice(translated) if translated and dice.random() < 0.3 else {},
    )
