from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.decode.columnar import attendance_frame, decode
from pipeline.decode.lines import Lines, flat_objects
from pipeline.decode.records import Decoded, decode_each

BOOKING = "5f0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b7e"
PLAIN = {
    "id": "7a0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b7e",
    "bookingId": BOOKING,
    "eventId": "event-0000000000000000000000000000000001",
    "status": "ATTENDED",
    "numberOfAttendees": 1,
    "updatedDate": "2026-03-01T10:00:00.000Z",
}
# Lines that a record may be, odd in some way that a decoder of whole texts could miss.
ODD = [
    b'{"bookingId":"a","bookingId":"b","status":"ATTENDED"}',
    b'{"id":null,"bookingId":"a","id":"b","status":"ATTENDED"}',
    b'{"id" :"a","bookingId":"b","id":"c","status":"ATTENDED"}',
    b'{"id":"a","id":null,"bookingId":"b","status":"ATTENDED"}',
    b'{"bookingId":"a","status":"ATTENDED","status": null}',
    b'{"id"\t:"a","bookingId":"b","status":"ATTENDED","status":"NOT_SET"}',
    b'{"bookingId":"a","status":"ATTENDED","numberOfAttendees":2.0}',
    b'{"bookingId":"a","status":"ATTENDED","numberOfAttendees":2.5}',
    b'{"bookingId":"a","status":"ATTENDED","numberOfAttendees":"2"}',
    b'{"bookingId":"a","status":"ATTENDED","numberOfAttendees":true}',
    b'{"bookingId":"a","status":"ATTENDED","numberOfAttendees":123456789012345678901234567890}',
    b'{"bookingId":"a","status":"ATTENDED","numberOfAttendees":1e400}',
    b'{"bookingId":"a","status":"ATTENDED","eventId":null}',
    b'{"bookingId":"a","status":null,"eventId":"x"}',
    b'{"bookingId":"a","eventId":"x"}',
    b'{"bookingId":"a","status":"ATTENDED","eventId":""}',
    b'{"bookingId":"a","status":"ATTENDED","extra":1}',
    b'{"bookingId":"a","status":"ATTENDED","_id":"b"}',
    b'{"bookingId":"a","status":"ATTENDED","_id":"b","id":"c"}',
    b'{"bookingId":"a","status":"ATTENDED","updatedDate":"","_updatedDate":"2026-03-01T10:00:00Z"}',
    b'{"bookingId":"a","status":"ATTENDED","revision":7}',
    b'{"bookingId":"a\\u0007","status":"ATTENDED"}',
    b'{"bookingId":"a\x7f","status":"ATTENDED"}',
    b'{"bookingId":"\\ud800","status":"ATTENDED"}',
    b'{"bookingId":"\\u0061","status":"ATTENDED"}',
    b'{"bookingId":"a","status":"ATTENDED",}',
    b'{"bookingId":"a","status":"ATTENDED"} {"bookingId":"b","status":"ATTENDED"}',
    b'{"bookingId":"a","status":"ATTENDED"}{"bookingId":"b","status":"ATTENDED"}',
    b'{"bookingId":"[","status":"{"}',
    b'{"bookingId":"a","status":"ATTENDED","eventId":{"id":"x"}}',
    b'{"bookingId":"\xf0\x9f\x98\x80","status":"\xc3\xa9"}',
    b'{"attendance":{"bookingId":"a","status":"ATTENDED"}}',
    b'{"bookedEntity":{},"id":"a"}',
    b"{}",
    b"null",
    b"{",
    b"",
]


def describe(decoded: Decoded) -> tuple[Any, ...]:
    frames = {
        name: frame.select("record", *sorted(column for column in frame.columns if not _all_null(frame, column)))
        .sort("record")
        .rows(named=True)
        for name, frame in decoded.raw_frames.items()
        if frame.height
    }
    faults = sorted((fault.record, fault.rule, fault.pointer) for fault in decoded.faults)
    return frames, faults, decoded.ignored, decoded.kinds


def _all_null(frame: pl.DataFrame, column: str) -> bool:
    return column == "record" or frame[column].null_count() == frame.height


def require_same(raws: list[bytes]) -> None:
    records = range(5, 5 + len(raws))
    expected = describe(decode_each(raws, records, None))
    assert describe(decode(raws, records, None)) == expected
    text = b"\n".join(raws)
    if flat_objects(text) == len(raws):
        assert describe(decode(Lines(text, len(raws)), records, None)) == expected


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_record_among_plain_ones_is_decoded_as_by_itself(odd: bytes) -> None:
    plain = json.dumps(PLAIN).encode()
    require_same([plain, odd, plain])
    require_same([odd])


def test_plain_records_are_decoded_at_once() -> None:
    """Else the tests above would compare a decoder with itself."""
    some = {**PLAIN, "sessionId": None}
    fewer = {name: PLAIN[name] for name in ("bookingId", "status")}
    text = b"\r\n".join(json.dumps(record).encode() for record in (PLAIN, some, fewer)) + b"\n"
    frame = attendance_frame(Lines(text, flat_objects(text) or 0))
    assert frame is not None
    assert frame["number_of_attendees"].to_list() == ["1", "1", None]


@pytest.mark.parametrize("odd", [odd for odd in ODD if odd.startswith(b"{") and b"\\" not in odd][:4])
def test_a_key_given_twice_is_never_plain(odd: bytes) -> None:
    assert attendance_frame([json.dumps(PLAIN).encode(), odd]) is None


def test_parts_that_are_plain_are_decoded_at_once_beside_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.decode.columnar._PART", 3)
    plain = json.dumps(PLAIN).encode()
    decoded = decode([plain] * 4 + [ODD[0]] + [plain] * 4, range(9), None)
    assert decoded.raw_frames["attendance"]["record"].to_list() == [0, 1, 2, 6, 7, 8, 3, 5]
    assert [fault.record for fault in decoded.faults] == [4]


FIELDS = (
    "id",
    "_id",
    "bookingId",
    "eventId",
    "sessionId",
    "status",
    "numberOfAttendees",
    "updatedDate",
    "_updatedDate",
)
TOKENS = ('"a"', '""', "null", "1", "-0", "1.0", "true", '"x\\n"', '"é:"', "[]", "{}", '" : "')
records = st.lists(
    st.tuples(st.sampled_from((*FIELDS, "extra")), st.sampled_from((":", ": ", " :")), st.sampled_from(TOKENS)),
    max_size=5,
).map(lambda members: ("{" + ",".join(f'"{name}"{colon}{token}' for name, colon, token in members) + "}").encode())
sound = st.builds(lambda change: json.dumps({**PLAIN, **change}).encode(), st.just({}) | st.just({"sessionId": "s"}))


@settings(max_examples=300, deadline=None)
@given(st.lists(sound | sound | records, min_size=1, max_size=4))
def test_the_outcome_is_that_of_one_record_at_a_time(raws: list[bytes]) -> None:
    require_same(raws)
