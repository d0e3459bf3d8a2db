"""The list price of no-shows, and how many seats to offer beyond capacity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from queries.measures.seats import (
    ClassSeats,
    SeatCosts,
    SeatsFound,
    SeatsNotTested,
    SeatsVerdict,
    seats_of_classes,
)
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.section import Inputs

# Of a class that is often full and has enough history.
OFFERS: Sequence[Sentence[SeatsFound]] = (
    Sentence("Offer no more than there are.", lambda each: not each.seats),
    Sentence(
        "Offer {seats} more than there are.",
        lambda each: each.seats > 0 and (each.cheapest is None or each.cheapest >= each.seats),
    ),
    Sentence(
        "Offering {seats} more than there are stays within the risk; at your costs the cheapest number is {cheapest}.",
        lambda each: each.cheapest is not None and each.cheapest < each.seats,
    ),
)


# Of all classes: whether any could be booked beyond its capacity.
TITLES: Sequence[Sentence[Sequence[SeatOffer]]] = (
    Sentence("No class should be booked beyond its seats.", lambda offers: not any(each.seats for each in offers)),
    Sentence(
        "More seats than there are could be offered in {named}.", lambda offers: any(each.seats for each in offers)
    ),
)


@dataclass(frozen=True, slots=True)
class Value:
    """Seats known to be empty at list price, and as many more as may be if none of the unmarked came.

    `priced` of all `absent` empty seats have a price in this currency; the others are not in the value.
    """

    currency: str | None
    low: Decimal
    high: Decimal
    absent: int
    priced: int


@dataclass(frozen=True, slots=True)
class SeatOffer:
    """A class, and the seats beyond its capacity that the report advises to offer.

    `seats` is None if none can be advised: the class is seldom full, or has too little history. `risk` is that of more
    people than seats, `cheapest` the seats with the least expected cost if the costs are set, `rate` the expected
    no-show rate of participants, `correlation` how far those booked for one session stay away together, both None if
    there is too little history. `advice` says all of that.
    """

    service: str
    capacity: int
    sessions: int
    full: int
    fill_rate: float | None
    attendance_fill_rate: float | None
    rate: float | None
    correlation: float | None
    seats: int | None
    risk: float | None
    cheapest: int | None
    advice: str


@dataclass(frozen=True, slots=True)
class Worth:
    """The value of empty seats by currency, and the seats to offer; `accepted` is the risk to run.

    `costs` are those of an empty seat and of turning somebody away, if the settings have them.
    """

    values: tuple[Value, ...]
    offers: tuple[SeatOffer, ...]
    accepted: float
    costs: SeatCosts | None = None

    @property
    def offers_title(self) -> str:
        """The finding on the seats to offer."""
        named = [f"{each.service} ({words.count(each.seats)})" for each in self.offers if each.seats]
        return say(self.offers, TITLES, {"named": words.listed(named) if named else ""})


def content(inputs: Inputs) -> Worth:
    """The section of a report; without offers if the source does not know the sessions nobody booked."""
    frames, about = inputs.frames, inputs.about
    occupancy = None if "offers" in about.left_out else frames.rows["occupancy"]
    options = about.options
    return worth_of(frames.rows["empty_seats"], occupancy, options.full_class_risk, options.seat_costs)


def worth_of(
    empty: pl.DataFrame, occupancy: pl.DataFrame | None, accepted: float, costs: SeatCosts | None = None
) -> Worth:
    """From the measures `empty_seats` and `occupancy` (if it is known); `accepted` is the risk to run."""
    classes = () if occupancy is None else seats_of_classes(occupancy.to_dicts(), accepted, costs)
    offers = tuple(map(_offer, classes))
    return Worth(_values(empty), offers, accepted, costs)


def _values(empty: pl.DataFrame) -> tuple[Value, ...]:
    absent = int(empty["absent"].sum())
    sums = (
        empty.group_by("currency")
        .agg(pl.col("value_absent", "value_unmarked", "absent_priced").sum(), known=pl.col("value_absent").count())
        .filter((pl.col("known") > 0) | (pl.col("value_unmarked") > 0))
        .sort("currency")
    )
    return tuple(
        Value(
            row["currency"] or None,
            row["value_absent"],
            row["value_absent"] + row["value_unmarked"],
            absent,
            row["absent_priced"],
        )
        for row in sums.to_dicts()
    )


def _offer(each: ClassSeats) -> SeatOffer:
    """A row of the table. Where the advice is against it, there is no number of seats."""
    row, verdict, offered = each.row, each.verdict, each.offered
    found = verdict if isinstance(verdict, SeatsFound) else None
    return SeatOffer(
        service=words.clean(row["service"]),
        capacity=row["capacity"],
        sessions=row["sessions"],
        full=row["full_sessions"],
        fill_rate=row["booked"] / row["seats"] if row["seats"] else None,
        attendance_fill_rate=row["came_within"] / row["seats_marked"] if row["seats_marked"] else None,
        rate=found.law.rate if found else None,
        correlation=found.law.correlation if found else None,
        seats=offered.seats if offered else None,
        risk=offered.risk if offered and offered.seats else None,
        cheapest=offered.cheapest if offered else None,
        advice=_advice(row, verdict, each.is_often_full),
    )


def _advice(row: Mapping[str, Any], verdict: SeatsVerdict, is_full: bool) -> str:
    if not is_full:
        return f"Seldom full ({words.of(row['full_sessions'], row['sessions'])} sessions): fill the seats there are."
    if isinstance(verdict, SeatsNotTested):
        return f"Too few sessions to say: {words.count(verdict.sessions)} marked, and {verdict.needed} are needed."
    values = {"seats": words.plural(verdict.seats, "seat"), "cheapest": words.count(verdict.cheapest)}
    return say(verdict, OFFERS, values)
