"""A layout reads a record only if it is decoded as by itself: the same rows, the same ignored fields, no fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from pipeline.decode import records
from pipeline.decode.columnar import decode
from pipeline.decode.layouts import Layout, layout_of
from pipeline.decode.records import Decoded, decode_each
from pipeline.decode.shapes import shape_of

BOOKING = {
    "id": "5f0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b7e",
    "bookedEntity": {
        "slot": {
            "eventId": "event-0000000000000000000000000000000001",
            "location": {"id": "5f0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b7f", "name": "Hall é", "rooms": [{"number": 1}, {}]},
            "startDate": "2026-03-01T10:00:00.000Z",
        },
        "tags": ["GROUP"],
        "rate": {"labeledPriceOptions": {"general": {"amount": 12, "currency": "EUR"}}},
    },
    "contactDetails": {"contactId": "c1", "firstName": "Ana Lía", "email": "ana@example.com", "more": {"x": True}},
    "totalParticipants": 2,
    "status": "CONFIRMED",
    "extendedFields": {"namespaces": {"noshow": {"attributes": {"reminder": True, "age": 7}}}},
    "revision": "1",
    "flowControl": None,
}
EXTENDED = {"booking": BOOKING, "attendance": {"id": BOOKING["id"], "status": "ATTENDED", "numberOfAttendees": 2}}
SESSION = {
    "id": "event-0000000000000000000000000000000001",
    "scheduleId": "5f0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b70",
    "type": "CLASS",
    "start": {"localDate": "2026-03-01T10:00:00", "timeZone": "Europe/Dublin", "offset": 0},
    "end": {"timestamp": "2026-03-01T11:00:00.000Z", "localDateTime": {"year": 2026}},
    "resources": [{"id": "5f0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b71", "type": "staff", "phone": "1"}],
    "totalCapacity": 12,
}
SERVICE = {"id": BOOKING["id"], "name": "Yoga", "type": "CLASS", "media": {"items": []}}
MARK = {"id": BOOKING["id"], "bookingId": BOOKING["id"], "status": "ATTENDED", "numberOfAttendees": 1, "note": "x y"}
WHOLE = {"booking": BOOKING, "extended-booking": EXTENDED, "session": SESSION, "service": SERVICE, "attendance": MARK}
TOKENS = (
    *('"a"', '""', '" b "', "null", "1", "-0", "1.0", "1.50", "1e5", "1E400", "123456789012345678901234567890", "true"),
    *(
        "[]",
        "{}",
        '["a", 1]',
        '{"a":1}',
        '{"a":1,"a":1}',
        '"\\n"',
        '"\\u0061"',
        '"\\/"',
        '"\\""',
        '"\\u0007"',
        '"\x7f"',
    ),
    *('"\\ud800"', '"\x85"', '"\u2028"', "01", "", "1,", '"a" "b"'),
)
# As the API writes it: other escapes would put every record in doubt.
dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def written(members: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{key}:{token}" for key, token in members) + "}"


def odd(value: Any) -> Iterator[str]:
    """Texts of a value that are odd at one place each."""
    yield from TOKENS
    if isinstance(value, list):
        yield from (dumps(list_) for list_ in (value + value, value[1:]))
        for at, item in enumerate(value):
            for text in odd(item):
                parts = [dumps(other) for other in value]
                yield "[" + ",".join([*parts[:at], text, *parts[at + 1 :]]) + "]"
    if isinstance(value, dict):
        members = [(dumps(name), dumps(inner)) for name, inner in value.items()]
        yield written(members[::-1])
        for at, (key, token) in enumerate(members):
            before, after = members[:at], members[at + 1 :]
            yield written([*before, *after])
            escaped = f'"\\u{ord(key[1]):04x}{key[2:]}'
            for other in ((f"{key} ", token), (f" \t{key}", token), (escaped, token), (key.upper(), token)):
                yield written([*before, other, *after])
            for other in ((key, token), (key, "null"), (key, '"b"'), ('"other"', token), ('"_id"', '"b"')):
                yield written([*members, other])
                yield written([other, *members])
            for text in odd(value[json.loads(key)]):
                yield written([*before, (key, text), *after])


def texts(value: Any) -> Iterator[bytes]:
    for text in odd(value):
        for form in (text, f" {text}", text.replace(" ", ""), text.replace(":", ": ")):
            yield form.encode()


def layout(kind: str) -> Layout:
    made = layout_of([WHOLE[kind]], shape_of(kind))
    assert made is not None
    assert made.kind == kind
    return made


def described(decoded: Decoded) -> tuple[Any, ...]:
    frames = [(name, frame.rows(named=True)) for name, frame in decoded.raw_frames.items()]
    return frames, decoded.faults, dict(decoded.ignored), list(decoded.kinds.items())


def by_layout(monkeypatch: pytest.MonkeyPatch, raws: list[bytes], made: Layout | None) -> tuple[Any, ...]:
    with monkeypatch.context() as patch:
        patch.setattr(records, "_layout_for", lambda *_: made)
        return described(decode_each(raws, range(len(raws)), None, "booking"))


@pytest.mark.parametrize("kind", WHOLE)
def test_odd_records_are_decoded_as_without_a_layout(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    made, odd_ones = layout(kind), list(dict.fromkeys(texts(WHOLE[kind])))
    assert len(odd_ones) > 500
    assert by_layout(monkeypatch, odd_ones, made) == by_layout(monkeypatch, odd_ones, None)


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " : ")])
def test_a_plain_record_is_read(kind: str, separators: tuple[str, str]) -> None:
    """Else the test above would compare a decoder with itself."""
    text = json.dumps(WHOLE[kind], separators=separators, ensure_ascii=False)
    assert layout(kind).read(text.encode()) is not None


def test_what_only_some_records_have_may_be_left_out_and_is_counted() -> None:
    fewer = {name: BOOKING[name] for name in ("bookedEntity", "status")}
    made = layout_of([BOOKING, fewer], shape_of("booking"))
    assert made is not None
    read = [made.read(dumps(record).encode()) for record in (BOOKING, fewer, {**fewer, "totalParticipants": 1})]
    # `flowControl` is null in one and not there in the others.
    assert [one is not None for one in read] == [False, True, True]
    everything = layout("booking").read(dumps(BOOKING).encode())
    assert everything is not None
    once = {
        "flowControl": 1,
        "contactDetails.email": 1,
        "contactDetails.more": 1,
        "bookedEntity.slot.location.rooms": 1,
    }
    assert layout("booking").ignored([everything]) == once
    assert made.ignored([one for one in read if one]) == {"bookedEntity.slot.location.rooms": 2}


@pytest.mark.parametrize(
    "odd_ones",
    [
        [{**BOOKING, 'a"b': 1}],
        [{**BOOKING, f"x{at}": 1} for at in range(2_000)],
        [{**BOOKING, "held": {f"x{at}": 1 for at in range(200)}}],
        [{"status": "CONFIRMED", "totalParticipants": 1}, {"status": "CONFIRMED", "bookingId": "a"}],
        [{"unknown": 1}],
        [],
    ],
)
def test_some_records_have_no_layout(odd_ones: list[dict[str, Any]]) -> None:
    assert layout_of(odd_ones, shape_of("booking")) is None


@pytest.mark.parametrize("kind", [None, "booking"])
@pytest.mark.parametrize("every", [2, 3, 7])
def test_many_records_are_decoded_as_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch, every: int, kind: str | None
) -> None:
    variants = [text for text in odd(BOOKING) if text]
    raws = [
        (variants[at % len(variants)] if at % every == 0 else dumps({**BOOKING, "revision": f"{at}"})).encode()
        for at in range(records.WORTH_A_LAYOUT)
    ]
    at_once = described(decode_each(raws, range(len(raws)), kind, "booking"))
    assert records._layout_for(raws, kind) is not None or every == 2
    monkeypatch.setattr(records, "WORTH_A_LAYOUT", 10**9)
    assert at_once == described(decode_each(raws, range(len(raws)), kind, "booking"))


def test_a_layout_of_another_kind_than_the_one_given_is_not_used() -> None:
    raws = [dumps(SESSION).encode()] * records.WORTH_A_LAYOUT
    assert records._layout_for(raws, "booking") is None
    assert records._layout_for(raws, None) is not None


def test_long_records_are_no_sample() -> None:
    long = dumps({**BOOKING, "notes": [{}] * 10_000}).encode()
    assert records._layout_for([long] * records.WORTH_A_LAYOUT, None) is None


def test_entities_stand_in_the_order_in_which_records_bring_them() -> None:
    """The faults of a record are listed entity by entity, and the first one is its rule in quarantine."""
    mark = {"status": "ATTENDED"}
    paid = {"booking": BOOKING, "order": {"totalPrice": {"amount": "10", "currency": "EUR"}}}
    come = {"booking": BOOKING, "attendance": mark}
    for ones, brought in (
        ([paid, come], ["booking", "payment", "attendance"]),
        ([come, paid], ["booking", "attendance", "payment"]),
    ):
        raws = [dumps(one).encode() for one in ones]
        assert list(decode_each(raws, range(2), None).raw_frames) == brought
    plain = dumps({"id": "a", "bookingId": "b", "status": "ATTENDED"}).encode()
    assert list(decode([plain] * 1_000 + raws, range(1_002), None).raw_frames) == ["attendance", "booking", "payment"]
