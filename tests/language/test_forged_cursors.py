"""Cursors made by somebody else, or by somebody who has the key: every one is refused, and none costs memory."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import random
import tracemalloc
import zlib
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

import queries
from queries.language.cursor import MAX_POSITION_BYTES, Origin, Position, read_cursor, write_cursor
from queries.language.limits import LARGEST_NUMBER
from queries.language.requests import read_query
from queries.language.resources import ATTENDANCE, BOOKED_SESSION, Field
from queries.language.values import read_stored

ORIGIN = Origin("database.7", "0" * 64)
SORT = [{"fieldName": "numberOfAttendees"}]
GUID = "00000000-0000-4000-8000-000000000001"
SOUND = [2, "attendance", {"status": "ATTENDED"}, SORT, [2, GUID], False, "database.7"]
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 1e308, 2**64, float("nan"), "", "x", "2", "\x00", "\ud800", GUID, "2026-01-01"),
    *([], [[]], {}, {"$not": {}}, [None] * 9, ["x"] * 2, {"a": [{}]}, "attendance", "database.7"),
]


def packed(body: Any, key: str = ORIGIN.key) -> str:
    return token_of(zlib.compress(json.dumps(body).encode()), key)


def token_of(payload: bytes, key: str = ORIGIN.key) -> str:
    digest = hmac.digest(key.encode(), payload, "sha256")[:16]
    return base64.urlsafe_b64encode(digest + payload).decode().rstrip("=")


def code_of(token: str) -> str:
    with pytest.raises(queries.QueryError) as caught:
        read_query(ATTENDANCE, {"query": {"cursorPaging": {"cursor": token}}}, ORIGIN)
    return caught.value.code


def altered(seed: random.Random) -> Any:
    """The content of a token with one or more parts replaced, dropped or added."""
    body: Any = json.loads(json.dumps(SOUND))
    for _ in range(seed.randint(1, 3)):
        part = seed.randrange(len(body)) if body else 0
        match seed.randrange(4):
            case 0:
                body[part : part + 1] = [deepcopy(seed.choice(ODD))]
            case 1:
                body[part : part + 1] = []
            case 2:
                body.insert(part, deepcopy(seed.choice(ODD)))
            case _:
                at = body[4] if len(body) > 4 and isinstance(body[4], list) and body[4] else body
                at[seed.randrange(len(at)) if at else 0 : 1] = [deepcopy(seed.choice(ODD))]
    return body


def test_a_sound_token_is_read() -> None:
    query = read_query(ATTENDANCE, {"query": {"cursorPaging": {"cursor": packed(SOUND)}}}, ORIGIN)
    assert query.position
    assert query.position.values == (2, GUID)


@pytest.mark.parametrize("tokens", [1_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_token_with_another_content_is_invalid_or_a_whole_query(tokens: int) -> None:
    """Made with the key, so that the digest fits: the outcome is a query like any other, or INVALID_CURSOR."""
    seed, refused = random.Random(7), []
    for _ in range(tokens):
        try:
            query = read_query(ATTENDANCE, {"query": {"cursorPaging": {"cursor": packed(altered(seed))}}}, ORIGIN)
        except queries.QueryError as error:
            refused.append(error.code)
            continue
        assert query.position
        assert len(query.position.values) == len(query.sort)
    assert set(refused) == {"INVALID_CURSOR", "CURSOR_EXPIRED"}
    assert len(refused) > tokens * 0.8


@pytest.mark.parametrize(
    "payload",
    [b"", b"x", zlib.compress(b"["), zlib.compress(b"\xff"), zlib.compress(b"[" * 50_000), zlib.compress(b"[]")[:-3]],
    ids=["empty", "not packed", "not JSON", "not UTF-8", "deep", "cut"],
)
def test_a_token_that_holds_no_position_is_invalid(payload: bytes) -> None:
    assert code_of(token_of(payload)) == "INVALID_CURSOR"


def test_a_token_of_another_key_is_invalid() -> None:
    assert code_of(packed(SOUND, "1" * 64)) == "INVALID_CURSOR"
    assert code_of(packed(SOUND, "noshow cursor")) == "INVALID_CURSOR"


def test_a_token_that_unpacks_to_very_much_costs_nothing() -> None:
    bomb = token_of(zlib.compress(b'["' + b"a" * 50_000_000 + b'"]', 9))
    tracemalloc.start()
    assert code_of(bomb) == "INVALID_CURSOR"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_position_that_would_not_be_read_back_is_not_given_out() -> None:
    ids = {"id": {"$in": [GUID] * 900}}
    for times, fits in ((1, True), (2, False)):
        position = Position("attendance", {"$and": [ids] * times}, None, (GUID,), False)
        if fits:
            assert read_cursor(write_cursor(position, ORIGIN), "attendance", ORIGIN, "") == position
        else:
            with pytest.raises(queries.QueryError, match=f"less than {MAX_POSITION_BYTES:,} bytes"):
                write_cursor(position, ORIGIN)


STORED: dict[str, tuple[list[Any], list[Any]]] = {
    "text": (["", "Zoë", "x" * 5_000], [1, True, "\x00", "\ud800", []]),
    "attribute": (["34.5"], [34.5, {}]),
    "choice": (["ATTENDED"], [1]),
    "guid": ([GUID], ["x", GUID.upper() + "0", 1]),
    "number": ([0, 2.5, -3, "12.50"], [True, "x", "1e9", "٣", float("inf"), LARGEST_NUMBER + 1, []]),
    "flag": ([True, False], [0, 1, "true"]),
    "date": (["2026-03-01"], ["2026-13-01", 5, "2026-03-01T00:00:00"]),
    "instant": (["2026-03-01 18:00:00", "2026-03-01 18:00:00.123456"], ["2026-03-01T18:00:00Z", "now", 5]),
}


def test_a_value_is_held_to_the_type_of_its_field() -> None:
    assert {field.type for field in (*ATTENDANCE.fields, *BOOKED_SESSION.fields)} < STORED.keys() | {"attribute"}
    for kind, (sound, wrong) in STORED.items():
        field = Field("x", "x", kind, "x")
        assert read_stored(field, None) is None
        for value in sound:
            read = read_stored(field, value)
            assert str(read) == str(value)
            assert isinstance(read, Decimal | dt.date | str | int | float)
        for value in wrong:
            with pytest.raises(ValueError, match=r".*"):
                read_stored(field, value)
