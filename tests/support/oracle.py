"""The definitions once more, in plain Python: slow, without a database or a frame, and easy to check by reading.

Written from the definitions of the fact, the counts and the rates, not from the SQL. Records come as dictionaries with
the columns of the tables `session`, `booking` and `attendance`; a column that is left out is null. Instants are naive
and in UTC, as the database keeps them.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
BEFORE_ALL = dt.datetime(1970, 1, 1)  # noqa: DTZ001
MARKED = ("attended", "not_attended")
MISSED = ("not_attended", "presumed_missed")
RATED = (*MARKED, "presumed_attended", "presumed_missed")


@dataclass(frozen=True)
class Records:
    """All loaded records, and the settings of the site."""

    sessions: Sequence[Row] = ()
    bookings: Sequence[Row] = ()
    attendances: Sequence[Row] = ()
    site: Row = field(default_factory=dict)

    def setting(self, name: str) -> Any:
        return self.site.get(name, {"time_zone": "UTC", "grace_hours": 24, "late_hours": 24}.get(name))


# The fact


def known_sessions(records: Records) -> dict[str, Row]:
    """Calendar events, and sessions made from slots that have none; the booking that was updated last describes it."""
    known = {session["id"]: session for session in records.sessions}
    slots = [b for b in records.bookings if b["booked_entity"] == "slot" and b["session_key"] not in known]
    for slot in sorted(slots, key=lambda b: (b.get("updated_at") or BEFORE_ALL, b["id"])):
        known[slot["session_key"]] = {**slot, "id": slot["session_key"], "status": "CONFIRMED", "capacity": None}
    return known


def pairs(records: Records) -> list[dict[str, Any]]:
    """Each booking with each session that it covers, whatever the status of either."""
    known = known_sessions(records)
    found = [
        _pair(booking, session, records)
        for booking in records.bookings
        for session in _sessions_of(booking, known, records)
    ]
    return _with_repeats(_with_visits(found))


def _with_repeats(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say of each row whether it is confirmed, and its contact has another confirmed booking of the session."""
    for row in rows:
        own = (row["session_id"], row["participant_id"], "confirmed")
        alike = [r for r in rows if (r["session_id"], r["participant_id"], r["place"]) == own]
        row["is_booked_twice"] = row["participant_id"] is not None and len(alike) > 1
    return rows


def _with_visits(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The confirmed bookings of a contact, numbered by their starts."""
    seen: dict[Any, int] = {}
    for row in rows:
        row["visit"] = None
    told_apart = [row for row in rows if row["place"] == "confirmed" and row["participant_id"]]
    for row in sorted(told_apart, key=lambda r: (r["starts_at"], r["session_id"], str(r["booking_id"]))):
        seen[row["participant_id"]] = row["visit"] = seen.get(row["participant_id"], 0) + 1
    return rows


def _sessions_of(booking: Row, known: Mapping[str, Row], records: Records) -> list[Row | None]:
    """One for an appointment or class; for a course those of its schedule that start after the booking was made."""
    if booking["booked_entity"] == "slot":
        return [known[booking["session_key"]]]
    made = booking.get("created_at") or BEFORE_ALL
    own = [s for s in records.sessions if s.get("schedule_id") == booking["schedule_id"] and s["starts_at"] > made]
    return list(own) or [None]


def _pair(booking: Row, session: Row | None, records: Records) -> dict[str, Any]:
    held = session or {}
    mark = _mark_of(booking, held, records) or {}
    row = {
        "booking_id": booking["id"],
        "session_id": held.get("id"),
        "service": booking.get("service_name") or held.get("service_name"),
        "service_type": booking.get("service_type"),
        "location": held.get("location_name") or booking.get("location_name"),
        "staff": held.get("staff_name") or booking.get("staff_name"),
        "participant_id": booking.get("contact_id"),
        "payment_status": booking.get("payment_status"),
        "starts_at": held.get("starts_at"),
        "capacity": held.get("capacity"),
        "created_at": booking.get("created_at"),
        "booking_status": booking["status"],
        "session_status": held.get("status"),
        "attendance_status": mark.get("status"),
        "number_of_attendees": mark.get("number_of_attendees"),
        "booked": max(1, booking.get("participants") or 1),
        "is_course": booking["booked_entity"] == "schedule",
        "marks": booking.get("marks") or "both",
        "weight": booking.get("weight") or 1,
        "attributes": booking.get("attributes"),
        "canceled_at": booking.get("canceled_at"),
        "excused": bool(mark.get("excused")),
        "session_number": _number_in_course(booking, held, records),
    }
    row |= _times(booking, held, records)
    row["place"] = _place(row)
    row["cancellation"] = _cancellation(booking, row, records)
    row["outcome"] = _outcome(row)
    return row | _participants(row) | _price(booking, row, records)


def _mark_of(booking: Row, session: Row, records: Records) -> Row | None:
    of_pair = (a for a in records.attendances if a["booking_id"] == booking["id"])
    return next((a for a in of_pair if a["session_key"] == session.get("id")), None)


def _number_in_course(booking: Row, session: Row, records: Records) -> int | None:
    """Counted from the first session of the course, booked or not, without those that were cancelled."""
    if booking["booked_entity"] == "slot":
        return None
    of_course = [s for s in records.sessions if s.get("schedule_id") == booking["schedule_id"]]
    held = sorted((s for s in of_course if s["status"] != "CANCELLED"), key=lambda s: (s["starts_at"], s["id"]))
    return next((number for number, s in enumerate(held, 1) if s["id"] == session.get("id")), None)


def _times(booking: Row, session: Row, records: Records) -> dict[str, Any]:
    """Local means the session's own zone: that of the session, else of the booking's slot, else the site's."""
    zone = session.get("time_zone") or booking.get("time_zone") or records.setting("time_zone")
    starts, created = session.get("starts_at"), booking.get("created_at")
    local = _local(starts, zone)
    ends = session.get("ends_at") or starts
    days = (local.date() - _local(created, zone).date()).days if local and created else None
    return {
        "time_zone": zone,
        "local_start": local,
        "local_date": local.date() if local else None,
        "local_weekday": local.isoweekday() if local else None,
        "local_hour": local.hour if local else None,
        "lead_days": days,
        "due_at": ends + dt.timedelta(hours=records.setting("grace_hours")) if ends else None,
    }


def _local(instant: dt.datetime | None, zone: str) -> Any:
    return instant and instant.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _place(row: Row) -> str:
    if row["booking_status"] == "CANCELED":
        # Who leaves a course keeps the sessions that had begun.
        begun = row["is_course"] and row["canceled_at"] and row["starts_at"] and row["starts_at"] < row["canceled_at"]
        if not begun:
            return "cancelled"
        return "session_cancelled" if row["session_status"] == "CANCELLED" else "confirmed"
    if row["booking_status"] != "CONFIRMED":
        return "other_status"
    if row["starts_at"] is None:
        return "no_session"
    return "session_cancelled" if row["session_status"] == "CANCELLED" else "confirmed"


def _cancellation(booking: Row, row: Row, records: Records) -> str | None:
    """Cancellations stand beside no-shows, never inside them."""
    if row["place"] != "cancelled":
        return None
    if booking.get("canceled_by") == "BUSINESS" or booking.get("cancellation") == "business":
        return "business"
    if row["session_status"] == "CANCELLED":
        return "business"
    when = booking.get("canceled_at")
    if when is None or row["starts_at"] is None:
        return booking.get("cancellation") or "unknown"
    return "late" if row["starts_at"] - when <= dt.timedelta(hours=records.setting("late_hours")) else "early"


def _outcome(row: Row) -> str | None:
    """The status wins over the number; no mark is read as the source means it."""
    if row["place"] != "confirmed":
        return None
    if row["excused"]:
        return "excused"
    unmarked = {"both": "unmarked", "arrivals": "presumed_missed"}.get(row["marks"], "presumed_attended")
    attended = "presumed_attended" if row["marks"] == "default" else "attended"
    return {"ATTENDED": attended, "NOT_ATTENDED": "not_attended"}.get(row["attendance_status"], unmarked)


def _participants(row: Row) -> dict[str, Any]:
    booked, number, outcome = row["booked"], row["number_of_attendees"], row["outcome"]
    attended = row["attendance_status"] == "ATTENDED" and outcome in ("attended", "presumed_attended")
    came = None if outcome not in RATED else 0 if outcome in MISSED else max(1, number) if attended else booked
    return {
        "came": came,
        "absent": None if came is None else max(0, booked - came),
        "walk_ins": None if came is None else max(0, came - booked),
        "is_marked": outcome in MARKED,
        "is_rated": outcome in RATED,
        "is_missed": outcome in MISSED,
        "is_partial": attended and came < booked,
        "is_doubtful_default": attended and booked > 1 and number == 1,
        "is_contradiction": (attended and number == 0) or (outcome == "not_attended" and number >= 2),
    }


def _price(booking: Row, row: Row, records: Records) -> dict[str, Any]:
    """The booking's own price, else that of its service in the settings, which is in the site's currency."""
    own, listed = booking.get("price"), (records.setting("prices") or {}).get((row["service"] or "").lower())
    if own is None and listed is not None:
        return {"price": listed, "currency": records.setting("currency")}
    return {"price": own, "currency": booking.get("currency")}


def due(records: Records, as_of: dt.datetime) -> list[dict[str, Any]]:
    """The pairs that are counted: due, confirmed or cancelled."""
    kept = [row for row in pairs(records) if row["place"] in ("confirmed", "cancelled")]
    return [row for row in kept if row["due_at"] and row["due_at"] <= as_of]


def fact(records: Records, as_of: dt.datetime) -> list[dict[str, Any]]:
    """One row per confirmed booking and session that is due."""
    return [row for row in due(records, as_of) if row["place"] == "confirmed"]


def steps(records: Records, as_of: dt.datetime) -> dict[str, int]:
    """How many pairs stand at each step, from rows in to attended or not; steps that nobody reached are left out."""
    found: dict[str, int] = {}
    for row in pairs(records):
        passed = ["pairs", row["place"]]
        if row["place"] == "confirmed":
            passed.append("due" if row["due_at"] <= as_of else "not_due")
        if passed[-1] == "due":
            passed += ["marked", row["outcome"]] if row["outcome"] in MARKED else [row["outcome"]]
        for step in passed:
            found[step] = found.get(step, 0) + row["weight"]
    return found


# Counts and rates


def counts(rows: Iterable[Row]) -> dict[str, Any]:
    """Sums over rows of `due`."""
    rows = list(rows)
    confirmed = [row for row in rows if row["outcome"]]
    rated = [row for row in confirmed if row["outcome"] in RATED]
    unmarked = [row for row in confirmed if row["outcome"] == "unmarked"]
    registers = [row for row in confirmed if row["marks"] == "both"]
    kinds = [row["cancellation"] for row in rows if row["cancellation"]]
    # Late among none whose time is known is not 0.
    no_time_known = "unknown" in kinds and not {"early", "late"} & set(kinds)

    def of(column: str, *values: str, among: Sequence[Row] = rows) -> int:
        return sum(row["weight"] for row in among if row[column] in values)

    def summed(among: Sequence[Row], value: Callable[[Row], int]) -> int:
        return sum(row["weight"] * value(row) for row in among)

    return {
        "bookings": summed(confirmed, lambda row: 1),
        "marked_bookings": of("outcome", *MARKED),
        "attended_bookings": of("outcome", "attended"),
        "no_shows": of("outcome", "not_attended"),
        "unmarked_bookings": of("outcome", "unmarked"),
        "presumed_attended": of("outcome", "presumed_attended"),
        "presumed_missed": of("outcome", "presumed_missed"),
        "excused": of("outcome", "excused"),
        "rated_bookings": of("outcome", *RATED),
        "missed_bookings": of("outcome", *MISSED),
        "register_marked": of("outcome", *MARKED, "excused", among=registers),
        "register_no_shows": of("outcome", "not_attended", among=registers),
        "register_excused": of("outcome", "excused", among=registers),
        "partial_no_shows": summed(rated, lambda row: row["is_partial"]),
        "booked": summed(confirmed, lambda row: row["booked"]),
        "booked_marked": summed(rated, lambda row: row["booked"]),
        "absent": summed(rated, lambda row: row["absent"]),
        "walk_ins": summed(rated, lambda row: row["walk_ins"]),
        "booked_squared": summed(rated, lambda row: row["booked"] ** 2),
        "cancelled_bookings": of("cancellation", *kinds),
        "early_cancelled": of("cancellation", "early"),
        "late_cancelled": None if no_time_known else of("cancellation", "late"),
        "business_cancelled": of("cancellation", "business"),
        "unknown_cancelled": of("cancellation", "unknown"),
        "doubtful_defaults": summed(rated, lambda row: row["is_doubtful_default"]),
        "sessions": len({row["session_id"] for row in confirmed}),
        "sessions_unmarked": len({row["session_id"] for row in unmarked}),
        "session_squares": sum(len(group) ** 2 for group in in_groups(rated, "session")),
        "contact_squares": sum(len(group) ** 2 for group in in_groups(rated, "contact")),
        **_top_three(rated),
        "value_absent": _value_absent(rows, rated),
    }


def in_groups(rated: Iterable[Row], of: str) -> list[list[int]]:
    """The bookings of each session or contact, 1 for a no-show and 0 otherwise; who is unknown is alone."""
    groups: dict[Any, list[int]] = {}
    for at, row in enumerate(rated):
        for number in range(row["weight"]):
            alone = row["weight"] > 1 or row["participant_id"] is None
            contact = (at, number) if alone else row["participant_id"]
            key = row["session_id"] if of == "session" else contact
            groups.setdefault(key, []).append(int(row["outcome"] in MISSED))
    return list(groups.values())


def _top_three(rated: Iterable[Row]) -> dict[str, int]:
    """The three known contacts with most no-shows, if they have any; of two with as many, first who booked less."""
    known = [row for row in rated if row["weight"] == 1 and row["participant_id"] is not None]
    missing = [group for group in in_groups(known, "contact") if sum(group)]
    top = sorted(missing, key=lambda group: (-sum(group), len(group)))[:3]
    return {
        "top_missed": sum(map(sum, top)),
        "top_rated": sum(map(len, top)),
        "top_squares": sum(len(group) ** 2 for group in top),
    }


def correlations(rows: Iterable[Row]) -> tuple[float, float]:
    """The correlation of two bookings of one contact, and of one session, pair by pair over the rated rows."""
    rated = [row for row in rows if row["outcome"] in RATED]
    by_contact, by_session = (in_groups(rated, of) for of in ("contact", "session"))
    every = [y for group in by_contact for y in group]
    n = len(every)
    if not n or sum(every) in (0, n):
        return 0.0, 0.0
    p = sum(every) / n
    crude = [_mean_of_pairs(groups, p) / (p * (1 - p)) for groups in (by_contact, by_session)]
    extra = [sum(len(group) ** 2 for group in groups) / n - 1 for groups in (by_contact, by_session)]
    # d, the variance of p over p(1 - p), follows from the correlations, and they from d: solved for d.
    left = n - sum(a * (1 - r) for a, r in zip(extra, crude, strict=True))
    d = (1 + sum(a * r for a, r in zip(extra, crude, strict=True))) / left if left >= 1 - 1e-9 else 0.0
    # If no two bookings are of one contact or session, there is nothing to estimate.
    contact, session = (min(1.0, max(0.0, r + d * (1 - r))) if a else 0.0 for r, a in zip(crude, extra, strict=True))
    return contact, session


def _mean_of_pairs(groups: Iterable[Sequence[int]], p: float) -> float:
    products = [
        (a - p) * (b - p) for group in groups for i, a in enumerate(group) for j, b in enumerate(group) if i != j
    ]
    return sum(products) / len(products) if products else 0.0


def _value_absent(rows: list[Row], marked: list[Row]) -> Decimal | None:
    """The sum of prices; null if no price is known, or if they are in two currencies, which cannot be added."""
    currencies = {row["currency"] for row in rows if row["currency"]}
    priced = [row["absent"] * row["price"] * row["weight"] for row in marked if row["price"] is not None]
    return sum(priced, Decimal(0)) if priced and len(currencies) <= 1 else None


def rates(c: Row, alike: tuple[float, float] = (0.0, 0.0)) -> dict[str, float | None]:
    """Rates of counts, with the correlations of two bookings of one contact and of one session.

    Null, never 0 or NaN, if there is nothing to divide.
    """
    rated, missed, late = (c[name] for name in ("rated_bookings", "missed_bookings", "late_cancelled"))
    # Coverage and bounds are about registers, which only sources that record both sides have.
    register, excused, unmarked = (c[name] for name in ("register_marked", "register_excused", "unmarked_bookings"))
    of_register = register - excused + unmarked
    participants = _divided(c["absent"], c["booked_marked"])
    # Kish: a party comes or stays away together.
    effective = _divided(c["booked_marked"] ** 2, c["booked_squared"])
    squares = (c["contact_squares"], c["session_squares"])
    effect = 1 + sum(rho * (s / rated - 1) for rho, s in zip(alike, squares, strict=True)) if rated else None
    if effective and effect:
        effective /= effect
    absent = None if participants is None or effective is None else participants * effective
    low, high = wilson(missed / effect, rated / effect) if effect else (None, None)
    participants_low, participants_high = wilson(absent, effective)
    return {
        "no_show_rate": _divided(missed, rated),
        "no_show_rate_low": low,
        "no_show_rate_high": high,
        "design_effect": effect,
        "effective_n": rated / effect if effect else None,
        "coverage": _divided(register, register + unmarked),
        "bound_low": _divided(c["register_no_shows"], of_register),
        "bound_high": _divided(c["register_no_shows"] + unmarked, of_register),
        "participant_no_show_rate": participants,
        "participant_no_show_rate_low": participants_low,
        "participant_no_show_rate_high": participants_high,
        "lost_seat_rate": None if late is None else _divided(missed + late, rated + late),
    }


def _divided(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def wilson(k: float | None, n: float | None) -> tuple[float | None, float | None]:
    """Wilson's score interval at 95 %, solved for p: the two p at which (k/n - p)² = z² p (1 - p) / n."""
    if not n or k is None:
        return None, None
    z2 = 1.959963984540054**2
    a, b, c = n + z2, -(2 * k + z2), k * k / n
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


def shrunk(groups: Sequence[tuple[int, int]]) -> tuple[float, float, list[float]] | None:
    """p, M and the shrunk rate of each group of (no-shows, marked), by moments; None if they do not differ."""
    total = sum(n for _, n in groups)
    p = sum(k for k, _ in groups) / total
    spread = sum(n * (k / n - p) ** 2 for k, n in groups) - p * (1 - p) * (len(groups) - 1)
    tau2 = spread / (total - sum(n * n for _, n in groups) / total)
    if tau2 <= 0:
        return None
    weight = max(0.0, p * (1 - p) / tau2 - 1)
    return p, weight, [(k + weight * p) / (n + weight) for k, n in groups]


# Groupings

LEAD_BANDS = ((0, "same day"), (1, "1 day"), (7, "2-7 days"), (14, "8-14 days"), (21, "15-21 days"), (28, "22-28 days"))


def _lead_band(row: Row) -> str | None:
    days = row["lead_days"]
    if days is None or days < 0:
        return None
    return next((band for last, band in LEAD_BANDS if days <= last), "over 28 days")


def _series(row: Row) -> str:
    start = row["local_start"].strftime("%a %H:%M").removesuffix(" 00:00")
    return ", ".join(part for part in (row["service"], start, row["location"], row["staff"]) if part)


def _session(row: Row) -> str:
    start = row["local_start"].strftime("%a %Y-%m-%d %H:%M").removesuffix(" 00:00")
    return ", ".join(part for part in (row["service"], start, row["location"]) if part)


def _visit_band(row: Row) -> str | None:
    visit = row["visit"]
    return visit and ("first" if visit == 1 else "2-5" if visit <= 5 else "6 and more")


NOTICE_BANDS = ((2, "under 2 hours"), (12, "2-12 hours"), (24, "12-24 hours"), (48, "1-2 days"), (168, "2-7 days"))


def _notice_band(row: Row) -> str | None:
    if not row["cancellation"] or not row["canceled_at"] or not row["starts_at"]:
        return None
    hours = (row["starts_at"] - row["canceled_at"]) / dt.timedelta(hours=1)
    if hours < 0:
        return "after the start"
    if hours < NOTICE_BANDS[0][0]:
        return NOTICE_BANDS[0][1]
    return next((band for limit, band in NOTICE_BANDS[1:] if hours <= limit), "over 7 days")


GROUPS: dict[str, Callable[[Row], Any]] = {
    "session": _session,
    "series": _series,
    "service": lambda row: row["service"],
    "service_type": lambda row: row["service_type"],
    "staff": lambda row: row["staff"],
    "location": lambda row: row["location"],
    "local_weekday": lambda row: row["local_weekday"],
    "local_hour": lambda row: row["local_hour"],
    "lead_time": _lead_band,
    "day": lambda row: row["local_date"],
    "week": lambda row: row["local_date"] - dt.timedelta(days=row["local_date"].weekday()),
    "month": lambda row: row["local_date"].replace(day=1),
    "quarter": lambda row: row["local_date"].replace(month=(row["local_date"].month - 1) // 3 * 3 + 1, day=1),
    "participant": lambda row: row["participant_id"],
    "party_size": lambda row: row["booked"],
    "payment_status": lambda row: row["payment_status"],
    "visit_number": _visit_band,
    "notice": _notice_band,
}


def _key(name: str, row: Row) -> Any:
    if not name.startswith("attributes."):
        return GROUPS[name](row)
    value = json.loads(row["attributes"] or "{}").get(name.removeprefix("attributes."))
    return value if value is None or isinstance(value, str) else json.dumps(value)


def figures(
    records: Records, by: Sequence[str], as_of: dt.datetime, passes: Callable[[Row], bool] = lambda row: True
) -> list[dict[str, Any]]:
    """Counts and rates of each group of rows that are due, and pass a filter."""
    groups: dict[tuple[Any, ...], list[Row]] = {} if by else {(): []}
    counted = [row for row in due(records, as_of) if passes(row)]
    alike = correlations(counted)
    for row in counted:
        groups.setdefault(tuple(_key(name, row) for name in by), []).append(row)
    return [dict(zip(by, key, strict=True)) | (c := counts(rows)) | rates(c, alike) for key, rows in groups.items()]
