"""Write services, sessions, bookings and marks in the API's wire shapes."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from pipeline.sample.business import FIRST_NAMES, LAST_NAMES, STAFF, Location, Service
from pipeline.sample.calendar import Occurrence
from pipeline.sample.habits import Plan
from queries.model.vocabularies import TAG_OF_TYPE

Record = dict[str, Any]
_NAMESPACE = uuid.UUID("1f0f8c9a-7a53-5d0e-8b1a-1c5f3a9d2e10")


def guid(*parts: object) -> str:
    """The GUID of a thing by its name, the same each time."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, parts))))


def service_record(service: Service) -> Record:
    """A service in the API's shape."""
    return {
        "id": guid("service", service.name),
        "type": service.type,
        "name": service.name,
        "defaultCapacity": service.capacity,
        "payment": {"rateType": "FIXED", "fixed": {"price": {"value": service.price, "currency": "EUR"}}},
        "onlineBooking": {"enabled": True},
        "revision": "3",
        "updatedDate": "2025-01-15T09:00:00.000Z",
    }


def session_record(session: Occurrence, booked: int, cancelled: bool) -> Record:
    """A session as a calendar event of the API."""
    slot = session.slot
    return {
        "id": session.event_id,
        "scheduleId": session.schedule_id,
        "serviceId": guid("service", slot.service.name),
        "title": slot.service.name,
        "type": slot.service.type,
        "status": "CANCELLED" if cancelled else "CONFIRMED",
        "start": _moment(session.start),
        "end": _moment(session.end),
        "totalCapacity": slot.service.capacity,
        "remainingCapacity": max(0, slot.service.capacity - booked),
        "location": _location(slot.location),
        "resources": [_staff(slot.staff) | {"type": "staff"}],
        "revision": "2" if cancelled else "1",
        "updatedDate": _utc(session.start - dt.timedelta(days=40)),
    }


def booking_record(session: Occurrence, booking_id: str, contact: int, plan: Plan) -> Record:
    """A booking in the API's shape, of a session or of the course that starts with it."""
    slot = session.slot
    changed = plan.canceled or plan.created + dt.timedelta(minutes=1)
    record: Record = {
        "id": booking_id,
        "bookedEntity": {
            **_booked(session),
            "title": slot.service.name,
            "tags": [TAG_OF_TYPE[slot.service.type]],
            "rate": {"labeledPriceOptions": {"general": {"amount": slot.service.price, "currency": "EUR"}}},
        },
        "contactDetails": contact_record(contact),
        "totalParticipants": plan.party,
        "status": plan.status,
        "paymentStatus": "PAID" if contact % 3 else "NOT_PAID",
        "createdDate": _utc(plan.created),
        "updatedDate": _utc(changed),
        "startDate": _utc(session.start),
        "endDate": _utc(session.end),
        "revision": "3" if plan.moved else "2" if plan.canceled else "1",
    }
    if plan.canceled:
        record |= {"canceledDate": _utc(plan.canceled), "canceledBy": plan.canceled_by}
    return record


def attendance_record(booking_id: str, session: Occurrence, status: str, came: int) -> Record:
    """An attendance in the API's shape, marked at the end of the session."""
    return {
        "id": guid("attendance", booking_id, session.event_id),
        "bookingId": booking_id,
        "eventId": session.event_id,
        "status": status,
        "numberOfAttendees": came,
        "updatedDate": _utc(session.end),
    }


def contact_record(number: int) -> Record:
    """The details of a contact, derived from its number."""
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)]
    return {
        "contactId": guid("contact", number),
        "firstName": first,
        "lastName": last,
        "email": f"{first}.{last}.{number}@example.com".lower(),
        "phone": f"555{number:07d}",
    }


def _booked(session: Occurrence) -> Record:
    slot = session.slot
    common = {
        "scheduleId": session.schedule_id,
        "serviceId": guid("service", slot.service.name),
        "timezone": slot.location.zone,
        "location": _location(slot.location) | {"locationType": "OWNER_BUSINESS"},
    }
    if slot.weeks:
        last = session.weeks_later(slot.weeks - 1)
        return {"schedule": common | {"firstSessionStart": _utc(session.start), "lastSessionEnd": _utc(last.end)}}
    times = {"startDate": _offset(session.start), "endDate": _offset(session.end)}
    return {"slot": {"eventId": session.event_id, **common, **times, "resource": _staff(slot.staff)}}


def _location(location: Location) -> Record:
    return {"id": guid("location", location.name), "name": location.name}


def _staff(name: str) -> Record:
    return {"id": guid("staff", STAFF.index(name)), "name": name}


def _moment(moment: dt.datetime) -> Record:
    return {"localDate": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": str(moment.tzinfo), "utcDate": _utc(moment)}


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _offset(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
