"""The tables of a report with numbers as numbers, and beside each rate its counts, its interval and its definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.messages.message import message_of
from reports.report import Report
from reports.sections.headline.figures import Headline

Kind = Literal["text", "count", "rate", "number", "money", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, the kind of its cells, and how the cell of a row is read: the attribute `name` by default."""

    head: str
    kind: Kind = "text"
    name: str = ""
    cell: Callable[[Any], Any] | None = None

    def of(self, row: Any) -> Any:
        """The cell of a row; None if it is empty."""
        return self.cell(row) if self.cell else getattr(row, self.name)


@dataclass(frozen=True, slots=True)
class Table:
    """The name of its sheet, its columns, and its rows, from which the columns are read."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate over everything, with the columns that every rate has beside it."""

    name: str
    rate: float | None
    part: int | None
    whole: int | None
    low: float | None
    high: float | None
    definition: str


NO_SHOW_RATE: Sequence[Sentence[Headline]] = (
    Sentence(
        "no-shows of marked bookings: past, not cancelled, marked as attended or as not attended",
        lambda each: not each.is_presumed,
    ),
    Sentence(
        "no-shows of past bookings that are not cancelled; those without a mark are presumed by the source",
        lambda each: each.is_presumed,
    ),
)
INTERVAL = "the likely range holds the true rate in 95 of 100 cases"
EQUAL = "no-show rate if all other factors were as they are with the most frequent level"

_COUNTS = (Column("no-shows", "count", "no_shows"), Column("of", "count", "marked"))
_ENDS = (Column("95 % from", "rate", "low"), Column("95 % to", "rate", "high"))
_SESSION = tuple(Column(name, "text", name) for name in ("service", "location", "staff"))


def tables_of(report: Report) -> tuple[Table, ...]:
    """The tables of a report in the order of its sections, those without rows left out; counts withheld are empty."""
    made = (table for make in _TABLES for table in make(report))
    return tuple(table for table in made if table.rows)


def _rates(name: str, of: Sequence[Column], rows: Sequence[Any], report: Report, *more: Column) -> Table:
    """A table of no-show rates: the columns that name a row, the rate with all that belongs to it, and more columns."""
    definition = f"{say(report.headline, NO_SHOW_RATE, {})}; {INTERVAL}"
    rate = Column("no-show rate", "rate", "rate")
    said = Column("definition", "text", cell=lambda row: definition)
    return Table(name, (*of, rate, *_COUNTS, *_ENDS, *more, said), rows)


def _summary(report: Report) -> Iterator[Table]:
    lines = [(block.heading, line) for block in message_of(report).blocks for line in block.lines]
    columns = (
        Column("part", cell=lambda row: row[0]),
        Column("figure or section", cell=lambda row: row[1].strong),
        Column("said", cell=lambda row: row[1].text),
    )
    yield Table("Summary", columns, lines)


def _figures(report: Report) -> Iterator[Table]:
    columns = (
        Column("figure", "text", "name"),
        Column("rate", "rate", "rate"),
        Column("part", "count", "part"),
        Column("of", "count", "whole"),
        Column("from", "rate", "low"),
        Column("to", "rate", "high"),
        Column("definition", "text", "definition"),
    )
    yield Table("Figures", columns, tuple(_overall(report.headline)))


def _overall(each: Headline) -> Iterator[Figure]:
    definition = f"{say(each, NO_SHOW_RATE, {})}; {INTERVAL}"
    ends = each.no_show_rate_low, each.no_show_rate_high
    yield Figure("no-show rate", each.no_show_rate, each.missed_bookings, each.rated_bookings, *ends, definition)
    registered = _sum(each.register_marked, each.unmarked_bookings)
    bounds = "marked bookings of the past ones that somebody could mark; the possible range of the no-show rate "
    bounds += "follows: from nobody to everybody missing of those that are not marked"
    yield Figure("coverage", each.coverage, each.register_marked, registered, each.bound_low, each.bound_high, bounds)
    lost = "no-shows and late cancellations of marked bookings and late cancellations; without a likely range"
    parts = _sum(each.missed_bookings, each.late_cancelled), _sum(each.rated_bookings, each.late_cancelled)
    yield Figure("seats lost", each.lost_seat_rate, *parts, None, None, lost)


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _rankings(report: Report) -> Iterator[Table]:
    for ranking in report.contents.get("rankings") or ():
        name = words.capital(ranking.kind.many)
        of = (Column(ranking.kind.one, "text", "name"),)
        more = (Column("bookings", "count", "bookings"), Column("verdict", "text", "flag"))
        yield _rates(name, of, ranking.groups, report, *more)


def _when(report: Report) -> Iterator[Table]:
    when = report.contents.get("when")
    if when:
        yield _rates("Days booked ahead", (Column("booked ahead", "text", "name"),), when.lead, report)
        yield _rates("Visits", (Column("visit", "text", "name"),), when.visits, report)


def _attributes(report: Report) -> Iterator[Table]:
    for each in report.contents.get("attributes") or ():
        yield _rates(f"By {each.name}", (Column(each.name, "text", "name"),), each.values, report)


def _factors(report: Report) -> Iterator[Table]:
    factors = report.contents.get("factors")
    rows = [(factor, level) for factor in (factors.factors if factors else ()) for level in factor.levels]
    columns = (
        Column("factor", cell=lambda row: row[0].title),
        Column("goes with no-shows", cell=lambda row: row[0].answer),
        Column("level", cell=lambda row: row[1].name),
        Column("rate, all else equal", "rate", cell=lambda row: _equal(row[1], 0)),
        Column("no-shows", "count", cell=lambda row: row[1].no_shows),
        Column("of", "count", cell=lambda row: row[1].marked),
        Column("95 % from", "rate", cell=lambda row: _equal(row[1], 1)),
        Column("95 % to", "rate", cell=lambda row: _equal(row[1], 2)),
        Column("definition", cell=lambda row: f"{EQUAL}; {INTERVAL}"),
    )
    yield Table("Factors", columns, rows)


def _equal(level: Any, at: int) -> float | None:
    return level.equal[at] if level.equal and level.is_told else None


def _over_time(report: Report) -> Iterator[Table]:
    course = report.contents.get("over_time")
    if course:
        of = (Column("begins", "date", "start"), Column(course.unit, "text", "label"))
        more = (
            Column("usual from", "rate", "limit_low"),
            Column("usual to", "rate", "limit_high"),
            Column("signal", "text", "signal"),
            Column("bookings", "count", "bookings"),
        )
        yield _rates(f"By {course.unit}", of, course.points, report, *more)


def _courses(report: Report) -> Iterator[Table]:
    courses = report.contents.get("courses")
    if courses:
        yield _rates("Courses", (Column("session of the course", "count", "number"),), courses.numbers, report)
        counts = tuple(Column(name.replace("_", " "), "count", name) for name in ("attended", "missed", "unmarked"))
        columns = (Column("participant", "text", "who"), *_SESSION[:2], *counts, Column("to come", "count", "not_due"))
        yield Table("Missed courses", columns, courses.missed)


def _registers(report: Report) -> Iterator[Table]:
    registers = report.contents.get("registers")
    if registers:
        unmarked = Column("unmarked", "count", "unmarked")
        of = (*_SESSION[2:], *_SESSION[1:2], Column("sessions", "count", "sessions"), unmarked)
        yield Table("Who has registers", (*of, Column("oldest", "date", "oldest")), registers.keepers)
        session = (Column("session", "text", "start"), *_SESSION, unmarked, Column("bookings", "count", "bookings"))
        yield Table("Registers", session, registers.registers)


def _participants(report: Report) -> Iterator[Table]:
    participants = report.contents.get("participants")
    columns = (
        Column("participant", "text", "who"),
        Column("no-shows within a year", "count", "in_a_year"),
        Column("no-shows", "count", "no_shows"),
        Column("marked bookings", "count", "marked"),
        Column("bookings", "count", "bookings"),
        Column("last no-show", "date", "last"),
    )
    yield Table("Repeat no-shows", columns, participants.repeats if participants else ())


def _week_ahead(report: Report) -> Iterator[Table]:
    ahead = report.contents.get("week_ahead")
    columns = (
        Column("session", "text", "start"),
        *_SESSION,
        *(Column(name, "count", name) for name in ("bookings", "booked", "seats", "waiting")),
        Column("expected no-shows", "number", "expected"),
        Column("95 % from", "count", "low"),
        Column("95 % to", "count", "high"),
        Column("seats to offer", "count", "seats_to_offer"),
    )
    yield Table("Week ahead", columns, ahead.sessions if ahead else ())


def _worth(report: Report) -> Iterator[Table]:
    worth = report.contents.get("worth")
    columns = (
        Column("currency", "text", "currency"),
        Column("no-shows at list price", "money", "low"),
        Column("with all unmarked", "money", "high"),
        Column("empty seats", "count", "absent"),
        Column("with a price", "count", "priced"),
    )
    yield Table("Worth", columns, worth.values if worth else ())


def _money(report: Report) -> Iterator[Table]:
    money = report.contents.get("money")
    fee = (Column("fee", "money", "amount"), Column("currency", "text", "currency"))
    figures = (
        Column("currency", "text", "currency"),
        Column("figure", "text", "name"),
        Column("amount", "money", "amount"),
        Column("bookings", "count", "bookings"),
        Column("not known of", "count", "missing"),
        Column("from", "text", "sources"),
    )
    yield Table("Money", figures, money.amounts if money else ())
    of = tuple(
        Column(head, "text", name) for head, name in (("session", "start"), ("service", "service"), ("why", "why"))
    )
    columns = (*of, *fee, Column("booking", "text", "booking_id"))
    yield Table("Money contradictions", columns, money.contradictions if money else ())


def _quality(report: Report) -> Iterator[Table]:
    quality = report.contents.get("quality")
    if quality:
        rows = Column("rows", "count", "rows")
        yield Table("Place of every row", (Column("place", "text", "label"), rows), quality.steps)
        yield Table(
            "Flags", (Column("flag", "text", "name"), Column("meaning", "text", "meaning"), rows), quality.flags
        )
        of = (Column("kind", "text", "kind"), Column("rule", "text", "rule"))
        yield Table("Records set aside", (*of, Column("example", "text", "example"), rows), quality.reasons)


def _sessions(report: Report) -> Iterator[Table]:
    sessions = report.contents.get("sessions")
    names = ("bookings", "attended", "no_shows", "unmarked", "late_cancelled", "walk_ins", "excused")
    counts = (Column(name.replace("no_shows", "no-shows").replace("_", " "), "count", name) for name in names)
    columns = (Column("session", "text", "start"), *_SESSION, *counts)
    yield Table("Sessions", columns, sessions.sessions if sessions else ())


_TABLES: Iterable[Callable[[Report], Iterator[Table]]] = (
    _summary,
    _figures,
    _registers,
    _rankings,
    _when,
    _attributes,
    _factors,
    _over_time,
    _courses,
    _participants,
    _week_ahead,
    _worth,
    _money,
    _quality,
    _sessions,
)


def sheet_names(tables: Sequence[Table]) -> Mapping[int, str]:
    """The name of each table's sheet by its place: at most 31 characters, none that Excel refuses, none twice."""
    taken: dict[str, int] = {}
    for place, table in enumerate(tables):
        name = "".join(" " if sign in "[]:*?/\\" else sign for sign in table.name).strip("' ")[:31] or "Table"
        number = 2
        plain = name
        # Excel does not tell capitals apart.
        while name.lower() in taken:
            name = f"{plain[:27]} {number}"
            number += 1
        taken[name.lower()] = place
    found = {place: name for name, place in taken.items()}
    return {place: words.capital(name) for place, name in found.items()}
