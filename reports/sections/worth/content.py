"""The list value of empty seats, and how many seats to offer beyond capacity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from queries.measures.rates import FEWEST_GROUPS_TO_SHRINK, prior_weight
from queries.measures.seats import overflow_chance, posterior, seats_to_offer
from reports.drawing import words
from reports.sections.section import Inputs

# An extra seat is of use only if sessions fill up.
_OFTEN_FULL = 0.1


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
    """A class and how many seats beyond its capacity may be offered; `risk` is that of more people than seats."""

    service: str
    capacity: int
    sessions: int
    full: int
    fill_rate: float | None
    attendance_fill_rate: float | None
    rate: float
    seats: int
    risk: float | None
    advice: str


@dataclass(frozen=True, slots=True)
class Worth:
    """The value of empty seats by currency, and the seats to offer; `accepted` is the risk to run."""

    values: tuple[Value, ...]
    offers: tuple[SeatOffer, ...]
    accepted: float


def content(inputs: Inputs) -> Worth:
    """The section of a report; without offers if the source does not know the sessions nobody booked."""
    frames, about = inputs.frames, inputs.about
    occupancy = None if "offers" in about.left_out else frames.rows["occupancy"]
    return worth_of(frames.rows["empty_seats"], occupancy, frames.by["service"], about.options.full_class_risk)


def worth_of(empty: pl.DataFrame, occupancy: pl.DataFrame | None, by_service: pl.DataFrame, accepted: float) -> Worth:
    """From the measures `empty_seats` and `occupancy` (if it is known), and rates by service.

    `accepted` is the risk to run.
    """
    offers = () if occupancy is None else tuple(_offers(occupancy, by_service, accepted))
    return Worth(_values(empty), offers, accepted)


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


def _offers(occupancy: pl.DataFrame, by_service: pl.DataFrame, accepted: float) -> list[SeatOffer]:
    total = int(by_service["rated_bookings"].sum())
    pooled = int(by_service["missed_bookings"].sum()) / total if total else None
    groups = by_service.filter(pl.col("rated_bookings") > 0).height
    weight = prior_weight(by_service) if groups >= FEWEST_GROUPS_TO_SHRINK else None
    classes = occupancy.filter((pl.col("service_type") == "CLASS") & (pl.col("capacity") > 1))
    return [_offer(row, pooled, weight, accepted) for row in classes.to_dicts()]


def _offer(row: Mapping[str, Any], pooled: float | None, weight: float | None, accepted: float) -> SeatOffer:
    rate = posterior(row["no_shows"], row["attended_bookings"], pooled, weight)
    capacity = row["capacity"]
    seats = seats_to_offer(capacity, rate, accepted)
    return SeatOffer(
        service=words.clean(row["service"]),
        capacity=capacity,
        sessions=row["sessions"],
        full=row["full_sessions"],
        fill_rate=row["booked"] / row["seats"] if row["seats"] else None,
        attendance_fill_rate=row["came_within"] / row["seats_marked"] if row["seats_marked"] else None,
        rate=rate.mean,
        seats=seats,
        risk=overflow_chance(capacity, seats, rate) if seats else None,
        advice=_advice(seats, row["full_sessions"], row["sessions"]),
    )


def _advice(seats: int, full: int, sessions: int) -> str:
    if full < _OFTEN_FULL * sessions:
        return f"Seldom full ({words.of(full, sessions)} sessions): fill the seats there are first."
    return f"Offer {words.plural(seats, 'seat')} more than there are." if seats else "Offer no more than there are."
