"""Make the API's object for a row of a table, without the fields that are not known.

Decoding the object gives the values of the row again: times in the slot's own zone name the same instant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from queries.answers.pages import Row
from queries.listings.encoding import PathValue, Wire, object_of, plain_values, precision, utc
from queries.model.attributes import attributes_in
from queries.model.entities import ENTITIES
from queries.model.vocabularies import BOOKING_PLATFORMS, CANCELED_BY, TAG_OF_TYPE

if TYPE_CHECKING:
    from queries.wire import Attendance, Booking, BookingAttendance

# Attribute -> the API's field for it, with the words that the field takes.
_STATED = {
    "channel": ("bookingSource.platform", BOOKING_PLATFORMS),
    "booked_by": ("bookingSource.actor", CANCELED_BY),
}


def booking_of(row: Row) -> Booking:
    """The object of a booking: of a slot (appointment, class) or of a schedule (course)."""
    is_course = row["booked_entity"] == "schedule"
    place = "bookedEntity.schedule" if is_course else "bookedEntity.slot"
    # A course has no event of its own, so the fields that only a slot has are left out.
    values = [
        (path, value)
        for path, value in plain_values(ENTITIES["booking"], row, f"{place}.")
        if not (is_course and path.startswith("bookedEntity.slot."))
    ]
    booking = object_of([*values, *_irregular_of_booking(row, place, is_course)])
    if is_course:
        # Without any value the schedule must stay: it shows that this is a course.
        booking.setdefault("bookedEntity", {}).setdefault("schedule", {"scheduleId": None})
    return cast("Booking", booking)


def _irregular_of_booking(row: Row, place: str, is_course: bool) -> Iterator[PathValue]:
    yield f"{place}.location.id", row["location_id"]
    yield f"{place}.location.name", row["location_name"]
    staff = object_of([("id", row["staff_id"]), ("name", row["staff_name"])])
    if is_course:
        yield "bookedResources", [staff] if staff else None
    else:
        yield f"{place}.resource", staff or None
        yield f"{place}.startDate", _with_offset(row["starts_at"], row["time_zone"])
        yield f"{place}.endDate", _with_offset(row["ends_at"], row["time_zone"])
    yield "bookedEntity.tags", [TAG_OF_TYPE[row["service_type"]]] if row["service_type"] else None
    yield "bookedEntity.rate.labeledPriceOptions.general.amount", _decimal(row["price"])
    yield "bookedEntity.rate.labeledPriceOptions.general.currency", row["currency"]
    yield "contactDetails.contactId", row["contact_id"]
    yield "contactDetails.firstName", row["contact_name"]
    yield "totalParticipants", row["participants"]
    yield from _attributes(row["attributes"])
    yield "startDate", utc(row["starts_at"])
    yield "endDate", utc(row["ends_at"])


def _attributes(text: str | None) -> Iterator[PathValue]:
    """The attributes in noshow's own field, and in the API's fields those that have one and a word that it knows."""
    values = attributes_in(text)
    yield "extendedFields.namespaces.noshow.attributes", values or None
    for name, (path, words) in _STATED.items():
        yield path, values[name] if values.get(name) in words else None


def service_of(row: Row) -> Wire:
    """The object of a service."""
    return object_of(plain_values(ENTITIES["service"], row))


def event_of(row: Row) -> Wire:
    """The object of a calendar event."""
    return object_of([*plain_values(ENTITIES["session"], row), *_irregular_of_event(row)])


def _irregular_of_event(row: Row) -> Iterator[PathValue]:
    staff = object_of([("id", row["staff_id"]), ("name", row["staff_name"])])
    # The session's own table has no type: the listing joins that of its service.
    yield "type", row["type"]
    yield "start", _moment(row["starts_at"], row["time_zone"])
    yield "end", _moment(row["ends_at"], row["time_zone"])
    yield "resources", [staff | {"type": "staff"}] if staff else None


def attendance_of(row: Row) -> Attendance:
    """The object of an attendance."""
    return cast("Attendance", object_of(plain_values(ENTITIES["attendance"], row)))


def mark_of(row: Row) -> BookingAttendance:
    """The object of an attendance beside an extended booking, which names neither booking nor session."""
    return {"id": row["id"], "status": row["status"], "numberOfAttendees": row["number_of_attendees"]}


def _decimal(value: Any) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _moment(moment: dt.datetime | None, zone: str | None) -> Wire | None:
    if moment is None:
        return None
    local = _in_zone(moment, zone).replace(tzinfo=None).isoformat(timespec="seconds") if zone else None
    return object_of([("localDate", local), ("timeZone", zone), ("utcDate", utc(moment))])


def _with_offset(moment: dt.datetime | None, zone: str | None) -> str | None:
    if moment is None or zone is None:
        return utc(moment)
    return _in_zone(moment, zone).isoformat(timespec=precision(moment))


def _in_zone(moment: dt.datetime, zone: str) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone))
