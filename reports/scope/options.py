"""What a user may choose about a report goes in; one value that is passed along comes out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from queries.keyed_hash import keyed_hash


@dataclass(frozen=True, slots=True)
class Policy:
    """A change in how the business works, from a local date on: the report shows the rate before and after."""

    date: dt.date
    what: str


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is to be.

    `min_bookings`: groups with fewer marked say too little. `enough_coverage`: below it the bounds lead.
    `full_class_risk`: accepted chance that more come than a class holds. `names`: participants by name, else under a
    pseudonym made with `pseudonym_key`. `share`: for others to see, with small counts blank and no names.
    `compare`: the period that a change is told against, `previous` or `year`.
    """

    title: str | None = None
    min_bookings: int = 10
    enough_coverage: float = 0.8
    full_class_risk: float = 0.05
    names: bool = False
    share: bool = False
    compare: str = "previous"
    pseudonym_key: str | None = None
    brand_name: str | None = None
    brand_colour: str | None = None
    policies: tuple[Policy, ...] = ()


def pseudonym(key: str, participant: str) -> str:
    """What a participant is called where names are not shown: the same under the same key, and telling nothing."""
    return f"guest {keyed_hash(key, participant)[:8]}"
