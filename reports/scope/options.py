"""The choices a user has about a report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from queries.measures.seats import SeatCosts


@dataclass(frozen=True, slots=True)
class Policy:
    """A change in how the business works, from a local date on: the report shows the rate before and after.

    `where` is `location` or `service`, and `names` are those of the locations or services that changed: all others are
    controls. Without names everything changed, and there are no controls.
    """

    date: dt.date
    what: str
    where: Literal["location", "service"] = "location"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is presented.

    `min_bookings`: groups with fewer marked bookings are shown without a rate. `enough_coverage`: below it the bounds
    lead. `max_quarantined_share`: if more of the records read are set aside, the report begins with that. `attributes`:
    names of attributes to compare bookings by. `full_class_risk`: accepted chance that more people come than a class
    holds. `names`: participants by name, otherwise under a pseudonym made with `pseudonym_key`. `share`: for others to
    see, with small counts blank and no names. `compare`: the period to compare with, `previous` or `year`.
    `seat_costs`: of a seat that stays empty and of a person turned away. `mail_from` and `mail_to`: the addresses that
    a report as an e-mail names.
    """

    title: str | None = None
    min_bookings: int = 10
    enough_coverage: float = 0.8
    full_class_risk: float = 0.05
    max_quarantined_share: float = 0.05
    attributes: tuple[str, ...] = ()
    names: bool = False
    share: bool = False
    compare: str = "previous"
    pseudonym_key: str | None = None
    brand_name: str | None = None
    brand_colour: str | None = None
    policies: tuple[Policy, ...] = ()
    seat_costs: SeatCosts | None = None
    mail_from: str = "noshow@localhost"
    mail_to: tuple[str, ...] = ()
