"""The bar of shares and the figures beside the headline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from queries import Site
from reports.drawing import words
from reports.sections.headline.figures import Headline


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the due bookings: its name, its rows, and the start and width of its bar (of 1,000)."""

    name: str
    rows: int | None
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure beside the headline, and its meaning."""

    name: str
    figure: str
    meaning: str


def shares_of(headline: Headline) -> tuple[Share, ...]:
    """The due bookings by outcome, as parts of a bar; none if nothing is due or the counts are withheld."""
    parts = (
        ("No-show", headline.no_shows),
        ("Attended", headline.attended_bookings),
        ("Unmarked", headline.unmarked_bookings),
    )
    shares: list[Share] = []
    start = 0.0
    is_drawn = headline.bookings and not headline.is_withheld
    for name, rows in parts if is_drawn else ():
        width = 1000 * (rows or 0) / (headline.bookings or 1)
        shares.append(Share(name, rows, f"{start:.1f}", f"{width:.1f}"))
        start += width
    return tuple(shares)


def facts_of(row: dict[str, Any], site: Site, share: bool = False) -> tuple[Fact, ...]:
    """The figures beside the headline, from the one row of rates over all; when shared, without participants."""
    unknown = "withheld, or no cancel times are loaded" if share else "unknown, as no cancel times are loaded"
    unmarked = "" if share else f", {words.count(row['sessions_unmarked'])} of them with an unmarked booking"
    lost = "withheld" if share and row["lost_seat_rate"] is None else words.percent(row["lost_seat_rate"])
    facts = (
        Fact("Due bookings", words.count(row["bookings"]), f"in {words.plural(row['sessions'], 'session')}{unmarked}"),
        Fact("Empty seats", words.percent(row["participant_no_show_rate"]), _seats_in_words(row)),
        Fact("Lost seats", lost, _lost_in_words(row, site, unknown)),
        Fact("Cancelled beforehand", words.count(row["cancelled_bookings"]), _late_in_words(row, site, unknown)),
        Fact("Walk-ins", words.count(row["walk_ins"]), "came without being booked; in no rate"),
    )
    return tuple(fact for fact in facts if not share or fact.name != "Empty seats")


def _seats_in_words(row: dict[str, Any]) -> str:
    if not row["booked_marked"]:
        return "no marked booking yet"
    within = words.interval(row["participant_no_show_rate_low"], row["participant_no_show_rate_high"])
    return (
        f"{words.of(row['absent'], row['booked_marked'])} booked participants stayed away ({words.INTERVAL} {within})"
    )


def _lost_in_words(row: dict[str, Any], site: Site, unknown: str) -> str:
    late = row["late_cancelled"]
    if late is None:
        return f"no-shows and late cancellations; {unknown}"
    known = row["lost_seat_rate"] is not None
    counted = words.of(row["no_shows"] + late, row["marked_bookings"] + late) if known else "–"
    return f"{counted}: no-shows, and cancellations within {site.late_hours} hours of the start"


def _late_in_words(row: dict[str, Any], site: Site, unknown: str) -> str:
    late = row["late_cancelled"]
    if late is None:
        return f"bookings; how many of them late: {unknown}"
    return f"bookings, {words.count(late)} of them late (within {site.late_hours} hours of the start); no no-shows"
