"""Five thousand odd requests: each is answered or refused as a `QueryError` that shows no SQL and no data."""

from __future__ import annotations

import json
import random
from typing import Any

import duckdb
import pytest

import pipeline
import queries

FIELDS = (
    "id",
    "_id",
    "bookingId",
    "eventId",
    "sessionId",
    "status",
    "numberOfAttendees",
    "nope",
    "",
    "a/b~",
    "$status",
)
OPERATORS = (
    *("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$isEmpty", "$hasSome", "$hasAll"),
    *("$startsWith", "$endsWith", "$contains", "$and", "$or", "$not", "$where", "$regex", "eq", "", "$"),
)
SECRET = "5ec2e700-1111-4111-8111-111111111111"
VALUES = (
    *(None, True, False, 0, 1, -1, 10**40, 1.5, 1e308, float("nan"), float("inf"), "", "ATTENDED", "attended", SECRET),
    *("' or 1=1 --", "a\0b", "\ud800", "\u202e", "%_", "x" * 2_000, "2026-01-01", [], {}, [[]], [None], {"$eq": 1}),
)
KEYS = ("filter", "sort", "cursorPaging", "paging", "fields", "query", "limit", "cursor", "sql", "")
# The engine's own words, and the values in the table.
TELLTALE = ("select ", "duckdb", "Error:", "Traceback", "UUID", "booking_id", SECRET)


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("generated")
    record = {"bookingId": SECRET, "status": "ATTENDED"}
    rows = [record | {"id": f"{n:08x}-0000-4000-8000-000000000000", "eventId": f"{n:040d}"} for n in range(30)]
    (folder / "a.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pipeline.open_store(folder / "a.duckdb") as store:
        pipeline.ingest(store, [folder / "a.ndjson"])
    connection = queries.connect(folder / "a.duckdb")
    yield connection
    connection.close()


def odd_filter(pick: random.Random, depth: int = 0) -> Any:
    shape = pick.random()
    if shape < 0.1 or depth > 4:
        return pick.choice(VALUES)
    if shape < 0.3:
        return {pick.choice(OPERATORS): [odd_filter(pick, depth + 1) for _ in range(pick.randrange(3))]}
    if shape < 0.4:
        return {pick.choice(OPERATORS): odd_filter(pick, depth + 1)}
    fields = pick.sample(FIELDS, pick.randrange(1, 3))
    return {name: pick.choice([pick.choice(VALUES), odd_operators(pick)]) for name in fields}


def odd_operators(pick: random.Random) -> Any:
    values = (pick.choice([pick.choice(VALUES), pick.sample(VALUES, pick.randrange(4))]) for _ in range(2))
    return {pick.choice(OPERATORS): value for value in values}


def odd_request(pick: random.Random) -> Any:
    query: Any = {"filter": odd_filter(pick)}
    if pick.random() < 0.3:
        entry = {"fieldName": pick.choice(FIELDS), "order": pick.choice(("ASC", "DESC", "asc; drop", 1, None))}
        query["sort"] = pick.choice([[entry], [entry, entry], entry, *VALUES])
    if pick.random() < 0.3:
        query[pick.choice(KEYS)] = pick.choice(
            [{"limit": pick.choice(VALUES)}, {"cursor": pick.choice(VALUES)}, *VALUES]
        )
    request = pick.choice([{"query": query}, {"query": query}, query, {pick.choice(KEYS): query}])
    text = json.dumps(request)
    if pick.random() < 0.15:
        at = pick.randrange(len(text))
        return pick.choice([text[:at], text[:at] + pick.choice('"{}[],:\\') + text[at:], text.encode()[:at] + b"\xff"])
    return pick.choice([request, text])


@pytest.mark.long
def test_odd_requests_are_answered_or_refused_in_our_words(con: duckdb.DuckDBPyConnection) -> None:
    pick, codes, answered = random.Random(16), set(), 0
    for _ in range(5_000):
        request = odd_request(pick)
        try:
            answered += "attendances" in queries.query_attendance(con, request)
        except queries.QueryError as error:
            codes.add(error.code)
            words = f"{error} {error.message} {error.hint}"
            assert words.isprintable() or "\u202e" in words, request
            assert not any(word in words for word in TELLTALE), (request, words)
            json.dumps(error.to_wire()).encode()
    assert answered > 20
    assert len(codes) > 12
    assert con.execute("select count(*) from attendance").fetchall() == [(30,)]
