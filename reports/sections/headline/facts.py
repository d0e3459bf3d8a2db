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
    if not headline.bookings or headline.is_withheld:
        return ()
    shares: list[Share] = []
    start = 0.0
    for name, rows in _outcomes(headline):
        width = 1000 * (rows or 0) / headline.bookings
        shares.append(Share(name, rows, f"{start:.1f}", f"{width:.1f}"))
        start += width
    return tuple(shares)


def _outcomes(headline: Headline) -> list[tuple[str, int | None]]:
    """Outcomes and their bookings; a shared report does not say which of them are presumed."""
    unmarked = (("Unmarked", headline.unmarked_bookings),) if headline.has_registers else ()
    rest = (*unmarked, *((("Excused", headline.excused),) if headline.excused else ()))
    if headline.no_shows is None:
        came = (headline.rated_bookings or 0) - (headline.missed_bookings or 0)
        return [("No-show", headline.missed_bookings), ("Attended", came), *rest]
    presumed = (("Presumed no-show", headline.presumed_missed), ("Presumed attended", headline.presumed_attended))
    missed, came_too = (((name, rows),) if rows else () for name, rows in presumed)
    return [("No-show", headline.no_shows), *missed, ("Attended", headline.attended_bookings), *came_too, *rest]


def facts_of(row: dict[str, Any], site: Site, share: bool = False, has_registers: bool = True) -> tuple[Fact, ...]:
    """The figures beside the headline, from the one row of rates over all; when shared, without participants.

    `has_registers`: a booking can be unmarked.
    """
    unmarked = (
        ""
        if share or not has_registers
        else f", {words.count(row['sessions_unmarked'])} of them with an unmarked booking"
    )
    return (
        Fact("Past bookings", words.count(row["bookings"]), f"in {words.plural(row['sessions'], 'session')}{unmarked}"),
        *_excused(row),
        *(() if share else (_by_participant(row),)),
        *(_cancelled(row, site, share) if row["cancelled_bookings"] != 0 else ()),
        *(_walk_ins(row) if row["walk_ins"] != 0 else ()),
    )


def _cancelled(row: dict[str, Any], site: Site, share: bool) -> tuple[Fact, ...]:
    """Cancellations, if there are any: most exports leave them out, and 0 would read as a finding."""
    unknown = "withheld, or no cancel times are loaded" if share else "unknown, as no cancel times are loaded"
    lost = "withheld" if share and row["lost_seat_rate"] is None else words.percent(row["lost_seat_rate"])
    return (
        Fact("With late cancellations", lost, _lost_in_words(row, site, unknown)),
        Fact("Cancelled beforehand", words.count(row["cancelled_bookings"]), _late_in_words(row, site, unknown, share)),
    )


def _walk_ins(row: dict[str, Any]) -> tuple[Fact, ...]:
    return (Fact("Walk-ins", words.count(row["walk_ins"]), "came without being booked; in no rate"),)


def _excused(row: dict[str, Any]) -> tuple[Fact, ...]:
    """Those excused, if there are any: they complete a register and are neither no-shows nor attended."""
    if not row["excused"]:
        return ()
    return (Fact("Excused", words.count(row["excused"]), "ill, injured or justified; in neither number of the rate"),)


def _by_participant(row: dict[str, Any]) -> Fact:
    return Fact("By participant", words.percent(row["participant_no_show_rate"]), _participants_in_words(row))


def _participants_in_words(row: dict[str, Any]) -> str:
    if not row["booked_marked"]:
        return "no marked booking yet"
    within = words.interval(row["participant_no_show_rate_low"], row["participant_no_show_rate_high"])
    return f"{words.of(row['absent'], row['booked_marked'])} booked participants stayed away ({words.RANGE} {within})"


def _lost_in_words(row: dict[str, Any], site: Site, unknown: str) -> str:
    late = row["late_cancelled"]
    if late is None:
        return f"no-shows and late cancellations; {unknown}"
    known = row["lost_seat_rate"] is not None
    counted = f"{words.of(row['missed_bookings'] + late, row['rated_bookings'] + late)}: " if known else ""
    return f"{counted}no-shows, and cancellations within {site.late_hours} hours of the start"


def _late_in_words(row: dict[str, Any], site: Site, unknown: str, share: bool) -> str:
    late = row["late_cancelled"]
    if late is None:
        return f"bookings; how many of them late: {unknown}"
    within = f"within {site.late_hours} hours of the start"
    # A shared report has no such count: with the others it might give away one that is withheld.
    business = 0 if share else row["business_cancelled"]
    by_business = f" and {words.count(business)} by the business, at whatever time;" if business else ","
    return f"bookings, {words.count(late)} of them late ({within}){by_business} not counted as no-shows"
