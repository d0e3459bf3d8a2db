"""News of a source about an attendance: that it was deleted, or that its person asked to be forgotten."""

from __future__ import annotations

from queries.model.columns import Column, Entity

# Every column is read from the event that brings the news, and no listing has any.
_EVENT = "read from an event"
_UNSAID = "the API sends events and does not list them"

DELETED_ATTENDANCE = Entity(
    name="deleted_attendance",
    meaning="Attendance deleted at the source: an older export does not bring it back",
    columns=(
        Column("id", "guid", "entityId", "id of the attendance", required=True, irregular=_EVENT, unsaid=_UNSAID),
        Column(
            "deleted_at",
            "instant",
            "eventTime",
            "when it was gone at the source, UTC",
            required=True,
            irregular=_EVENT,
            unsaid=_UNSAID,
        ),
        Column(
            "event_sequence",
            "sequence",
            "entityEventSequence",
            "orders the events of the attendance",
            irregular=_EVENT,
            unsaid=_UNSAID,
        ),
    ),
    key=("id",),
    version=("deleted_at",),
    sequence="event_sequence",
)

ANONYMIZE_REQUEST = Entity(
    name="anonymize_request",
    meaning="Attendance whose person asked the source to be forgotten: the contact of its booking is erased",
    columns=(
        Column("id", "guid", "entityId", "id of the attendance", required=True, irregular=_EVENT, unsaid=_UNSAID),
        Column(
            "booking_id",
            "guid",
            "bookingId",
            "the booking, as soon as it is known",
            irregular=_EVENT,
            unsaid=_UNSAID,
        ),
        Column(
            "requested_at",
            "instant",
            "eventTime",
            "when the source told it, UTC",
            required=True,
            irregular=_EVENT,
            unsaid=_UNSAID,
        ),
    ),
    key=("id",),
    version=("requested_at",),
)
