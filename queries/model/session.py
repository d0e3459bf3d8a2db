"""The session (calendar event): one occurrence of a service at a time."""

from __future__ import annotations

from queries.model.columns import Asked, Column, Entity
from queries.model.vocabularies import SESSION_STATUSES

_MOMENT = "a text, or an object with the moment and its zone"
_STAFF = "a resource, or the first member of staff among the resources"

SESSION = Entity(
    name="session",
    meaning="Sessions, as calendar events: occurrences of a service at a time",
    columns=(
        Column("id", "opaque", "id", "id of the session: its event id", required=True, asked=Asked("id")),
        Column("service_id", "guid", "serviceId", "the service", also=("scheduleOwnerId",), asked=Asked("service")),
        Column("service_name", "text", "title", "title of the event", asked=Asked("title")),
        Column(
            "schedule_id",
            "opaque",
            "scheduleId",
            "the schedule it belongs to: that of a course, for one",
            asked=Asked("schedule"),
        ),
        Column(
            "starts_at",
            "instant",
            "startDate",
            "start, UTC",
            also=("start",),
            required=True,
            irregular=_MOMENT,
            asked=Asked("start", "start"),
        ),
        Column(
            "ends_at",
            "instant",
            "endDate",
            "end, UTC",
            also=("end",),
            further_rules=("ends_before_start",),
            irregular=_MOMENT,
            asked=Asked("end", "end"),
        ),
        Column(
            "time_zone", "zone", "timezone", "IANA zone of the session", also=("start.timeZone",), irregular=_MOMENT
        ),
        Column("location_id", "opaque", "location.id", "where it is", asked=Asked("location")),
        Column("location_name", "text", "location.name", "name of the location"),
        Column(
            "staff_id",
            "opaque",
            "resource.id",
            "who leads it",
            also=("resources.id",),
            irregular=_STAFF,
            asked=Asked("staff", "resources.id"),
        ),
        Column(
            "staff_name",
            "text",
            "resource.name",
            "name of the member of staff",
            also=("resources.name",),
            irregular=_STAFF,
        ),
        Column("capacity", "whole", "totalCapacity", "seats", also=("capacity",)),
        Column(
            "status",
            "word",
            "status",
            "CONFIRMED or CANCELLED",
            required=True,
            choices=SESSION_STATUSES,
            asked=Asked("status"),
        ),
        Column("updated_at", "instant", "updatedDate", "last change at the source, UTC", asked=Asked("last change")),
        Column("revision", "whole", "revision", "grows with each change at the source", is_written_as_text=True),
    ),
    key=("id",),
    version=("revision", "updated_at"),
)
