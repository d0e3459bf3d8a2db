"""The order of day and month: decided by the values of a file, the same way by a load and by a draft, or left open."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

import polars as pl
import pytest

from pipeline.mapping.date_order import DAY_FIRST, MONTH_FIRST, Evidence, Open, decide
from pipeline.mapping.drafting.profile import Column, order_of

# The first Tuesday of each month: an event whose dates are never above 12.
TUESDAYS = [day for month in range(14) if (day := dt.date(2025 + (8 + month) // 12, (8 + month) % 12 + 1, 1))]
TUESDAYS = [day + dt.timedelta(days=(1 - day.weekday()) % 7) for day in TUESDAYS]
FORMS = {DAY_FIRST: "{0.day}/{0.month}/{0.year}", MONTH_FIRST: "{0.month}/{0.day}/{0.year}"}


def seen(texts: list[str]) -> Evidence:
    evidence = Evidence()
    for text in texts:
        evidence.add(text)
    return evidence


DECIDED = [
    (["1/6/2026", "13/6/2026", "2/6/2026"], DAY_FIRST),
    (["6/1/2026", "6/13/2026", "6/2/2026"], MONTH_FIRST),
    (["1/6/2026", "2/6/2026", "13/13/2026"], Open.UNDECIDED),
    (["13/6/2026", "6/13/2026"], Open.MIXED),
    (["1/6/2026", "2/6/2026", "3/6/2026"], Open.UNDECIDED),
    (["5/5/2026", "6/6/2026"], Open.SAME),
    # Points do not decide: some write 06.01.2026 for the first of June.
    (["01.06.2026", "02.06.2026"], Open.UNDECIDED),
    # Weekdays, in any language; two of one day are one.
    (["Mon 05/10/2026", "Tue 06/10/2026"], DAY_FIRST),
    (["Mo., 05.10.2026", "Di., 06.10.2026", "Mi., 07.10.2026"], DAY_FIRST),
    (["lun. 10/05/2026", "mar. 10/06/2026"], MONTH_FIRST),
    (["segunda-feira, 05/10/2026", "terça-feira, 06/10/2026"], DAY_FIRST),
    (["Mon 05/10/2026", "Mon 05/10/2026"], Open.UNDECIDED),
    # One value that somebody typed in the other order.
    (["Mon 10/05/2026", "Tue 10/06/2026", "13/10/2026"], Open.MIXED),
    (["Mon 05/10/2026", "Mon 06/10/2026"], Open.UNDECIDED),
    # Years of two digits that change more than the numbers before them.
    (["26/10/05", "26/10/06", "26/10/07"], Open.YEAR_FIRST),
    (["26/10/05"], Open.YEAR_FIRST),
    (["25/10/26", "26/10/26", "27/10/26"], DAY_FIRST),
    (["10/25/26"], MONTH_FIRST),
    # In order of time.
    *[([FORMS[order].format(day) for day in TUESDAYS], order) for order in FORMS],
    *[([FORMS[order].format(day) for day in reversed(TUESDAYS)], order) for order in FORMS],
    # Too few for that.
    ([FORMS[DAY_FIRST].format(day) for day in TUESDAYS[:9]], Open.UNDECIDED),
    # Sorted as texts, which says nothing; also year by year.
    ([f"{day:02d}/{(day * 5) % 12 + 1:02d}/2026" for day in range(1, 13)], Open.UNDECIDED),
    (
        [f"{day:02d}/{(day * 5) % 12 + 1:02d}/{year}" for year in (2025, 2026) for day in range(1, 13)],
        Open.UNDECIDED,
    ),
    # A course after the other, each in order of time: on the 5th and the 10th of each month, or on twelve days of May
    # and twelve of October.
    ([f"{month}/{day}/2026" for day in (5, 10) for month in range(1, 13)], Open.UNDECIDED),
    # Two dates for each client, sorted by the day of the month; and one.
    ([f"{month}/{day}/2026" for day in range(1, 13) for month in (1, 2)], Open.UNDECIDED),
    ([f"{month}/{day}/2026" for day, month in enumerate((7, 3, 9, 1, 12, 4, 8, 2, 11, 5, 10, 6), 1)], Open.UNDECIDED),
]


@pytest.mark.parametrize(("texts", "found"), DECIDED)
def test_values_decide_or_nothing_does(texts: list[str], found: str | Open) -> None:
    decision = decide([seen(texts)])
    assert (decision.order or decision.reason) == found
    column = Column("Date")
    for text in texts:
        column.add(pl.Series([text]))
    assert order_of(column.dates) == (decision.order and decision.order.replace("-", " "), order_of(column.dates)[1])


def test_columns_of_one_file_decide_together() -> None:
    open_ones, decided = seen(["1/6/2026", "2/6/2026"]), seen(["28/5/2026"])
    assert decide([open_ones, decided]).order == DAY_FIRST
    assert decide([open_ones, decided, seen(["5/28/2026"])]).reason is Open.MIXED
    # A year of two digits that cannot come first in one column does not in another.
    assert decide([seen(["11/10/05"]), seen(["10/25/05"])]).order == MONTH_FIRST


def test_what_is_left_open_shows_a_value_with_two_readings() -> None:
    assert decide([seen(["5/5/2026", "5/6/2026"])]).example == "5/6/2026"


Sort = Callable[[list[tuple[dt.date, str]], str], list[tuple[dt.date, str]]]
SORTS: dict[str, Sort] = {
    "time": lambda rows, _: sorted(rows),
    "text": lambda rows, form: sorted(rows, key=lambda row: form.format(row[0])),
    "year, then text": lambda rows, form: sorted(rows, key=lambda row: (row[0].year, form.format(row[0]))),
    "course, then time": lambda rows, _: sorted(rows, key=lambda row: (row[1], row[0])),
    "course, then latest": lambda rows, _: sorted(rows, key=lambda row: (row[1], -row[0].toordinal())),
    "day of the month": lambda rows, _: sorted(rows, key=lambda row: (row[0].day, row[0])),
    "none": lambda rows, _: rows,
}
PADDED = {DAY_FIRST: "{0:%d}/{0:%m}/{0:%Y}", MONTH_FIRST: "{0:%m}/{0:%d}/{0:%Y}"}


def dates(dice: random.Random) -> list[tuple[dt.date, str]]:
    """Dates of courses, none above the 12th: monthly ones, daily ones and scattered ones."""
    made = []
    kind = dice.choice(["monthly", "daily", "scattered", "weekday"])
    for course in range(dice.choice([1, 2, 3, 6])):
        start, day = dice.randrange(1, 8), dice.randrange(1, 8)
        for at in range(dice.choice([2, 3, 5, 12])):
            month = start + at if kind in ("monthly", "weekday") else dice.randrange(1, 13)
            year, month = 2025 + (month - 1) // 12, (month - 1) % 12 + 1
            number = {"monthly": day, "daily": (day + at - 1) % 12 + 1}.get(kind, dice.randrange(1, 13))
            made.append((dt.date(year, start if kind == "daily" else month, number), f"course {course}"))
    dice.shuffle(made)
    return made


@pytest.mark.parametrize("sort", SORTS)
def test_no_way_of_sorting_gives_a_wrong_order(sort: str) -> None:
    """Whatever the rows are sorted by, and however they are written, the order is the right one or left open."""
    for seed in range(60):
        dice = random.Random(f"{sort} {seed}")
        order = dice.choice([DAY_FIRST, MONTH_FIRST])
        form = dice.choice([FORMS, PADDED])[order]
        rows = SORTS[sort](dates(dice), form)
        texts = [form.format(day) for day, _ in rows][:: dice.choice([1, -1])]
        assert decide([seen(texts)]).order in (None, order), texts
