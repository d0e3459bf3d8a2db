"""The features of a booking that its risk is taken from, and the bands that a risk is shown in.

A feature is an expression over a row `p` of the macro `known_before_at`, which has the columns of the fact that are
known before the session begins (`FactColumn.known_before`) and the person's own history up to then, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from queries.model.attributes import PREFIX
from queries.model.factors import FACTORS
from queries.model.groupings import GROUPINGS

INTERCEPT = "intercept"
# Bookings of one service and lead time have one rate: no model is needed for it.
RATE_GROUP = (GROUPINGS["service"], GROUPINGS["lead_time"])
# A history is shrunk as if a contact had had so many bookings more, with this rate of no-shows. Two of them: how much a
# short history says is learnt from the weights of both.
SHORT_HISTORY, LONG_HISTORY = 5.0, 25.0
HISTORY_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Feature:
    """Something known of a booking before its session: `sql` is its level as text, null if it has none.

    `is_number` features have a number instead, and one weight for each unit of it; `english` names it in the card.
    `is_checked` features are such that a source may write again after the session, as a payment at the desk: they are
    used only if bookings ahead have the same levels as those of the past.
    """

    name: str
    english: str
    sql: str
    is_number: bool = False
    is_checked: bool = False


_FACTORS = {factor.name: factor.sql for factor in FACTORS}
# Prices by doublings: 12.50 and 15.00 are both of the band from 8 to 16.
_PRICE = "case when p.price is null then null when p.price < 1 then '0' else floor(log2(p.price))::bigint::varchar end"


def _history_sql(bookings: float) -> str:
    """The log odds of a person's own earlier no-shows, shrunk; 0 for a person without any history.

    In quarters, so that a weight of it need not be larger than those of levels to be of use.
    """
    missed, came = bookings * HISTORY_RATE, bookings * (1 - HISTORY_RATE)
    return (
        f"4 * (ln((p.earlier_no_shows + {missed}::double) "
        f"/ (p.earlier_bookings - p.earlier_no_shows + {came}::double)) - ln({missed}::double / {came}::double))"
    )


_KNOWN_TO_US = "case when p.participant_id is null then null when p.earlier_bookings = 0 then 'none' else 'some' end"

FEATURES: tuple[Feature, ...] = (
    Feature(INTERCEPT, "every booking", "1", is_number=True),
    Feature("lead_time", "days booked ahead", _FACTORS["lead_time"]),
    Feature("local_weekday", "weekday", _FACTORS["local_weekday"]),
    Feature("local_hour", "hour", "case when p.local_start::time <> time '00:00' then p.local_hour::varchar end"),
    Feature("service", "service", _FACTORS["service"]),
    Feature("series", "session series", "p.series_id"),
    Feature("staff", "staff", "p.staff_id"),
    Feature("location", "location", "p.location_id"),
    Feature("visit_number", "visit number", GROUPINGS["visit_number"].key),
    Feature("history", "the person's own earlier no-shows", _history_sql(SHORT_HISTORY), is_number=True),
    Feature(
        "long_history", "earlier no-shows of people with many bookings", _history_sql(LONG_HISTORY), is_number=True
    ),
    Feature("known", "whether the person has come before", _KNOWN_TO_US),
    Feature("party", "party size", _FACTORS["party"]),
    Feature("price", "price", _PRICE, is_checked=True),
    # Sources that record one side only have lower or higher rates for that alone.
    Feature("marks", "marks that the source records", _FACTORS["marks"]),
    Feature("payment_status", "payment", "p.payment_status", is_checked=True),
)

# The columns of the view upcoming_bookings.
UPCOMING = (
    "booking_id",
    "session_id",
    "service_id",
    "service",
    "service_type",
    "location_id",
    "location",
    "staff_id",
    "staff",
    "starts_at",
    "local_start",
    "participant_id",
    "participant_name",
    "booked",
    "weight",
    "lead_time",
    "earlier_bookings",
    "earlier_no_shows",
    "group_rate",
    "risk",
    "risk_band",
    "no_show_chance",
    "is_licensed",
)

# A risk up to so much is of the band.
_BANDS = ((0.05, "under 5 %"), (0.1, "5-10 %"), (0.2, "10-20 %"), (0.4, "20-40 %"))
RISK_BANDS = (*(label for _, label in _BANDS), "over 40 %")


def risk_band_sql(risk: str) -> str:
    """The band of a risk in SQL, null if there is none; 5 % itself is of the band from 5 %."""
    cases = "".join(f" when {risk} < {limit} then '{label}'" for limit, label in _BANDS)
    return f"case when {risk} is null then null{cases} else '{RISK_BANDS[-1]}' end"


def english(feature: str, features: tuple[Feature, ...] = FEATURES) -> str:
    """A feature in words: its own, or the name of the attribute."""
    named: Mapping[str, str] = {each.name: each.english for each in features}
    return named.get(feature, feature.removeprefix(PREFIX).replace("_", " "))


def is_checked(feature: str) -> bool:
    """Whether a source may write a feature again after the session; it may write any attribute."""
    return feature.startswith(PREFIX) or any(each.is_checked for each in FEATURES if each.name == feature)
