"""The blanks of a shared report, attacked with all that the report shows: sums, windows of rounding, and its parts.

The reader of these tests knows more than a real one: which groups there are, and which blanks stand for 1 to 7.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array
from support import report_frames as build
from support.report_frames import about, draw, frames, report
from support.samples import few

import pipeline
import queries
import reports
from pipeline.store.content_state import tracked
from queries.errors import UsageError
from reports.data import report_data
from reports.drawing import words
from reports.registry import SECTIONS
from reports.report import report_content
from reports.sharing.rounding import round_count, round_for_sharing
from reports.sharing.withholding import withhold_small

Record = dict[str, Any]
AS_OF = "2026-06-01T00:00:00Z"
SHARE = reports.Options(share=True)
# Data sets from here on have sources that record one side only, and excused bookings.
ONE_SIDED = 16
SETS = 22
FIRST = dt.date(2020, 1, 6)
HOSTILE = "<script>alert('x')</script> \"=1+1\" \u202eevil/../../up"
GRID = ("local_weekday", "local_hour")
TABLES: dict[str, tuple[str, ...]] = {
    "service": ("service",),
    "location": ("location",),
    "lead_time": ("lead_time",),
    "week": ("week",),
    "month": ("month",),
    "grid": GRID,
}
# The tables whose rows add up to the counts over all.
TOTALS = dict.fromkeys(("marked", "unmarked", "excused"), "bookings") | dict.fromkeys(
    ("attended", "no_shows"), "marked"
)
TOTALS |= dict.fromkeys(("late", "cancelled_early"), "cancelled")
Place = tuple[str, Any, str]


def period(number: int) -> tuple[dt.date, dt.date]:
    """The four weeks that a data set has for itself."""
    first = FIRST + dt.timedelta(days=56 * number)
    return first, first + dt.timedelta(days=27)


def records(number: int, seed: int = 0) -> Iterator[tuple[Record, Record | None]]:
    """The bookings of a data set, each with its attendance: small and large groups, few and many no-shows."""
    rng = random.Random(number + SETS * seed)
    single, cancelled, lost, unmarked = (
        number == 0,
        number == 1,
        rng.choice((0.05, 0.2, 0.5)),
        rng.choice((0, 0.1, 0.4)),
    )
    if number in (2, 3):  # all or none came
        lost, unmarked = float(number == 2), 0
    sizes = [1] if single else [rng.choice((2, 6, 12, 25, 60)) for _ in range(1 if number == 4 else rng.randint(1, 5))]
    if number == 5:
        sizes = [3, 150]  # one tiny beside a large one
    places = 1 if number == 4 else rng.randint(1, 3)
    key = 1000 * number
    for service, size in enumerate(sizes):
        for _ in range(size):
            key += 1
            yield (
                booking(key, number, service, rng.randrange(places), rng, cancelled or rng.random() < 0.05),
                (None if rng.random() < unmarked else attendance(key, rng.random() < lost)),
            )


def booking(key: int, number: int, service: int, place: int, rng: random.Random, cancelled: bool) -> Record:
    start = dt.datetime.combine(period(number)[0], dt.time(rng.choice((9, 18)))) + dt.timedelta(days=rng.randrange(28))
    made = start - dt.timedelta(days=rng.choice((-1, 0, 1, 5, 12, 40)))
    slot = {
        "eventId": f"event-{key:030d}",
        "serviceId": f"{service + 1:08x}-0000-4000-8000-000000000003",
        "startDate": f"{start.isoformat()}Z",
        "timezone": "UTC",
        "resource": {"id": f"staffkey-{service}", "name": f"Leader {service}"},
        "location": {"id": f"placekey-{place}", "name": f"{HOSTILE} {place}" if place else "Harbour"},
    }
    if number == 6:  # ungrouped
        del slot["location"]
    return {
        "id": key_guid(key),
        "bookedEntity": {"slot": slot, "title": f"Class {service}" if service else HOSTILE, "tags": ["GROUP"]},
        "contactDetails": {
            "contactId": f"{key:08x}-0000-4000-8000-000000000004",
            "firstName": "Pat",
            "lastName": "Doe",
        },
        "totalParticipants": rng.choice((1, 1, 2)),
        "status": "CANCELED" if cancelled else "CONFIRMED",
        "createdDate": f"{made.isoformat()}Z",
    }


def attendance(key: int, is_lost: bool) -> Record:
    return {
        "id": f"{key:08x}-0000-4000-8000-000000000002",
        "bookingId": f"{key:08x}-0000-4000-8000-000000000001",
        "eventId": f"event-{key:030d}",
        "status": "NOT_ATTENDED" if is_lost else "ATTENDED",
        "numberOfAttendees": 1,
    }


@pytest.fixture(scope="module")
def con(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """All data sets in one database, each in weeks of its own."""
    yield from data_sets(empty, tmp_path_factory.mktemp("shared"))


def data_sets(empty: Path, folder: Path, seed: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """The data sets of a seed in one database, in a folder."""
    for file in (*empty.glob("*.duckdb"), *empty.glob("*.secret")):
        shutil.copy(file, folder / file.name)
    made = [pair for number in range(SETS) for pair in records(number, seed)]
    for name, at in (("bookings-of-pat.ndjson", 0), ("attendance-of-pat.ndjson", 1)):
        lines = [json.dumps(pair[at]) for pair in made if pair[at] is not None]
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    with pipeline.open_store(folder / "attendance.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        files = sorted(folder.glob("*.ndjson"))
        pipeline.ingest(store, files, now=dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
        with (
            store.transaction(),
            tracked(store.connection, "booking"),
            tracked(store.connection, "attendance"),
        ):
            for number in range(ONE_SIDED, SETS):
                record_one_side(store.connection, number)
        yield store.connection


def record_one_side(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Let the sources of a data set's bookings record one side, and excuse some contacts: no export of the API can."""
    kinds = [("no_shows",), ("arrivals",), ("default",), ("both", "no_shows"), ("both",), ("both", "arrivals")]
    rng, marks = random.Random(number), kinds[number - ONE_SIDED]
    first, last = (key_guid(1000 * number + at) for at in (1, 999))
    for (booking,) in con.execute(
        "select id from booking where id between $first and $last order by id", {"first": first, "last": last}
    ).fetchall():
        values = {"id": booking, "marks": rng.choice(marks), "excused": number >= 19 and rng.random() < 0.15}
        con.execute(
            "update booking set marks = $marks where id = $id", {name: values[name] for name in ("id", "marks")}
        )
        if values["excused"]:
            con.execute(
                "update attendance set excused = true, status = 'NOT_SET' where booking_id = $id", {"id": booking}
            )


def key_guid(key: int) -> str:
    return f"{key:08x}-0000-4000-8000-000000000001"


@dataclass
class Attack:
    """Counts by place (table, group, column), the windows that the report shows of them, and the sums between them."""

    truth: dict[Place, int] = field(default_factory=dict)
    windows: dict[Place, tuple[float, float]] = field(default_factory=dict)
    sums: list[tuple[Place, list[Place]]] = field(default_factory=list)

    def add(self, place: Place, truth: int, as_told: int | None, least: int = 1) -> None:
        """A count; a blank for 1 to 7 is known to be that, any other blank can be whatever there is."""
        blank = (least, 7.0) if 0 < truth < 8 else (0, np.inf)
        self.truth[place] = truth
        self.windows[place] = blank if as_told is None else (as_told - 2, as_told + 2) if as_told else (0, 0)

    def system(self) -> tuple[list[Place], LinearConstraint, Bounds]:
        """The places in an order, with the constraints and bounds of their counts."""
        places = list(self.truth)
        at = {each: number for number, each in enumerate(places)}
        rows = lil_array((len(self.sums), len(places)))
        for row, (total, parts) in enumerate(self.sums):
            rows[row, at[total]] = -1
            rows[row, [at[part] for part in parts]] = 1
        low, high = (np.array(side) for side in zip(*(self.windows[each] for each in places), strict=True))
        return places, LinearConstraint(rows.tocsr(), 0, 0), Bounds(low, high)

    def attacked(self) -> Iterator[tuple[int, Place, int]]:
        """The counts of 1 to 7 that must not be narrowed, with their numbers."""
        for at, (place, truth) in enumerate(self.truth.items()):
            without_cell = place[2] == "attended" and place[0] != ""
            if 0 < truth < 8 and not (without_cell and self.windows[*place[:2], "marked"][0] < 8):
                yield at, place, truth

    def leaks(self) -> list[tuple[Place, int, tuple[int, int]]]:
        """Blanks of 1 to 7 that cannot be each of these, and the rest of a shown count if it is known to be small."""
        places, sums, windows = self.system()
        known: dict[Any, list[int]] = {}
        found = []
        for at, place, truth in self.attacked():
            row = tuple(self.windows.get((*place[:2], name)) for name in ("marked", "no_shows"))
            alike = (place[0], place[2], row)  # groups of a table with the same windows have the same range
            if alike not in known:
                known[alike] = [extreme(sign, at, len(places), sums, windows) for sign in (1, -1)]
            low, high = known[alike]
            without_cell = place[2] == "attended" and place[0] != ""
            if high < 7 or (low > 1 and not without_cell):
                found.append((place, truth, (low, high)))
        return found


def extreme(sign: int, at: int, size: int, sums: LinearConstraint, windows: Bounds) -> int:
    """The least (sign 1) or the most (-1) that a count may be, given everything."""
    goal = np.zeros(size)
    goal[at] = sign
    best = milp(goal, constraints=sums, bounds=windows, integrality=np.ones(size))
    assert best.status in (0, 3), best.message  # solved, or without a bound
    return -sign * 10**9 if best.status == 3 else round(sign * best.fun)


Told = Callable[[str, Any, str, int], int | None]


def attack(
    con: duckdb.DuckDBPyConnection, dates: tuple[dt.date, dt.date], as_told: Told, tables: tuple[str, ...]
) -> Attack:
    """The system of one report: `as_told` gives a count as the report shows it; only tables in it are named."""
    made = Attack()
    row = truth_of(con, dates, ())[0]
    whole = {
        name: row[name]
        for name in ("bookings", "marked", "no_shows", "attended", "unmarked", "excused", "cancelled", "late")
    }
    whole["cancelled_early"] = row["cancelled"] - row["late"]
    for name, count in whole.items():
        made.add(("", "", name), count, as_told("", "", name, count), int(whole[TOTALS.get(name, name)] >= 8))
    for total in dict.fromkeys(TOTALS.values()):
        parts = [part for part, its in TOTALS.items() if its == total]
        made.sums.append((("", "", total), [("", "", part) for part in parts]))
    for table in tables:
        add_table(made, con, dates, table, as_told)
    return made


def add_table(
    made: Attack, con: duckdb.DuckDBPyConnection, dates: tuple[dt.date, dt.date], table: str, as_told: Told
) -> None:
    groups = [row for row in truth_of(con, dates, TABLES[table]) if row["bookings"]]
    for row in groups:
        marked = as_told(table, row["key"], "marked", row["marked"])
        for name in ("marked", "no_shows"):
            kept = made.truth["", "", name] >= 8 and (name == "marked" or marked is not None)
            made.add((table, row["key"], name), row[name], as_told(table, row["key"], name, row[name]), int(kept))
        made.truth[table, row["key"], "attended"] = row["marked"] - row["no_shows"]
        made.windows[table, row["key"], "attended"] = (0, np.inf)
        parts: list[Place] = [(table, row["key"], name) for name in ("attended", "no_shows")]
        made.sums.append(((table, row["key"], "marked"), parts))
    for name in ("marked", "no_shows"):
        made.sums.append((("", "", name), [(table, row["key"], name) for row in groups]))


def truth_of(
    con: duckdb.DuckDBPyConnection, dates: tuple[dt.date, dt.date], by: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Counts as they are, by the names of the groups."""
    where = {"local_date": {"$gte": dates[0].isoformat(), "$lte": dates[1].isoformat()}}
    frame = queries.no_show_rates(con, by, where, as_of=AS_OF)
    # Marked and no-shows stand for the parts of the rate, presumed ones among them.
    counts = {"marked": pl.col("rated_bookings"), "no_shows": pl.col("missed_bookings")}
    counts |= {
        "attended": pl.col("rated_bookings") - pl.col("missed_bookings"),
        "unmarked": pl.col("unmarked_bookings"),
    }
    counts |= {"cancelled": pl.col("cancelled_bookings"), "late": pl.col("late_cancelled").fill_null(0)}
    rows = frame.with_columns(**counts).to_dicts()
    return [row | {"key": tuple(words.clean(str(row[name])) for name in by)} for row in rows]


def of_report(data: Any) -> tuple[Told, tuple[str, ...]]:
    """How a report as JSON shows a count, and the tables it has."""
    cells: dict[Place, int | None] = {}
    names = {"rated_bookings": "marked", "attended_bookings": "attended", "unmarked_bookings": "unmarked"}
    names |= {"bookings": "bookings", "missed_bookings": "no_shows", "late_cancelled": "late", "excused": "excused"}
    cells |= {("", "", name): data["headline"][key] for key, name in names.items()}
    facts = {fact["name"]: fact["figure"] for fact in data["facts"]}
    figure = facts.get("Cancelled beforehand", "–")
    cells["", "", "cancelled"] = None if figure == "–" else int(figure.replace(",", ""))
    rows: list[tuple[str, tuple[str, ...], Any]] = [
        (ranking["kind"]["grouping"], (group["name"],), group)
        for ranking in data["rankings"]
        for group in ranking["groups"]
    ]
    rows += [("lead_time", (band["name"],), band) for band in data["when"]["lead"]]
    over_time = data["over_time"]
    rows += [(over_time["unit"], (point["start"],), point) for point in over_time["points"]]
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    rows += [
        ("grid", (str(days.index(day) + 1), str(int(hour[:2]))), cell)
        for hour, line in data["when"]["grid"]["rows"]
        for day, cell in zip(data["when"]["grid"]["weekdays"], line, strict=True)
        if cell
    ]
    for table, key, row in rows:
        cells |= {(table, key, name): row[name] for name in ("marked", "no_shows")}
    return lambda table, key, name, _: cells.get((table, key, name)), tuple({table for table, _, _ in rows})


@cache
def the_report(con: duckdb.DuckDBPyConnection, number: int) -> Any:
    first, last = period(number)
    return json.loads(
        json.dumps(report_data(reports.the_report(con, as_of=AS_OF, first=first, last=last, options=SHARE)))
    )


@pytest.mark.parametrize("number", few(range(SETS), 1))
def test_no_blank_can_be_worked_out_from_what_is_told(con: duckdb.DuckDBPyConnection, number: int) -> None:
    as_told, tables = of_report(the_report(con, number))
    named = tuple(table for table in TABLES if table in tables)
    assert attack(con, period(number), as_told, named).leaks() == []


@pytest.mark.parametrize("number", few(range(SETS), 3))
def test_further_counts_are_put_together_from_those_told(con: duckdb.DuckDBPyConnection, number: int) -> None:
    headline = the_report(con, number)["headline"]
    rated, missed, excused = (headline[name] for name in ("rated_bookings", "missed_bookings", "excused"))
    registered = None if None in (rated, excused) else rated + excused
    told = {"marked_bookings": rated, "no_shows": missed, "register_no_shows": missed}
    told |= {"presumed_attended": 0, "presumed_missed": 0, "register_excused": excused, "register_marked": registered}
    assert {name: headline[name] for name in told if headline[name] not in (None, told[name])} == {}
    if headline["attended_bookings"] is not None:
        assert None not in (rated, missed)
    assert [source["bookings"] for source in headline["sources"] if source["bookings"] is not None] == []


@pytest.mark.long
@pytest.mark.parametrize(("sets", "leaking"), [(4, 2), pytest.param(8, 4, marks=pytest.mark.long)])
def test_the_attack_finds_what_rounding_alone_lets_out(con: duckdb.DuckDBPyConnection, sets: int, leaking: int) -> None:
    found = [
        attack(con, period(number), lambda *at: round_count(at[3]), tuple(TABLES)).leaks()
        for number in range(5, 5 + sets)
    ]
    assert sum(map(bool, found)) >= leaking


@pytest.mark.long
@pytest.mark.parametrize("by", few(["location", "service"], 1))
@pytest.mark.parametrize("number", few(range(5, SETS, 8), 1))
def test_the_reports_of_parts_tell_nothing_but_what_the_whole_does(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, number: int, by: str
) -> None:
    whole = the_report(con, number)
    first, last = period(number)
    written = reports.build_reports(
        con, tmp_path, by, as_of=AS_OF, first=first, last=last, options=SHARE, format="json"
    )
    (ranking,) = (each for each in whole["rankings"] if each["kind"]["grouping"] == by)
    rows = {group["name"]: (group["no_shows"], group["marked"]) for group in ranking["groups"]}
    if not rows and len(written) == 1:  # no group is known: all there is
        rows = {written[0].name: (whole["headline"]["missed_bookings"], whole["headline"]["rated_bookings"])}
    for part in written:
        data = json.loads(part.path.read_text(encoding="utf-8"))
        assert (data["headline"]["missed_bookings"], data["headline"]["rated_bookings"]) == rows.get(
            part.name, (None, None)
        )
        counts = {name for name, value in data["headline"].items() if type(value) is int}
        assert counts <= {"missed_bookings", "rated_bookings"}
        sections = ("change", "facts", "shares", "rankings", "funnels", "when", "over_time", "quality", "since")
        sections += ("notice", "attributes", "set_aside")
        assert [name for name in sections if data[name]] == []


def test_a_shared_report_is_not_split_by_people(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a shared report cannot be split by staff"):
        reports.build_reports(con, tmp_path, "staff", options=SHARE)


@pytest.mark.long
def test_every_count_told_is_a_multiple_of_five_and_none_is_small(con: duckdb.DuckDBPyConnection) -> None:
    for number in range(0, SETS, 6):
        data = the_report(con, number)
        counts = [row[name] for row in walk(data) for name in COUNTS & row.keys() if isinstance(row[name], int)]
        assert [count for count in counts if count % 5 or count == 5] == []
        texts = [text for row in walk(data) for text in row.values() if isinstance(text, str)]
        for text in [*texts, *data["in_short"]]:
            for pair in re.findall(r"([\d,–]+) of ([\d,–]+)", text):
                assert all(count == "–" or int(count.replace(",", "")) % 5 == 0 for count in pair), text


COUNTS = {
    "no_shows",
    "marked",
    "bookings",
    "marked_bookings",
    "attended_bookings",
    "unmarked_bookings",
    "late_cancelled",
}
COUNTS |= {"rated_bookings", "missed_bookings", "excused", "register_marked", "registered", "cancelled", "records"}
COUNTS |= {"rows", "part", "whole", "quarantined", "rest_no_shows", "rest_marked"}


def walk(data: Any) -> Iterator[dict[str, Any]]:
    """Every object within."""
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    for each in data if isinstance(data, list) else ():
        yield from walk(each)


def test_days_are_told_by_their_dates_only() -> None:
    days = [dt.date(2026, 2, 16), dt.date(2026, 2, 23)]
    made = [
        report_data(
            report_content(
                frames(day=build.dated("day", *((day, counts) for day in days))), about(share=True), SECTIONS
            )
        )
        for counts in (build.counts(3, 1), build.counts(90, 40, 7))
    ]
    assert made[0] == made[1]


@pytest.mark.long
def test_no_id_name_or_file_is_on_a_shared_page(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first, last = period(7)[0], period(9)[1]
    pages = []
    for suffix in ("html", "json"):
        path = tmp_path / f"shared.{suffix}"
        where = {"staff": {"$in": ["Leader 0", "Leader 1", "Leader 2"]}}
        reports.build_report(con, path, as_of=AS_OF, first=first, last=last, options=SHARE, format=suffix)
        pages.append(path.read_text(encoding="utf-8"))
        reports.build_report(con, path, where=where, as_of=AS_OF, options=SHARE, format=suffix)
        pages.append(path.read_text(encoding="utf-8"))
    reports.build_reports(con, tmp_path / "parts", "location", as_of=AS_OF, options=SHARE)
    pages += [path.read_text(encoding="utf-8") for path in (tmp_path / "parts").iterdir()]
    ids = [
        key
        for (key,) in con.execute("select id::varchar from booking union select id::varchar from attendance").fetchall()
    ]
    secret = re.compile(
        r"-0000-4000-8000-|event-0|staffkey|placekey|Leader|Pat Doe|ndjson|attendance\.duckdb|guest |<script>alert"
    )
    assert len(pages) > 5
    for page in pages:
        # JSON is not markup: there a name stands as it is.
        assert secret.search(page.replace("<script>alert", "") if page.startswith("{") else page) is None
        assert not any(key in page for key in ids)


@pytest.mark.long
def test_tiny_and_cancelled_data_make_a_page_that_reads(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for number in (0, 1, 5):
        first, last = period(number)
        path = tmp_path / "tiny.html"
        headline = reports.build_report(con, path, as_of=AS_OF, first=first, last=last, options=SHARE)
        page = path.read_text(encoding="utf-8")
        assert "counts of 1 to 7 are left blank (–)" in page
        assert ">None<" not in page
        assert "nan" not in headline.text
    assert the_report(con, 0)["headline"]["no_show_rate"] is None
    assert the_report(con, 0)["in_short"] == ["The counts are too small to be shared."]


def test_of_two_parts_of_a_told_total_both_are_told_or_none() -> None:
    row = whole_row(80, 20, 3, cancelled_bookings=20, late_cancelled=18)
    assert told_of(row) == {
        "marked_bookings": 100,
        "attended_bookings": 80,
        "no_shows": 20,
        "rated_bookings": 100,
        "missed_bookings": 20,
        "register_no_shows": 20,
        "cancelled_bookings": 20,
        "sessions": 105,
    }
    # 13 or 14 of two small parts would leave 6 or 7 for each.
    few = whole_row(7, 6, 90, cancelled_bookings=13, late_cancelled=7)
    assert told_of(few) == {"bookings": 105, "sessions": 105}


def test_few_excused_and_all_that_would_give_them_away_are_withheld() -> None:
    few = whole_row(80, 20, 20, bookings=123, excused=3, register_marked=103, register_excused=3)
    assert told_of(few).keys() & {"bookings", "excused", "register_marked", "unmarked_bookings"} == set()
    many = told_of(whole_row(80, 20, 20, bookings=133, excused=13, register_marked=113, register_excused=13))
    assert (many["excused"], many["bookings"], many["register_marked"]) == (15, 135, 115)


def test_presumed_counts_and_those_they_could_be_subtracted_from_are_withheld() -> None:
    presumed = {"presumed_attended": 90, "marked_bookings": 10, "attended_bookings": 0}
    told = told_of(whole_row(90, 10, 0, **presumed, register_marked=0, register_no_shows=0))
    assert told == {"bookings": 100, "rated_bookings": 100, "missed_bookings": 10, "sessions": 100}


def whole_row(attended: int, no_shows: int, unmarked: int, **changes: int) -> dict[str, int | None]:
    return build.counts(attended, no_shows, unmarked, **changes)


def told_of(row: dict[str, int | None]) -> dict[str, int]:
    """The shared counts of the row over all, without those that are 0."""
    whole, _ = withhold_small(pl.DataFrame([row]), {})
    return {name: count for name, count in whole.row(0, named=True).items() if count}


def test_sharing_blanks_small_counts_and_rounds_the_rest() -> None:
    assert [round_count(n) for n in (0, 1, 7, 8, 12, 13, 100)] == [0, None, None, 10, 10, 15, 100]
    frame = pl.DataFrame({"local_hour": [3], "bookings": [3], "no_shows": [13], "rate": [0.5]})
    assert round_for_sharing(frame).row(0) == (3, None, 15, 0.5)


def test_a_shared_report_names_nobody_and_has_no_small_count() -> None:
    shared = report({"share": True, "title": "Studio"}, staff=build.named("staff", ("Ana Reyes", build.counts(24, 8))))
    assert (shared.registers, shared.sessions, shared.participants, shared.courses, shared.worth) == (None,) * 5
    assert [ranking.kind.grouping for ranking in shared.rankings] == ["service", "location"]
    assert (shared.attributes, shared.notice, shared.when.visits, shared.quality.findings) == (None, (), (), ())
    page = draw(shared)
    assert "Ana Reyes" not in page
    assert "counts of 1 to 7 are left blank" in page


def test_counts_too_small_to_share_leave_no_rate() -> None:
    small = round_for_sharing(build.rates([({}, build.counts(40, 3))], {}).select(pl.exclude("no_show_rate")))
    frame = small.with_columns(no_show_rate=pl.lit(None, pl.Float64), lost_seat_rate=pl.lit(None, pl.Float64))
    shared = report({"share": True}, overall=frame)
    assert shared.headline.figure == "withheld"
    assert shared.in_short == ("The counts are too small to be shared.",)
    assert "0 of 4" not in draw(shared)


def test_a_few_bookings_without_any_mark_are_withheld_in_words() -> None:
    small = round_for_sharing(build.rates([({}, build.counts(0, 0, 3))], {}))
    assert (small["bookings"][0], small["rated_bookings"][0]) == (None, 0)
    shared = report({"share": True}, overall=small)
    assert shared.headline.figure == "withheld"
    assert shared.in_short == ("The counts are too small to be shared.",)
