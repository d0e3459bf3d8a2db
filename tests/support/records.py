"""Small wire records with sensible values, any of them replaced by keyword."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]


def guid(number: int, kind: int = 0) -> str:
    """A GUID that is easy to read: kind 1 bookings, 2 attendances, 3 services, 4 contacts, 5 fees, 6 orders."""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def event(number: int) -> str:
    """An event id of the least length."""
    return f"event-{number:030d}"


class Make:
    """Builders of wire records, by number: booking 1 and attendance 1 belong together."""

    guid = staticmethod(guid)
    event = staticmethod(event)

    @staticmethod
    def attendance(number: int, status: str = "ATTENDED", attendees: int | None = 1, **changes: Any) -> Record:
        record = {
            "id": guid(number, 2),
            "bookingId": guid(number, 1),
            "eventId": event(number),
            "status": status,
            "numberOfAttendees": attendees,
        }
        return {name: value for name, value in (record | changes).items() if value is not None}

    @staticmethod
    def booking(number: int, participants: int = 1, start: str = "2026-03-02T18:00:00+00:00", **changes: Any) -> Record:
        slot = {
            "eventId": event(number),
            "serviceId": guid(1, 3),
            "startDate": start,
            "timezone": "Europe/Dublin",
            "resource": {"id": "staff-1", "name": "Ana"},
            "location": {"id": "site-1", "name": "Harbour"},
        }
        record = {
            "id": guid(number, 1),
            "bookedEntity": {"slot": slot | changes.pop("slot", {}), "title": "Yoga", "tags": ["GROUP"]},
            "contactDetails": {"contactId": guid(number, 4), "firstName": "Pat", "lastName": "Doe"},
            "totalParticipants": participants,
            "status": "CONFIRMED",
            "createdDate": "2026-02-20T10:00:00Z",
        }
        return record | changes

    @staticmethod
    def fee(number: int, value: str = "10.00", status: str = "NOT_YET_APPLIED_TO_ORDER", **changes: Any) -> Record:
        trigger = changes.pop("trigger", "NOT_ATTENDED")
        price = {"value": value, "currency": changes.pop("currency", "EUR")}
        fee = {"price": price, "status": status, "trigger": trigger}
        return {"id": guid(number, 5), "bookingId": guid(number, 1), "cancellationFee": fee} | changes

    @staticmethod
    def order(number: int, total: str = "20.00", balance: str = "0.00", **changes: Any) -> Record:
        amounts = {"totalPrice": {"amount": total}, "balance": {"amount": balance}, "currency": "EUR"}
        return {"id": guid(number, 6), "status": "APPROVED", "paymentStatus": "PAID"} | amounts | changes
