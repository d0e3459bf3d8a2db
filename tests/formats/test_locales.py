"""Exports in the ways that locales and spreadsheets write them: dates, separators, encodings, quotes, lines before.

Made from a seed. Whatever loads without an option has the right day and the right mark; a file is refused only if its
values decide nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

import pipeline
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
FIRST = dt.datetime(2026, 1, 5, 6)  # noqa: DTZ001
NAMES = ["Ana López", "Bjørn Müller", "Zoë O'Brien", 'Kim "K" Lee', "Smith, Jo"]


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
    """How days and times are written, by strftime, and how the table is."""

    day: str
    time: str
    separator: str
    encoding: str
    quoting: int
    before: str
    end: str

    def moment(self, at: dt.datetime) -> str:
        return f"{at.strftime(self.day)} {self.clock(at)}"

    def clock(self, at: dt.datetime) -> str:
        return at.strftime(self.time).lower() if self.time.endswith("p") else at.strftime(self.time)

    def date(self, at: dt.datetime) -> str:
        return at.strftime(self.day)


Cells = Callable[[Visit, Locale], dict[str, str]]
DAYS = ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%B %d, %Y"]
TIMES = ["%H:%M", "%H:%M:%S", "%I:%M %p"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]


def wix(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "Session date": x.date(v.start),
        "Start time": x.clock(v.start),
        "Registration date": x.date(v.booked),
        "Booking contact name": v.name,
        "Booking contact email": f"{v.number}@example.com",
        "Booking contact phone": f"'{v.number}",
        "Client address": "undefined",
        "Spots filled": "1",
        "Duration": "1h, 30m",
        "Service name": "Spin",
        "Service type": "Class",
        "Staff name": "Lu",
        "Booking status": "Canceled" if v.is_off else "Confirmed",
        "Attendance status": {True: "Attended", False: "No-show", None: "Not specified"}[v.came],
        "Payment status": "Paid",
    }


def wix_older(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "First Name": v.name,
        "Last Name": "",
        "Email": f"{v.number}@example.com",
        "Service Name": "Spin",
        "Booking Start Time": x.moment(v.start),
        "Booking End Time": x.moment(v.start + dt.timedelta(hours=1)),
        "Booking Status": "Canceled" if v.is_off else "Confirmed",
    }


def calendly(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "User Name": "Mo",
        "Invitee Name": v.name,
        "Invitee Email": f"{v.number}@example.com",
        "Event Type Name": "Intro",
        "Start Date & Time": x.moment(v.start),
        "End Date & Time": x.moment(v.start + dt.timedelta(minutes=30)),
        "Event Created Date & Time": x.moment(v.booked),
        "Canceled": str(v.is_off).lower(),
        "Marked as No-Show": "Yes" if v.came is False else "No",
    }


def clubready(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "id": v.number,
        "member_id": v.number,
        "studio_key": "north",
        "class_tag": "spin",
        "instructor_full_name": v.name,
        "level": "1",
        "canceled": "t" if v.is_off else "f",
        "reserved_for": x.moment(v.start),
        "signed_in_at": x.moment(v.start) if v.came else "",
    }


def mindbody(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "id": v.number,
        "member_id": v.name,
        "studio_key": "north",
        "class_tag": "spin",
        "viewed_at": x.moment(v.booked),
        "reserved_at": x.moment(v.booked),
        "canceled_at": x.moment(v.booked) if v.is_off else "",
        "class_time_at": x.moment(v.start),
        "checked_in_at": x.moment(v.start) if v.came else "",
    }


def pretix(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "Order code": v.number,
        "Attendee name": v.name,
        "Product": "Standard",
        "Price": "12.50",
        "Checked in": x.moment(v.start) if v.came else "",
        "Checked out": "",
        "Automatically checked in": "No",
        "E-mail": f"{v.number}@example.com",
        "Start date": x.moment(v.start),
        "Order date": x.date(v.booked),
    }


def bookly(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "Booking Time": x.moment(v.start),
        "Service": "Cut",
        "Duration": "30 min",
        "Customer Name": v.number + v.name,
    }


# Format -> its cells, whether it knows cancellations, and the marks of those who came, stayed away or are unknown.
KINDS: dict[str, tuple[Cells, bool, dict[bool | None, str | None]]] = {
    "wix_booking_list": (wix, True, {True: "ATTENDED", False: "NOT_ATTENDED", None: "NOT_SET"}),
    "wix_booking_list_older": (wix_older, True, {}),
    "calendly": (calendly, True, {True: "NOT_SET", False: "NOT_ATTENDED", None: "NOT_SET"}),
    "clubready": (clubready, True, {True: "ATTENDED", False: "NOT_SET", None: "NOT_SET"}),
    "mindbody_extract": (mindbody, True, {True: "ATTENDED", False: "NOT_SET", None: "NOT_SET"}),
    "pretix_checkin": (pretix, False, {True: "ATTENDED", False: "NOT_SET", None: "NOT_SET"}),
    "bookly": (bookly, False, {}),
}


def visits(dice: random.Random, file: int) -> list[Visit]:
    made = []
    span = dice.choice([3, 10, 40, 200])
    for at in range(dice.choice([1, 3, 20, 60])):
        start = FIRST + dt.timedelta(days=dice.randrange(span), minutes=15 * dice.randrange(64))
        is_off = dice.random() < 0.15
        came = None if is_off else dice.choice([True, True, False, None])
        booked = start - dt.timedelta(days=dice.randrange(1, 9))
        made.append(Visit(f"{file}0{at}", dice.choice(NAMES), start, booked, came, is_off))
    return sorted(made, key=lambda one: one.start) if dice.random() < 0.5 else made


def locale(dice: random.Random) -> Locale:
    return Locale(
        dice.choice(DAYS),
        dice.choice(TIMES),
        dice.choice(",;\t|"),
        dice.choice(ENCODINGS),
        dice.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        dice.choice(["", "", "Report of the studio\n\n", "sep"]),
        dice.choice(["\n", "\r\n"]),
    )


def content(rows: Sequence[dict[str, str]], x: Locale) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0]], delimiter=x.separator, quoting=x.quoting, lineterminator=x.end)  # type: ignore[arg-type]
    writer.writeheader()
    writer.writerows(rows)
    before = f"sep={x.separator}\n" if x.before == "sep" else x.before
    return (before.replace("\n", x.end) + text.getvalue()).encode(x.encoding)


def may_be_either(made: Sequence[Visit], x: Locale, cells: Cells) -> bool:
    """Whether no day that the file writes with slashes or dots is above the 12th."""
    written = " ".join(" ".join(cells(visit, x).values()) for visit in made)
    days = [day for visit in made for day in (visit.start, visit.booked) if day.strftime(x.day) in written]
    return "%m" in x.day and not x.day.startswith("%Y") and all(day.day <= 12 for day in days)


def expected(made: Sequence[Visit], tells_off: bool, marks: dict[bool | None, str | None]) -> Counter[object]:
    return Counter(
        (
            visit.start,
            "CANCELED" if visit.is_off and tells_off else "CONFIRMED",
            marks.get(None if visit.is_off else visit.came) if marks else None,
        )
        for visit in made
    )


def check(store: Store, con: duckdb.DuckDBPyConnection, folder: Path, file: int) -> tuple[int, int]:
    """Load one made-up export and compare it with the visits in it; return its rows, and those loaded."""
    dice = random.Random(f"exports {file}")
    name = sorted(KINDS)[file % len(KINDS)]
    cells, tells_off, marks = KINDS[name]
    made, x = visits(dice, file), locale(dice)
    path = folder / f"export-{file}.{'csv' if x.separator != chr(9) else 'txt'}"
    path.write_bytes(content([cells(visit, x) for visit in made], x))
    (outcome,) = pipeline.ingest(store, [path], now=NOW)
    if outcome.refused:
        assert outcome.refused.code == "file.dates_undecided", (file, name, x, outcome.refused)
        assert may_be_either(made, x, cells), (file, name, x, outcome.refused)
        return 0, 0
    assert outcome.format is not None
    assert outcome.format.name == name
    loaded = con.execute(
        "select b.starts_at, b.status, a.status from booking as b left join attendance as a on a.booking_id = b.id "
        "where b.load_id = $load",
        {"load": outcome.load_id},
    ).fetchall()
    assert not Counter(loaded) - expected(made, tells_off, marks), (file, name, x)
    return outcome.read, outcome.loaded


def run(store: Store, con: duckdb.DuckDBPyConnection, folder: Path, files: range) -> None:
    counts = [check(store, con, folder, file) for file in files]
    rows, loaded = (sum(numbers) for numbers in zip(*counts, strict=True))
    assert loaded >= 0.99 * rows
    assert sum(1 for count in counts if count[0]) >= 0.7 * len(counts)


def test_exports_of_many_locales(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    run(store, con, tmp_path, range(15))


@pytest.mark.long
def test_exports_of_hundreds_of_locales(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    run(store, con, tmp_path, range(200))
