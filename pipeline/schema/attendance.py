"""The attendance: who came to a booked session. One definition of its columns."""

from __future__ import annotations

import pandera.polars as pa

from pipeline.schema.columns import Entity, column, one_of

STATUSES = ("NOT_SET", "ATTENDED", "NOT_ATTENDED")

ATTENDANCE = Entity(
    name="attendance",
    meaning="Attendance marked for a booking and one of its sessions",
    schema=pa.DataFrameSchema(
        {
            "id": column("guid", "id", "id of the attendance; made from its key where the source gives none"),
            "booking_id": column("guid", "bookingId", "the booking", required=True),
            "event_id": column("event", "eventId", "event id of the session"),
            "session_id": column("opaque", "sessionId", "deprecated session id"),
            "session_key": column(
                "opaque", "sessionKey", "event id, else session id, else the booking's own", required=True
            ),
            "status": column("word", "status", "NOT_SET, ATTENDED or NOT_ATTENDED", one_of(*STATUSES), required=True),
            "number_of_attendees": column(
                "attendees", "numberOfAttendees", "how many came; 1 where not given", required=True
            ),
            "starts_at": column("instant", "startDate", "start of the session, UTC, where the source gives it here"),
            "time_zone": column("zone", "timezone", "IANA zone, where the source gives it here"),
            "status_updated_at": column("instant", "statusUpdatedDate", "last change of the status, UTC"),
            "updated_at": column("instant", "updatedDate", "last change at the source, UTC"),
            "event_sequence": column(
                "sequence", "entityEventSequence", "orders the events of the attendance, where one brought this version"
            ),
        }
    ),
    key=("booking_id", "session_key"),
    version=("updated_at",),
    sequence="event_sequence",
)
