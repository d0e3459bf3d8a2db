"""The booking: a reservation for a service.

Everything else that the API knows of a person (e-mail, phone, form answers) is not needed and never stored.
"""

from __future__ import annotations

from queries.model.columns import Asked, Column, Entity
from queries.model.vocabularies import (
    BOOKED_ENTITIES,
    BOOKING_STATUSES,
    CANCELED_BY,
    CANCELLATIONS,
    MARKS,
    PAYMENT_STATUSES,
    SERVICE_TYPES,
)

_SLOT = "a slot's, in the current shape or the API's first one; a course has none of its own"
_OBJECT = "id and name come from the same object: slot, schedule or the API's first shape"
_PRICE = "the general price of a rate"
# The API keeps the fields that an app adds to a booking under a namespace of the app.
_OURS = "extendedFields.namespaces.noshow"
_CONTACT = "id and name come from the same object: the contact or, in the API's first shape, the form"

BOOKING = Entity(
    name="booking",
    meaning="Bookings: reservations for a session (slot) or for a course (schedule)",
    columns=(
        Column("id", "guid", "id", "id of the booking", required=True, asked=Asked("id")),
        Column(
            "status",
            "word",
            "status",
            "status of the booking",
            required=True,
            choices=BOOKING_STATUSES,
            asked=Asked("status"),
        ),
        Column(
            "booked_entity",
            "word",
            "bookedEntity",
            "slot (appointment or class) or schedule (course)",
            required=True,
            choices=BOOKED_ENTITIES,
            irregular="which of the two objects is there",
        ),
        Column(
            "service_type",
            "word",
            "bookedEntity.tags",
            "APPOINTMENT, CLASS or COURSE, by the booking's tags",
            choices=SERVICE_TYPES,
            irregular="the first known tag of a list, which has words of its own",
        ),
        Column(
            "service_id",
            "guid",
            "bookedEntity.slot.serviceId",
            "the service",
            also=("bookedEntity.schedule.serviceId", "bookedEntity.serviceId"),
        ),
        Column("service_name", "text", "bookedEntity.title", "title of what was booked"),
        Column(
            "schedule_id",
            "opaque",
            "bookedEntity.slot.scheduleId",
            "the schedule booked",
            also=("bookedEntity.schedule.scheduleId", "bookedEntity.scheduleId"),
        ),
        Column(
            "event_id",
            "event",
            "bookedEntity.slot.eventId",
            "event id of the slot",
            asked=Asked("event", "bookedEntity.item.slot.eventId"),
        ),
        Column(
            "session_id",
            "opaque",
            "bookedEntity.slot.sessionId",
            "deprecated session id of the slot",
            also=("bookedEntity.singleSession.sessionId",),
            asked=Asked("session", "bookedEntity.item.slot.sessionId"),
        ),
        Column(
            "session_key",
            "opaque",
            "sessionKey",
            "what the slot's session is known by: event id, else session id; null for a course",
            irregular="made from the ids beside it when rows are typed",
        ),
        Column(
            "starts_at",
            "instant",
            "bookedEntity.slot.startDate",
            "start of the slot, UTC",
            irregular=_SLOT,
            asked=Asked("start", "startDate"),
        ),
        Column(
            "ends_at",
            "instant",
            "bookedEntity.slot.endDate",
            "end of the slot, UTC",
            further_rules=("ends_before_start",),
            irregular=_SLOT,
            asked=Asked("end", "endDate"),
        ),
        Column(
            "time_zone",
            "zone",
            "bookedEntity.slot.timezone",
            "IANA zone of slot or schedule",
            also=("bookedEntity.schedule.timezone",),
        ),
        Column("location_id", "opaque", "bookedEntity.slot.location.id", "where it is", irregular=_OBJECT),
        Column("location_name", "text", "bookedEntity.slot.location.name", "name of the location", irregular=_OBJECT),
        Column(
            "staff_id",
            "opaque",
            "bookedEntity.slot.resource.id",
            "who leads it",
            irregular=_OBJECT,
            asked=Asked("staff", "bookedEntity.item.slot.resource.id"),
        ),
        Column(
            "staff_name",
            "text",
            "bookedEntity.slot.resource.name",
            "name of the member of staff",
            irregular=_OBJECT,
        ),
        Column(
            "participants",
            "whole",
            "totalParticipants",
            "participants the booking covers",
            irregular="a number, or the sum of the parties",
            asked=Asked("party size", "participantsInfo.type.totalParticipants.value"),
        ),
        Column(
            "contact_id",
            "opaque",
            "contactDetails.contactId",
            "the contact who booked",
            also=("formInfo.contactDetails.contactId",),
            is_personal=True,
            irregular=_CONTACT,
            asked=Asked("contact"),
        ),
        Column(
            "contact_name",
            "text",
            "contactDetails.name",
            "first and last name of the contact",
            also=("formInfo.contactDetails.name",),
            is_personal=True,
            irregular=_CONTACT,
        ),
        Column(
            "payment_status",
            "word",
            "paymentStatus",
            "payment status",
            choices=PAYMENT_STATUSES,
            asked=Asked("payment status", type="text"),
        ),
        Column("price", "money", "price", "price per participant", irregular=_PRICE),
        Column("currency", "word", "currency", "currency of the price", irregular=_PRICE),
        Column(
            "created_at",
            "instant",
            "createdDate",
            "when the booking was made, UTC",
            also=("created",),
            asked=Asked("booking made"),
        ),
        Column("canceled_at", "instant", "canceledDate", "when it was cancelled, UTC, where known"),
        Column("canceled_by", "word", "canceledBy", "CUSTOMER or BUSINESS, where known", choices=CANCELED_BY),
        Column("updated_at", "instant", "updatedDate", "last change at the source, UTC", asked=Asked("last change")),
        Column("revision", "whole", "revision", "grows with each change at the source", is_written_as_text=True),
        Column(
            "marks",
            "word",
            f"{_OURS}.marks",
            "marks that the source records: both, no_shows, arrivals or default; null is both",
            choices=MARKS,
        ),
        Column(
            "weight",
            "whole",
            f"{_OURS}.weight",
            "bookings that the row stands for; null is 1",
            further_rules=("weight_range",),
        ),
        Column(
            "cancellation",
            "word",
            f"{_OURS}.cancellation",
            "kind of cancellation in the source's own word: early, late, business or unknown",
            choices=CANCELLATIONS,
        ),
        Column(
            "attributes",
            "attributes",
            f"{_OURS}.attributes",
            "named values of the booking, as a JSON object",
            irregular="an object of any names; channel, booked_by and multi_service have places of their own",
        ),
    ),
    key=("id",),
    version=("revision", "updated_at"),
)
