"""The booking: a reservation for a service. One definition of its columns.

What noshow does not need of a person (e-mail, phone, form answers) is never stored.
"""

from __future__ import annotations

import pandera.polars as pa

from pipeline.schema.columns import AFTER_START, Entity, column, one_of
from pipeline.schema.service import TYPES

STATUSES = ("CREATED", "CONFIRMED", "CANCELED", "PENDING", "DECLINED", "WAITING_LIST")
PAYMENT_STATUSES = ("UNDEFINED", "NOT_PAID", "PAID", "PARTIALLY_PAID", "REFUNDED", "EXEMPT", "FAILED")

BOOKING = Entity(
    name="booking",
    meaning="Bookings: reservations for a session (slot) or for a course (schedule)",
    schema=pa.DataFrameSchema(
        {
            "id": column("guid", "id", "id of the booking", required=True),
            "status": column("word", "status", "status of the booking", one_of(*STATUSES), required=True),
            "booked_entity": column(
                "word",
                "bookedEntity",
                "slot (appointment or class) or schedule (course)",
                one_of("slot", "schedule"),
                required=True,
            ),
            "service_type": column(
                "word",
                "bookedEntity.tags",
                "APPOINTMENT, CLASS or COURSE, by the booking's tags",
                one_of(*TYPES),
            ),
            "service_id": column("guid", "bookedEntity.slot.serviceId", "the service"),
            "service_name": column("text", "bookedEntity.title", "title of what was booked"),
            "schedule_id": column("opaque", "bookedEntity.slot.scheduleId", "the schedule booked"),
            "event_id": column("event", "bookedEntity.slot.eventId", "event id of the slot"),
            "session_id": column("opaque", "bookedEntity.slot.sessionId", "deprecated session id of the slot"),
            "session_key": column(
                "opaque",
                "sessionKey",
                "what the slot's session is known by: event id, else session id; null for a course",
            ),
            "starts_at": column("instant", "bookedEntity.slot.startDate", "start of the slot, UTC"),
            "ends_at": column("instant", "bookedEntity.slot.endDate", "end of the slot, UTC", AFTER_START),
            "time_zone": column("zone", "bookedEntity.slot.timezone", "IANA zone of slot or schedule"),
            "location_id": column("opaque", "bookedEntity.slot.location.id", "where it is"),
            "location_name": column("text", "bookedEntity.slot.location.name", "name of the location"),
            "staff_id": column("opaque", "bookedEntity.slot.resource.id", "who leads it"),
            "staff_name": column("text", "bookedEntity.slot.resource.name", "name of the member of staff"),
            "participants": column("whole", "totalParticipants", "participants the booking covers"),
            "contact_id": column("opaque", "contactDetails.contactId", "the contact who booked"),
            "contact_name": column("text", "contactDetails.name", "first and last name of the contact"),
            "payment_status": column("word", "paymentStatus", "payment status", one_of(*PAYMENT_STATUSES)),
            "price": column("money", "price", "price per participant"),
            "currency": column("word", "currency", "currency of the price"),
            "created_at": column("instant", "createdDate", "when the booking was made, UTC"),
            "canceled_at": column("instant", "canceledDate", "when it was cancelled, UTC, where known"),
            "canceled_by": column(
                "word", "canceledBy", "CUSTOMER or BUSINESS, where known", one_of("CUSTOMER", "BUSINESS")
            ),
            "updated_at": column("instant", "updatedDate", "last change at the source, UTC"),
            "revision": column("whole", "revision", "grows with each change at the source"),
        }
    ),
    key=("id",),
    version=("revision", "updated_at"),
)
