"""What can be listed beside attendance: the fields that each takes in filters and sorts, as the API names them."""

from __future__ import annotations

from importlib.resources import files

from queries.language.resources import Field, Resource

MAX_LIMIT = 100
_TYPES = ("APPOINTMENT", "CLASS", "COURSE")


def _statement(name: str) -> str:
    return f"({files('queries').joinpath('listings', f'{name}.sql').read_text(encoding='utf-8')})"


_BOOKING_FIELDS = (
    Field("id", "id", "guid", "id"),
    Field(
        "status",
        "status",
        "choice",
        "status",
        ("CREATED", "CONFIRMED", "CANCELED", "PENDING", "DECLINED", "WAITING_LIST"),
    ),
    Field("paymentStatus", "payment_status", "text", "payment status"),
    Field("createdDate", "created_at", "instant", "booking made"),
    Field("updatedDate", "updated_at", "instant", "last change"),
    Field("startDate", "starts_at", "instant", "start"),
    Field("endDate", "ends_at", "instant", "end"),
    Field("contactDetails.contactId", "contact_id", "text", "contact"),
    Field("participantsInfo.type.totalParticipants.value", "participants", "number", "party size"),
    Field("bookedEntity.tags", "tag", "choice", "tag", ("INDIVIDUAL", "GROUP", "COURSE")),
    Field("bookedEntity.item.slot.eventId", "event_id", "text", "event"),
    Field("bookedEntity.item.slot.sessionId", "session_id", "text", "session"),
    Field("bookedEntity.item.slot.serviceId", "slot_service_id", "guid", "service"),
    Field("bookedEntity.item.slot.scheduleId", "slot_schedule_id", "text", "schedule"),
    Field("bookedEntity.item.slot.resource.id", "staff_id", "text", "staff"),
    Field("bookedEntity.item.slot.location.id", "slot_location_id", "text", "location"),
    Field("bookedEntity.item.schedule.scheduleId", "course_schedule_id", "text", "schedule"),
    Field("bookedEntity.item.schedule.serviceId", "course_service_id", "guid", "service"),
    Field("bookedEntity.item.schedule.location.id", "course_location_id", "text", "location"),
)
_SERVICE_FIELDS = (
    Field("id", "id", "guid", "id"),
    Field("name", "name", "text", "name"),
    Field("type", "type", "choice", "type", _TYPES),
    Field("updatedDate", "updated_at", "instant", "last change"),
)
_EVENT_FIELDS = (
    Field("id", "id", "text", "id"),
    Field("scheduleId", "schedule_id", "text", "schedule"),
    Field("serviceId", "service_id", "guid", "service"),
    Field("type", "type", "choice", "type", _TYPES),
    Field("status", "status", "choice", "status", ("CONFIRMED", "CANCELLED")),
    Field("title", "service_name", "text", "title"),
    Field("location.id", "location_id", "text", "location"),
    Field("resources.id", "staff_id", "text", "staff"),
    Field("updatedDate", "updated_at", "instant", "last change"),
    Field("start", "starts_at", "instant", "start"),
    Field("end", "ends_at", "instant", "end"),
    # Of the local dates beside a query; the columns hold local times.
    Field("start.localDate", "local_start", "instant", "local start"),
    Field("end.localDate", "local_end", "instant", "local end"),
)

EXTENDED_BOOKING = Resource(
    "extended booking", _statement("bookings"), _BOOKING_FIELDS, ("id",), MAX_LIMIT, whole_rows=True
)
SERVICE = Resource("service", "service", _SERVICE_FIELDS, ("id",), MAX_LIMIT, whole_rows=True)
EVENT = Resource("event", _statement("events"), _EVENT_FIELDS, ("starts_at", "id"), MAX_LIMIT, whole_rows=True)
