"""Requests that make no sense: each is refused with its code and place, in bounded time, and shows no secret."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest

import pipeline
import queries
from queries.answers.watch import time_limit
from queries.language import limits

B = "11111111-1111-4111-8111-111111111111"


def nested(depth: int) -> Any:
    filter: Any = {"status": "ATTENDED"}
    for _ in range(depth):
        filter = {"$and": [filter]}
    return {"query": {"filter": filter}}


N = "numberOfAttendees"
REFUSED: list[tuple[Any, str, str | None]] = [
    ({"query": {"filter": {"staus": "ATTENDED"}}}, "UNKNOWN_FIELD", "/query/filter/staus"),
    ({"query": {"filter": {'status"; drop table attendance; --': 1}}}, "UNKNOWN_FIELD", None),
    ({"query": {"filter": {"a/b~c": 1}}}, "UNKNOWN_FIELD", "/query/filter/a~1b~0c"),
    ({"query": {"filter": {"\u0455tatus": "ATTENDED"}}}, "UNKNOWN_FIELD", None),
    ({"query": {"filter": {"status": {"$equals": "ATTENDED"}}}}, "UNKNOWN_OPERATOR", "/query/filter/status/$equals"),
    ({"query": {"filter": {"$nor": []}}}, "UNKNOWN_OPERATOR", "/query/filter/$nor"),
    ({"query": {"filter": {"status": {"$gt": "A"}}}}, "OPERATOR_NOT_SUPPORTED", "/query/filter/status/$gt"),
    ({"query": {"filter": {"id": {"$startsWith": "1"}}}}, "OPERATOR_NOT_SUPPORTED", "/query/filter/id/$startsWith"),
    ({"query": {"filter": {"status": {}}}}, "INVALID_OPERATOR_OBJECT", "/query/filter/status"),
    ({"query": {"filter": {"$or": []}}}, "EMPTY_ARRAY", "/query/filter/$or"),
    ({"query": {"filter": {"id": {"$in": []}}}}, "EMPTY_ARRAY", "/query/filter/id/$in"),
    ({"query": {"filter": {"$or": {"status": "ATTENDED"}}}}, "INVALID_TYPE", "/query/filter/$or"),
    ({"query": {"filter": {"$and": [{"x": 1}]}}}, "UNKNOWN_FIELD", "/query/filter/$and/0/x"),
    ({"query": {"filter": {"$not": [{"x": 1}]}}}, "UNKNOWN_FIELD", "/query/filter/$not/0/x"),
    *(
        ({"query": {"filter": {join: empty}}}, "INVALID_OPERATOR_OBJECT", f"/query/filter/{join}{place}")
        for join, empty, place in (
            ("$not", {}, ""),
            ("$not", [{}], "/0"),
            ("$not", {"$not": {}}, "/$not"),
            ("$and", [{}], "/0"),
            ("$or", [{"status": "ATTENDED"}, {}], "/1"),
            ("$or", [{"$and": [{"id": B}, {}]}], "/0/$and/1"),
        )
    ),
    ({"query": {"filter": []}}, "INVALID_TYPE", "/query/filter"),
    (nested(16), "QUERY_TOO_DEEP", "/query/filter"),
    (nested(5_000), "QUERY_TOO_DEEP", "/query/filter"),
    ({"query": {"filter": {"$or": [{"status": "ATTENDED"}] * 201}}}, "QUERY_TOO_LARGE", "/query/filter/$or"),
    ({"query": {"filter": {"$or": [{"$or": [{"id": B}] * 150}] * 2}}}, "QUERY_TOO_LARGE", "/query/filter"),
    ({"query": {"filter": {"id": {"$in": [B] * 10_001}}}}, "TOO_MANY_VALUES", "/query/filter/id/$in"),
    ({"query": {"filter": {"numberOfAttendees": True}}}, "INVALID_TYPE", "/query/filter/numberOfAttendees"),
    ({"query": {"filter": {"numberOfAttendees": "1"}}}, "INVALID_TYPE", "/query/filter/numberOfAttendees"),
    (
        {"query": {"filter": {"numberOfAttendees": {"$lt": 10**40}}}},
        "OUT_OF_RANGE",
        "/query/filter/numberOfAttendees/$lt",
    ),
    ({"query": {"filter": {"numberOfAttendees": 10**5_000}}}, "OUT_OF_RANGE", "/query/filter/numberOfAttendees"),
    ({"query": {"filter": {"numberOfAttendees": -(10**400)}}}, "OUT_OF_RANGE", "/query/filter/numberOfAttendees"),
    ({"query": {"filter": {"numberOfAttendees": float("nan")}}}, "OUT_OF_RANGE", "/query/filter/numberOfAttendees"),
    ({"query": {"cursorPaging": {"limit": 10**5_000}}}, "OUT_OF_RANGE", "/query/cursorPaging/limit"),
    ('{"query": {"filter": {"numberOfAttendees": NaN}}}', "INVALID_JSON", ""),
    ('{"query": {"filter": {"numberOfAttendees": -Infinity}}}', "INVALID_JSON", ""),
    ('{"query": {"filter": {"status": "ATTENDED", "status": "NOT_SET"}}}', "INVALID_JSON", ""),
    ('{"query": {}, "query": {}}', "INVALID_JSON", ""),
    ({"query": {"fields": ["id"] * 10_001}}, "TOO_MANY_VALUES", "/query/fields"),
    ({"query": {"filter": {"numberOfAttendees": float("inf")}}}, "OUT_OF_RANGE", "/query/filter/numberOfAttendees"),
    (
        {"query": {"filter": {"numberOfAttendees": {"$gt": None}}}},
        "INVALID_TYPE",
        "/query/filter/numberOfAttendees/$gt",
    ),
    ({"query": {"filter": {"status": 5}}}, "INVALID_TYPE", "/query/filter/status"),
    ({"query": {"filter": {"status": "attended"}}}, "INVALID_VALUE", "/query/filter/status"),
    ({"query": {"filter": {"id": {"$in": [{"$ne": None}]}}}}, "INVALID_TYPE", "/query/filter/id/$in/0"),
    ({"query": {"filter": {"id": "x' OR '1'='1"}}}, "INVALID_VALUE", "/query/filter/id"),
    ({"query": {"filter": {"eventId": "a\u0000b"}}}, "INVALID_VALUE", "/query/filter/eventId"),
    ({"query": {"filter": {"eventId": "\ud800"}}}, "INVALID_VALUE", "/query/filter/eventId"),
    ({"query": {"filter": {"eventId": "x" * 1025}}}, "VALUE_TOO_LONG", "/query/filter/eventId"),
    ({"query": {"filter": {"eventId": {"$exists": 1}}}}, "INVALID_TYPE", "/query/filter/eventId/$exists"),
    ({"query": {"cursorPaging": {"limit": 0}}}, "OUT_OF_RANGE", "/query/cursorPaging/limit"),
    ({"query": {"cursorPaging": {"limit": 1001}}}, "OUT_OF_RANGE", "/query/cursorPaging/limit"),
    ({"query": {"paging": {"limit": 10.0}}}, "INVALID_TYPE", "/query/paging/limit"),
    ({"query": {"cursorPaging": {"limit": True}}}, "INVALID_TYPE", "/query/cursorPaging/limit"),
    ({"query": {"cursorPaging": {"offset": 5}}}, "UNKNOWN_KEY", "/query/cursorPaging/offset"),
    ({"query": {"cursorPaging": {}, "paging": {}}}, "CONFLICT", "/query/paging"),
    ({"query": {"cursorPaging": {"cursor": 5}}}, "INVALID_TYPE", "/query/cursorPaging/cursor"),
    ({"query": {"cursorPaging": {"cursor": "NEXT-1"}}}, "INVALID_CURSOR", "/query/cursorPaging/cursor"),
    ({"query": {"cursorPaging": {"cursor": "é" * 50}}}, "INVALID_CURSOR", "/query/cursorPaging/cursor"),
    ({"query": {"sort": [{"fieldName": "id", "order": "ASC; DROP"}]}}, "INVALID_VALUE", "/query/sort/0/order"),
    ({"query": {"sort": [{"fieldName": "nope"}]}}, "UNKNOWN_FIELD", "/query/sort/0/fieldName"),
    ({"query": {"sort": [{"fieldName": "id"}, {"fieldName": "_id"}]}}, "CONFLICT", "/query/sort/1/fieldName"),
    ({"query": {"sort": [{"fieldName": "id"}] * 7}}, "TOO_MANY_VALUES", "/query/sort"),
    ({"query": {"sort": "id"}}, "INVALID_TYPE", "/query/sort"),
    ({"query": {"fields": "id"}}, "INVALID_TYPE", "/query/fields"),
    ({"query": {"filter": {}}, "sql": "select 1"}, "UNKNOWN_KEY", "/sql"),
    ({"sql": "select 1"}, "UNKNOWN_KEY", "/sql"),
    ({"query": []}, "INVALID_TYPE", "/query"),
    ([], "INVALID_TYPE", ""),
    ("{query:{filter:{}}}", "INVALID_JSON", ""),
    ("[" * 100_000, "QUERY_TOO_DEEP", ""),
    ('{"query":{"filter":{"eventId":"' + "a" * 1_000_000 + '"}}}', "QUERY_TOO_LARGE", ""),
    (b"\xff\xfe\xfd", "INVALID_JSON", ""),
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("refusals") / "a.duckdb"
    fill(path, 30)
    return path


def fill(path: Path, rows: int) -> None:
    with pipeline.open_store(path) as store:
        source = path.with_suffix(f".{rows}.ndjson")
        records = [
            {"id": f"{n:08x}-0000-4000-8000-000000000000", "bookingId": B, "eventId": f"{n:040d}", "status": "ATTENDED"}
            for n in range(rows)
        ]
        source.write_text("".join(json.dumps(record) + "\n" for record in records))
        pipeline.ingest(store, [source])


@pytest.fixture
def con(database: Path) -> Any:
    connection = queries.connect(database)
    yield connection
    connection.close()


@pytest.mark.parametrize(("request_", "code", "path"), REFUSED)
def test_a_request_is_refused_with_its_place(
    con: duckdb.DuckDBPyConnection, request_: Any, code: str, path: str | None
) -> None:
    started = time.monotonic()
    with pytest.raises(queries.QueryError) as caught:
        queries.query_attendance(con, request_)
    assert time.monotonic() - started < 2
    error = caught.value
    assert error.code == code
    if path is not None:
        assert error.path == path
    text = json.dumps(error.to_wire()) + str(error)
    assert "\n" not in str(error)
    for word in ("select ", "SELECT ", "duckdb", "Error:", "UUID"):
        assert word not in text


class Counted(list[Any]):
    """A list that counts how many of its values were read."""

    read = 0

    def __iter__(self) -> Any:
        for value in super().__iter__():
            self.read += 1
            yield value

    def __getitem__(self, index: Any) -> Any:
        self.read += 1
        return super().__getitem__(index)


@pytest.mark.parametrize(
    "place",
    [
        lambda many: {"filter": {"id": {"$in": many}}},
        lambda many: {"filter": {"id": {"$nin": many}}},
        lambda many: {"filter": {"id": {"$hasSome": many}}},
        lambda many: {"filter": {"id": many}},
        lambda many: {"filter": {"$or": many}},
        lambda many: {"filter": {"$and": [{"$not": many}]}},
        lambda many: {"filter": many},
        lambda many: {"sort": many},
        lambda many: {"fields": many},
        lambda many: {"cursorPaging": many},
    ],
)
def test_a_list_is_counted_before_it_is_read(con: duckdb.DuckDBPyConnection, place: Any) -> None:
    many = Counted([B] * 20_000)
    with pytest.raises(queries.QueryError):
        queries.query_attendance(con, {"query": place(many)})
    assert many.read == 0


@pytest.mark.parametrize(
    "name", ["x" * 900_000, "\n" * 900_000, "status" + "\u0455" * 500_000], ids=["long", "line ends", "not ASCII"]
)
def test_a_name_as_long_as_the_request_is_cut(con: duckdb.DuckDBPyConnection, name: str) -> None:
    wrong: list[Any] = [
        {name: 1},
        {"filter": {name: 1}},
        {"filter": {"status": {name: 1}}},
        {"filter": {f"${name}": 1}},
    ]
    wrong += [{"sort": [{"fieldName": name}]}, {"sort": [{name: 1}]}, {"cursorPaging": {name: 1}}]
    for query in wrong:
        began = time.monotonic()
        with pytest.raises(queries.QueryError) as caught:
            queries.query_attendance(con, {"query": query})
        assert time.monotonic() - began < 1
        assert len(json.dumps(caught.value.to_wire())) < 20_000
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "request_",
    [
        None,
        {},
        "{}",
        {"query": {}},
        {"query": None},
        {"filter": {}},
        {"query": {"filter": None, "sort": None}},
        {"query": {"filter": {}, "cursorPaging": {"limit": 50}}},
        {"query": {"cursorPaging": {"limit": None, "cursor": None}}},
        {"query": {"paging": {"limit": 20}, "fields": ["id", "status"], "sort": [{"fieldName": "_id"}]}},
        {"query": {"sort": [{"fieldName": "numberOfAttendees", "order": None}]}},
        {"query": {"filter": {"_id": {"$in": [B]}}}},
        {"query": {"filter": {"id": {"$in": [B] * limits.MAX_LIST_VALUES}}}},
        {"query": {"filter": {"$not": {"status": {"$eq": "ATTENDED"}}}}},
        {"query": {"filter": {"numberOfAttendees": {"$gte": 2, "$lt": 5}}}},
        nested(7),
    ],
)
def test_every_shape_that_the_sdk_sends_is_answered(con: duckdb.DuckDBPyConnection, request_: Any) -> None:
    answer = queries.query_attendance(con, request_)
    assert set(answer) == {"attendances", "pagingMetadata"}
    assert set(answer["pagingMetadata"]) == {"count", "cursors", "hasNext"}
    for attendance in answer["attendances"]:
        assert {"id", "bookingId", "status", "numberOfAttendees"} <= set(attendance)


def first_cursor(con: duckdb.DuckDBPyConnection) -> str:
    return str(
        queries.query_attendance(con, {"query": {"cursorPaging": {"limit": 3}}})["pagingMetadata"]["cursors"]["next"]
    )


def test_a_cursor_with_a_changed_or_missing_part_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    token = first_cursor(con)
    assert token.replace("-", "").replace("_", "").isalnum()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spoilt = [token[:n] for n in range(1, len(token))]
    for place, letter in enumerate(token):
        for bit in range(6):
            other = alphabet[alphabet.index(letter) ^ (1 << bit)]
            spoilt.append(token[:place] + other + token[place + 1 :])
    for text in spoilt:
        with pytest.raises(queries.QueryError) as caught:
            queries.query_attendance(con, {"query": {"cursorPaging": {"cursor": text}}})
        assert caught.value.code == "INVALID_CURSOR"


@pytest.mark.parametrize("beside", [{"filter": {"status": "ATTENDED"}}, {"sort": [{"fieldName": "id"}]}])
def test_filter_or_sort_beside_a_cursor_is_refused(con: duckdb.DuckDBPyConnection, beside: Any) -> None:
    with pytest.raises(queries.QueryError, match="can not be specified together with cursor") as caught:
        queries.query_attendance(con, {"query": {"cursorPaging": {"cursor": first_cursor(con)}, **beside}})
    assert caught.value.code == "CURSOR_CONFLICT"


def test_a_cursor_outlives_no_change_of_the_data(
    con: duckdb.DuckDBPyConnection, database: Path, tmp_path: Path
) -> None:
    token = {"query": {"cursorPaging": {"cursor": first_cursor(con), "limit": 3}}}
    assert len(queries.query_attendance(con, token)["attendances"]) == 3
    fill(database, 31)
    assert len(queries.query_attendance(con, token)["attendances"]) == 3
    fill(tmp_path / "other.duckdb", 30)
    for path, code in ((database, "CURSOR_EXPIRED"), (tmp_path / "other.duckdb", "INVALID_CURSOR")):
        later = queries.connect(path)
        with pytest.raises(queries.QueryError) as caught:
            queries.query_attendance(later, token)
        assert caught.value.code == code
        later.close()


def test_a_cursor_of_another_limit_goes_on(con: duckdb.DuckDBPyConnection) -> None:
    token = first_cursor(con)
    assert len(queries.query_attendance(con, {"query": {"cursorPaging": {"cursor": token}}})["attendances"]) >= 27


def test_a_query_that_takes_too_long_is_stopped() -> None:
    with duckdb.connect() as con, pytest.raises(queries.QueryError) as caught, time_limit(con, 0.2):
        con.execute(
            "select count(*) from range(1000000) a, range(1000000) b where (a.range * b.range) % 7 = 3"
        ).fetchall()
    assert caught.value.code == "QUERY_TIMEOUT"


def test_of_statements_at_once_each_has_its_own_time() -> None:
    """One thread watches them all, whichever began first; those that end in time are left alone, before and after."""
    slow = "select count(*) from range(1000000) a, range(1000000) b where (a.range * b.range) % 7 = 3"

    def run(seconds: float, text: str) -> str:
        try:
            with duckdb.connect() as con, time_limit(con, seconds):
                return str(con.execute(text).fetchall())
        except queries.QueryError as error:
            return error.code

    asked = [(60.0, "select 1"), (0.3, slow), (0.1, slow), (0.2, "select 2")]
    with ThreadPoolExecutor() as threads:
        for _ in range(2):
            began = time.monotonic()
            assert list(threads.map(run, *zip(*asked, strict=True))) == [
                "[(1,)]",
                "QUERY_TIMEOUT",
                "QUERY_TIMEOUT",
                "[(2,)]",
            ]
            assert time.monotonic() - began < 30


def test_a_statement_that_was_kept_is_run_with_other_values(con: duckdb.DuckDBPyConnection, database: Path) -> None:
    """By any connection, and more forms are asked for than are kept."""
    (ids,) = con.execute("select list(id::varchar order by id) from attendance").fetchall()[0]

    def left(of: duckdb.DuckDBPyConnection, without: list[str]) -> list[str]:
        found = queries.query_attendance(of, {"query": {"filter": {"id": {"$nin": without}}}})
        return [attendance["id"] for attendance in found["attendances"]]

    with queries.connect(database) as other:
        for size in (1, 2, *range(1, 80), 1):
            without = [*ids[-size % 7 :], *[B] * size][:size]
            assert left(con, without) == left(other, without) == [one for one in ids if one not in without]
        assert left(other, ids[:1]) == ids[1:]
