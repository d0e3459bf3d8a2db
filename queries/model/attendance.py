"""The attendance: who came to a booked session."""

from __future__ import annotations

import operator

from queries.model.columns import Asked, Column, Entity
from queries.model.vocabularies import ATTENDANCE_STATUSES

ATTENDANCE = Entity(
    name="attendance",
    meaning="Attendance marked for a booking and one of its sessions",
    columns=(
        Column(
            "id", "guid", "id", "id of the attendance; made from its key where the source gives none", asked=Asked("id")
        ),
        Column("booking_id", "guid", "bookingId", "the booking", required=True, asked=Asked("booking")),
        Column("event_id", "event", "eventId", "event id of the session", asked=Asked("event")),
        Column("session_id", "opaque", "sessionId", "deprecated session id", asked=Asked("session")),
        Column(
            "session_key",
            "opaque",
            "sessionKey",
            "event id, else session id, else the booking's own",
            required=True,
            irregular="made from the ids beside it when rows are typed",
        ),
        Column(
            "status",
            "word",
            "status",
            "NOT_SET, ATTENDED or NOT_ATTENDED",
            required=True,
            choices=ATTENDANCE_STATUSES,
            asked=Asked("status"),
        ),
        Column(
            "number_of_attendees",
            "attendees",
            "numberOfAttendees",
            "how many came; 1 where not given",
            required=True,
            asked=Asked("number of attendees"),
        ),
        Column("starts_at", "instant", "startDate", "start of the session, UTC, where the source gives it here"),
        Column("time_zone", "zone", "timezone", "IANA zone, where the source gives it here"),
        Column("status_updated_at", "instant", "statusUpdatedDate", "last change of the status, UTC"),
        Column("updated_at", "instant", "updatedDate", "last change at the source, UTC"),
        Column(
            "event_sequence",
            "sequence",
            "entityEventSequence",
            "orders the events of the attendance, where one brought this version",
            irregular="it stands beside the attendance, in the event that brings it",
            unsaid="a listing gives the attendance, not the event that brought it",
        ),
        Column(
            "excused",
            "flag",
            "excused",
            "ill, injured or justified: neither attended nor a no-show; null means false",
            irregular="only a mapping or a flat file can say it",
            unsaid="the API has no word for it: such an attendance is NOT_SET",
        ),
    ),
    key=("booking_id", "session_key"),
    version=("updated_at",),
    sequence="event_sequence",
)
# The columns that tie an attendance to its session. An attendance inside an extended booking has none of them.
TIES = ("booking_id", "event_id", "session_id", "session_key", "starts_at", "time_zone", "event_sequence", "excused")

# Status -> the numbers of attendees that contradict it. Not attended with 1 does not: 1 is the API's default.
_CONTRADICTING = {"ATTENDED": ("=", 0), "NOT_ATTENDED": (">=", 2)}
_COMPARE = {"=": operator.eq, ">=": operator.ge}


def contradicts(status: str, number: int) -> bool:
    """Whether a number of attendees contradicts a status."""
    comparison, limit = _CONTRADICTING.get(status, ("=", None))
    return limit is not None and _COMPARE[comparison](number, limit)


def contradiction_sql(status: str = "status", number: str = "number_of_attendees") -> str:
    """The same as a condition in SQL over the two columns."""
    clauses = (f"({status} = '{word}' and {number} {sign} {limit})" for word, (sign, limit) in _CONTRADICTING.items())
    return f"({' or '.join(clauses)})"
