"""What the source says of an attendance beside the attendance itself. One definition of the columns of each table.

That it was deleted there, by an event or by not being listed any more; and that a person asked to be forgotten.
"""

from __future__ import annotations

import pandera.polars as pa

from pipeline.schema.columns import Entity, column

DELETED_ATTENDANCE = Entity(
    name="deleted_attendance",
    meaning="Attendance deleted at the source: an older export does not bring it back",
    schema=pa.DataFrameSchema(
        {
            "id": column("guid", "entityId", "id of the attendance", required=True),
            "deleted_at": column("instant", "eventTime", "when it was gone at the source, UTC", required=True),
            "event_sequence": column("sequence", "entityEventSequence", "orders the events of the attendance"),
        }
    ),
    key=("id",),
    version=("deleted_at",),
    sequence="event_sequence",
)

ANONYMIZE_REQUEST = Entity(
    name="anonymize_request",
    meaning="Attendance whose person asked the source to be forgotten: the contact of its booking is erased",
    schema=pa.DataFrameSchema(
        {
            "id": column("guid", "entityId", "id of the attendance", required=True),
            "booking_id": column("guid", "bookingId", "the booking, as soon as it is known"),
            "requested_at": column("instant", "eventTime", "when the source told it, UTC", required=True),
        }
    ),
    key=("id",),
    version=("requested_at",),
)
