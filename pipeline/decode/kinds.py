"""Recognise the kind of a record by the keys of its JSON object."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from pipeline.faults import Refused

# Keys that hold records in a saved page or a response of the API.
ENVELOPES = (
    "attendances",
    "attendance",
    "extendedBookings",
    "bookingsEntries",
    "bookings",
    "services",
    "service",
    "sessions",
    "session",
    "events",
    "event",
    "bookingFees",
    "items",
)

# Kind, keys it needs, keys of which it needs one. The first row that fits gives the kind of a record.
_SIGNATURES: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    # The content of the token that is sent, or the body in it; the event in the body; the object that the SDK hands to
    # its handlers.
    ("attendance-event", frozenset({"data"}), frozenset({"eventType", "iat", "exp"})),
    ("attendance-event", frozenset({"entityId"}), frozenset({"eventTime", "entityEventSequence", "slug"})),
    ("attendance-event", frozenset({"metadata"}), frozenset({"entity"})),
    ("booking-fee", frozenset({"cancellationFee"}), frozenset()),
    ("extended-booking", frozenset({"booking"}), frozenset()),
    ("booking", frozenset({"bookedEntity"}), frozenset()),
    ("session", frozenset({"start"}), frozenset({"end", "scheduleId"})),
    ("attendance", frozenset(), frozenset({"numberOfAttendees", "eventId", "sessionId"})),
    ("attendance", frozenset({"bookingId", "status"}), frozenset()),
    ("booking", frozenset({"status"}), frozenset({"contactDetails", "formInfo", "totalParticipants"})),
    ("session", frozenset({"scheduleId"}), frozenset({"totalCapacity", "capacity", "scheduleOwnerId"})),
    ("service", frozenset({"name"}), frozenset({"defaultCapacity", "type"})),
    # A calendar event without an end or a schedule.
    ("session", frozenset({"start"}), frozenset()),
)

# Compared as a whole, since a page of the API has `metadata` too, among other keys.
_DELETED_EVENT_OF_THE_SDK = {"metadata"}


def kind_of(record: Mapping[str, Any]) -> str | None:
    """The kind of a record by its keys, or None if they fit none."""
    keys = record.keys()
    if keys == _DELETED_EVENT_OF_THE_SDK:
        return "attendance-event"
    at = _signature_of(keys)
    return None if at is None else _SIGNATURES[at][0]


def kind_between(least: Set[str], most: Set[str]) -> str | None:
    """The kind of all records that have at least the keys of `least` and none but those of `most`; None if in doubt.

    A signature that `least` fits fits all of them, and one before it that fits any of them fits `most`.
    """
    at = _signature_of(least)
    return None if at is None or at != _signature_of(most) else _SIGNATURES[at][0]


def _signature_of(keys: Set[str]) -> int | None:
    """The place of the first signature that keys fit."""
    return next(
        (at for at, (_, needed, any_of) in enumerate(_SIGNATURES) if needed <= keys and (not any_of or any_of & keys)),
        None,
    )


def kind_unknown(reason: str) -> Refused:
    """The refusal of a file whose records are not of noshow's own kinds: most are exports of another system."""
    return Refused(
        "file.kind_unknown",
        reason,
        "Write a mapping of another system's file with `noshow mapping draft`, or name its kind with --kind",
    )
