"""Decide how people behave: how early they book, whether they cancel, and whether they come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from random import Random

from pipeline.sample.business import FORGETFUL, HARBOUR
from pipeline.sample.calendar import Occurrence

# Up to so many days between booking and session -> share of bookings.
_LEAD_DAYS = ((0, 0.18), (1, 0.16), (7, 0.32), (14, 0.16), (28, 0.13), (42, 0.05))
# Up to so many days of lead time -> factor of the chance that a booking is not attended.
_LEAD_FACTORS = ((0, 0.55), (1, 0.75), (7, 1.0), (14, 1.3), (28, 1.6), (999, 2.0))
_OTHER_STATUSES = ("PENDING", "DECLINED", "WAITING_LIST", "CREATED")


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of a booking: its status, when it was made and canceled, its party, and whether it was moved."""

    status: str
    created: dt.datetime
    party: int
    canceled: dt.datetime | None
    canceled_by: str | None
    moved: bool


def lead_days(rng: Random) -> int:
    """Draw the whole days between booking and session."""
    days, _ = _pick(rng, _LEAD_DAYS)
    lower = {0: 0, 1: 1, 7: 2, 14: 8, 28: 15, 42: 29}[days]
    return rng.randint(lower, days)


def plan(session: Occurrence, rng: Random) -> Plan:
    """Draw how a booking is made, and whether it is canceled or moved."""
    ahead = dt.timedelta(days=lead_days(rng), minutes=rng.randint(90, 600))
    created = session.start - ahead
    party = _party(rng) if session.slot.service.type == "CLASS" else 1
    fate = rng.random()
    if fate < 0.115:
        canceled, by = _cancellation(session, created, rng)
        return Plan("CANCELED", created, party, canceled, by, False)
    if fate < 0.13:
        return Plan(rng.choice(_OTHER_STATUSES), created, party, None, None, False)
    moved = fate < 0.145 and session.slot.service.type == "CLASS"
    return Plan("CONFIRMED", created, party, None, None, moved)


def known_by(last: dt.date, story: Plan) -> Plan:
    """The course of a booking as an export of the evening of a day has it: nothing is made or cancelled later.

    A booking of a session ahead that would have been made later is made that day, so that sessions ahead fill up.
    """
    created, canceled = story.created, story.canceled
    if created.date() > last:
        created -= dt.timedelta(days=(created.date() - last).days)
    if canceled and canceled.date() > last:
        canceled = created + dt.timedelta(minutes=5)
    return replace(story, created=created, canceled=canceled)


def no_show_chance(session: Occurrence, created: dt.datetime, contact: int) -> float:
    """The chance that a booking is not attended: by service, lead time, evenings at the harbour, and the contact.

    The report should find these: evenings at the harbour twice as bad, and 4 % of contacts three times.
    """
    days = (session.start.date() - created.date()).days
    factor = next(factor for limit, factor in _LEAD_FACTORS if days <= limit)
    if session.slot.location is HARBOUR and session.start.hour >= 18:
        factor *= 2.0
    # A multiplicative hash picks the same 4 % of contacts in every session.
    if contact * 2_654_435_761 % 100 < 4:
        factor *= 3.0
    return min(0.8, session.slot.service.no_show * factor)


def came(party: int, rng: Random) -> int:
    """Draw how many of an attending party come: now and then fewer, or one more."""
    fate = rng.random()
    if party > 1 and fate < 0.15:
        return rng.randint(1, party - 1)
    return party + 1 if fate > 0.985 else party


def register_kept(session: Occurrence, until: dt.date, rng: Random) -> bool:
    """Draw whether anybody marked attendance for the session."""
    if session.start.date() > until - dt.timedelta(days=2):
        return rng.random() < 0.5
    return rng.random() > (0.3 if session.slot.staff == FORGETFUL else 0.03)


def _party(rng: Random) -> int:
    return _pick(rng, ((1, 0.84), (2, 0.11), (3, 0.03), (4, 0.02)))[0]


def _cancellation(session: Occurrence, created: dt.datetime, rng: Random) -> tuple[dt.datetime | None, str | None]:
    by = "BUSINESS" if rng.random() < 0.12 else "CUSTOMER"
    if rng.random() < 0.08:
        return None, None
    late = rng.random() < 0.35
    latest = session.start - dt.timedelta(minutes=20)
    wanted = session.start - (
        dt.timedelta(hours=rng.uniform(0.5, 23)) if late else dt.timedelta(hours=rng.uniform(25, 200))
    )
    return max(min(wanted, latest), created + dt.timedelta(minutes=5)), by


def _pick(rng: Random, options: tuple[tuple[int, float], ...]) -> tuple[int, float]:
    chance = rng.random()
    for option in options:
        chance -= option[1]
        if chance < 0:
            return option
    return options[-1]
