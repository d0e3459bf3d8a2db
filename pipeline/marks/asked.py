"""Read the request to set one mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.marks.violations import MAX_MESSAGE, only, refused
from queries.errors import RequestRefused
from queries.language.requests import Request, read_body

_REQUIRED = ("bookingId", "status")


@dataclass(frozen=True, slots=True)
class Mark:
    """The attendance and notification of a request, as they were given, and the exceptions allowed to the rules.

    If `allow_walk_ins` is None the setting `more_than_booked` decides.
    """

    attendance: Mapping[str, Any]
    notification: Mapping[str, Any] | None = None
    allow_walk_ins: bool | None = None
    allow_unknown: bool = False
    allow_contradiction: bool = False


def read_mark(request: Request, **allowed: Any) -> Mark:
    """The mark that a request asks for; `allowed` are the fields of `Mark` of that name.

    Raises `RequestRefused` for a field that is missing, unknown or of another type.
    """
    body = read_body(request)
    only(body, ("attendance", "participantNotification"), "")
    attendance = required(body, "")
    return Mark(attendance, _notification(body.get("participantNotification"), "participantNotification"), **allowed)


def required(body: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return the attendance of a request. Raises `RequestRefused` if a required field is missing."""
    attendance = body.get("attendance")
    if attendance is None:
        raise refused(f"{path}attendance", "attendance is missing", "required")
    if not isinstance(attendance, Mapping):
        raise refused(f"{path}attendance", "an object is expected", "object_type")
    for name in _REQUIRED:
        if attendance.get(name) is None:
            raise refused(f"{path}attendance.{name}", f"{name} is missing", "required")
    if not attendance.get("eventId") and not attendance.get("sessionId"):
        raise RequestRefused("SESSION_ID_NOT_PROVIDED", "neither eventId nor sessionId is given", "Name the session")
    return attendance


def _notification(value: Any, path: str) -> Mapping[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise refused(path, "an object is expected", "object_type")
    only(value, ("notifyParticipants", "message"), f"{path}.")
    notify, message = value.get("notifyParticipants"), value.get("message")
    if notify is not None and not isinstance(notify, bool):
        raise refused(f"{path}.notifyParticipants", "true or false is expected", "boolean_type")
    if message is not None and not isinstance(message, str):
        raise refused(f"{path}.message", "a text is expected", "text_type")
    if message is not None and not 1 <= len(message) <= MAX_MESSAGE:
        expected = f"a text of 1 to {MAX_MESSAGE:,} characters is expected"
        raise refused(f"{path}.message", expected, "message_length", message)
    return value
