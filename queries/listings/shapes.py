"""A row of a table goes in; the API's object comes out, with what is not known left out.

What is read from these objects again is what the row held: times in the slot's own zone tell the same instant.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from queries.answers.pages import Row

Wire = dict[str, Any]


def booking_of(row: Row) -> Wire:
    """A booking: of a slot (appointment, class) or of a schedule (course)."""
    return stated(
        id=str(row["id"]),
        bookedEntity=stated(
            **_booked(row),
            title=row["service_name"],
            tags=[row["tag"]] if row["tag"] else None,
            rate=_rate(row),
        ),
        contactDetails=stated(contactId=row["contact_id"], firstName=row["contact_name"]),
        totalParticipants=row["participants"],
        status=row["status"],
        paymentStatus=row["payment_status"],
        createdDate=_utc(row["created_at"]),
        startDate=_utc(row["starts_at"]),
        endDate=_utc(row["ends_at"]),
        canceledDate=_utc(row["canceled_at"]),
        canceledBy=row["canceled_by"],
        **_version(row),
    )


def service_of(row: Row) -> Wire:
    """A service."""
    return stated(
        id=str(row["id"]),
        name=row["name"],
        type=row["type"],
        defaultCapacity=row["default_capacity"],
        **_version(row),
    )


def event_of(row: Row) -> Wire:
    """A calendar event."""
    staff = stated(id=row["staff_id"], name=row["staff_name"])
    return stated(
        id=row["id"],
        scheduleId=row["schedule_id"],
        serviceId=_text(row["service_id"]),
        title=row["service_name"],
        type=row["type"],
        status=row["status"],
        start=_moment(row["starts_at"], row["time_zone"]),
        end=_moment(row["ends_at"], row["time_zone"]),
        totalCapacity=row["capacity"],
        location=stated(id=row["location_id"], name=row["location_name"]),
        resources=[staff | {"type": "staff"}] if staff else None,
        **_version(row),
    )


def mark_of(row: Row) -> Wire:
    """The attendance beside an extended booking, which names neither booking nor session."""
    return {"id": row["id"], "status": row["status"], "numberOfAttendees": row["number_of_attendees"]}


def stated(**values: Any) -> Wire:
    """What there is to say: no null, no empty object."""
    return {name: value for name, value in values.items() if value is not None and value != {}}


def _booked(row: Row) -> Wire:
    common = stated(
        serviceId=_text(row["service_id"]),
        scheduleId=row["schedule_id"],
        timezone=row["time_zone"],
        location=stated(id=row["location_id"], name=row["location_name"]),
    )
    staff = stated(id=row["staff_id"], name=row["staff_name"])
    if row["booked_entity"] == "schedule":
        # An empty schedule still says that it is one.
        return {"schedule": common or {"scheduleId": None}}
    return {
        "slot": stated(
            eventId=row["event_id"],
            sessionId=row["session_id"],
            startDate=_with_offset(row["starts_at"], row["time_zone"]),
            endDate=_with_offset(row["ends_at"], row["time_zone"]),
            resource=staff,
            **common,
        )
    }


def _rate(row: Row) -> Wire | None:
    if row["price"] is None:
        return None
    general = stated(amount=format(row["price"].normalize(), "f"), currency=row["currency"])
    return {"labeledPriceOptions": {"general": general}}


def _version(row: Row) -> Wire:
    return stated(updatedDate=_utc(row["updated_at"]), revision=_text(row["revision"]))


def _moment(moment: dt.datetime | None, zone: str | None) -> Wire | None:
    if moment is None:
        return None
    local = _in_zone(moment, zone).replace(tzinfo=None).isoformat(timespec="seconds") if zone else None
    return stated(localDate=local, timeZone=zone, utcDate=_utc(moment))


def _with_offset(moment: dt.datetime | None, zone: str | None) -> str | None:
    if moment is None or zone is None:
        return _utc(moment)
    return _in_zone(moment, zone).isoformat(timespec=_precision(moment))


def _in_zone(moment: dt.datetime, zone: str) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone))


def _utc(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec=_precision(moment)) + "Z" if moment else None


def _precision(moment: dt.datetime) -> str:
    return "microseconds" if moment.microsecond % 1000 else "milliseconds"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
