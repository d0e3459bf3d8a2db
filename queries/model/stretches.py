"""Two stretches of time that are compared, and the bookings in them that count."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

# Sums over rated bookings before and after: their numbers, squares by contact, and products of both sides by contact.
SIDES = ("rated_before", "rated_after", "squares_before", "squares_after", "products")


@dataclass(frozen=True, slots=True)
class Stretches:
    """Local dates of sessions before and after, each the first and the last, both included.

    With `names`, of locations or services (`where`), in any case: only bookings of those, or only of all others if
    `is_named` is false.
    """

    before: tuple[dt.date, dt.date]
    after: tuple[dt.date, dt.date]
    where: Literal["location", "service"] = "location"
    names: tuple[str, ...] = ()
    is_named: bool = True
