"""Records of any bytes: each becomes rows or a fault that names a rule, and none ends the load."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from support.odd_json import odd_texts, odd_values

from pipeline.decode.columnar import decode
from pipeline.decode.records import decode_each
from queries.model.rules import RULES

NAMES = (
    *("id", "_id", "bookingId", "eventId", "sessionId", "status", "numberOfAttendees", "updatedDate", "attendance"),
    *("booking", "bookedEntity", "slot", "schedule", "startDate", "timezone", "contactDetails", "totalParticipants"),
    *("entityId", "slug", "deletedEvent", "createdEvent", "entityEventSequence", "start", "end", "scheduleId", "name"),
)
TEXTS = ("ATTENDED", "CONFIRMED", "deleted", "2026-03-01T10:00:00Z", "5f0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b7e")
RECORDS = odd_texts(odd_values(NAMES, TEXTS))
# One number out of range, after which nothing of the text is read, and another that is none.
NUMBERS = [
    b'{"x": 1e999, "numberOfAttendees": 1.2.3}',
    b'{"x": 1e999, "numberOfAttendees": 1-2}',
    b'{"x": 1e999, "numberOfAttendees": 1e}',
    b'{"x": 1e999, "numberOfAttendees": 1e5}',
    b'{"numberOfAttendees": 1e999}',
]


def require(raw: bytes) -> None:
    for decoded in (decode_each([raw], [7], None), decode([raw], range(7, 8), None)):
        assert {fault.record for fault in decoded.faults} <= {7}
        assert {fault.rule for fault in decoded.faults} <= RULES.keys()
        rows = {entity: frame["record"].to_list() for entity, frame in decoded.raw_frames.items() if frame.height}
        assert bool(decoded.faults) is not bool(rows)
        assert all(records == [7] for records in rows.values())


@pytest.mark.parametrize("raw", NUMBERS)
def test_numbers_that_are_none_are_faults(raw: bytes) -> None:
    require(raw)


@pytest.mark.parametrize("examples", [60, pytest.param(5_000, marks=pytest.mark.long)])
def test_any_bytes_are_rows_or_a_fault(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(raw=RECORDS)
    def law(raw: bytes) -> None:
        require(raw)

    law()
