"""The factors that may go with no-shows: for each its name and its levels in SQL over a row `p` of the fact.

Attributes of the bookings are factors too if they have few values; staff and location are not, since they
are compared by their own bookings (`COMPARED`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from queries.model.attributes import PREFIX, attribute_sql
from queries.model.groupings import GROUPINGS, LEAD_TIME_BANDS
from queries.model.vocabularies import MARKS

FEWEST_VALUES, MOST_VALUES, MOST_ATTRIBUTES = 2, 8, 12
_HOURS = (9, 12, 15, 18, 21)
HOUR_BANDS = (
    f"before {_HOURS[0]}:00",
    *(f"{first}:00-{last}:00" for first, last in pairwise(_HOURS)),
    f"from {_HOURS[-1]}:00",
)
VISITS = ("first", "later")
PARTIES = ("1", "2", "3 and more")


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor: `sql` is a row's level as text, null if it is unknown; `sequence` has its levels in order, if known."""

    name: str
    sql: str
    sequence: tuple[str, ...] = ()


FACTORS = (
    Factor("lead_time", GROUPINGS["lead_time"].key, LEAD_TIME_BANDS),
    Factor("local_weekday", "p.local_weekday::varchar", tuple("1234567")),
    Factor(
        "local_hours",
        # A source that gives dates only has its sessions at midnight.
        "case when p.local_start is null or p.local_start::time = time '00:00' then null"
        + "".join(f" when p.local_hour < {hour} then '{band}'" for hour, band in zip(_HOURS, HOUR_BANDS, strict=False))
        + f" else '{HOUR_BANDS[-1]}' end",
        HOUR_BANDS,
    ),
    Factor("service", "p.service_id::varchar"),
    Factor(
        "visit",
        f"case when p.visit is null then null when p.visit = 1 then '{VISITS[0]}' else '{VISITS[1]}' end",
        VISITS,
    ),
    Factor(
        "party",
        f"case when p.booked is null then null when p.booked >= 3 then '{PARTIES[2]}' else p.booked::varchar end",
        PARTIES,
    ),
    # Sources that record one side only have lower or higher rates for that alone.
    Factor("marks", "p.marks", MARKS),
)
# Groups that are compared like for like, by the name of their grouping.
COMPARED = ("location", "service", "staff")
# The keys of compared groups that are not factors: column of the cells -> SQL.
KEYS = {"location_id": GROUPINGS["location"].key, "staff_id": GROUPINGS["staff"].key}


def attribute_factor(name: str) -> Factor:
    """The factor `attributes.<name>`. The name is one that `attribute_named` accepts."""
    return Factor(f"{PREFIX}{name}", attribute_sql(name))


def sequence_of(factor: str) -> tuple[str, ...]:
    """The levels of a factor in order; none if they are not known beforehand."""
    return next((each.sequence for each in FACTORS if each.name == factor), ())
