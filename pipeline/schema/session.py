"""The session (calendar event): one occurrence of a service at a time. One definition of its columns."""

from __future__ import annotations

import pandera.polars as pa

from pipeline.schema.columns import AFTER_START, Entity, column, one_of

STATUSES = ("CONFIRMED", "CANCELLED")

SESSION = Entity(
    name="session",
    meaning="Sessions, as calendar events: occurrences of a service at a time",
    schema=pa.DataFrameSchema(
        {
            "id": column("opaque", "id", "id of the session: its event id", required=True),
            "service_id": column("guid", "serviceId", "the service"),
            "service_name": column("text", "title", "title of the event"),
            "schedule_id": column("opaque", "scheduleId", "the schedule it belongs to: that of a course, for one"),
            "starts_at": column("instant", "startDate", "start, UTC", required=True),
            "ends_at": column("instant", "endDate", "end, UTC", AFTER_START),
            "time_zone": column("zone", "timezone", "IANA zone of the session"),
            "location_id": column("opaque", "location.id", "where it is"),
            "location_name": column("text", "location.name", "name of the location"),
            "staff_id": column("opaque", "resource.id", "who leads it"),
            "staff_name": column("text", "resource.name", "name of the member of staff"),
            "capacity": column("whole", "totalCapacity", "seats"),
            "status": column("word", "status", "CONFIRMED or CANCELLED", one_of(*STATUSES), required=True),
            "updated_at": column("instant", "updatedDate", "last change at the source, UTC"),
            "revision": column("whole", "revision", "grows with each change at the source"),
        }
    ),
    key=("id",),
    version=("revision", "updated_at"),
)
