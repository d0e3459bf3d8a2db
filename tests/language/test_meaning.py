"""The meaning of filters, sorts and pages: a slow oracle in Python, mongomock, and laws, over rows full of nulls."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import mongomock
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pipeline
import queries
from pipeline.store.content_state import tracked
from queries.language.filters import read_filter
from queries.language.resources import ATTENDANCE
from queries.language.sorting import read_sort
from queries.statements import page_sql

Row = dict[str, Any]
STATUSES = ("NOT_SET", "ATTENDED", "NOT_ATTENDED")
TEXTS = ("event-ÄÖ-" + "x" * 30, "EVENT-äö-" + "X" * 30, "%_" * 20, "it's; --" * 6, "z" * 36)


def guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number * 7919:012x}"


def _rows() -> list[Row]:
    """Sixty rows with ties in every field and nulls in the two session ids."""
    return [
        {
            "id": guid((n * 37) % 61),
            "bookingId": guid(100 + n),
            "eventId": TEXTS[n % 5] if n % 3 else None,
            "sessionId": f"s{n % 4}" * 40 if n % 3 == 0 or n % 7 == 0 else None,
            "status": STATUSES[n % 3],
            "numberOfAttendees": n % 5,
        }
        for n in range(60)
    ]


ROWS = _rows()


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    db: Path = tmp_path_factory.mktemp("language") / "a.duckdb"
    with (
        pipeline.open_store(db) as store,
        store.transaction(),
        tracked(store.connection, "attendance"),
    ):
        store.connection.executemany(
            "insert into attendance (id, booking_id, event_id, session_id, session_key, status, number_of_attendees, "
            "load_id) values (?, ?, ?, ?, coalesce(?, ?), ?, ?, 1)",
            [
                (r["id"], r["bookingId"], r["eventId"], r["sessionId"], r["eventId"], r["sessionId"], r["status"],
                 r["numberOfAttendees"])
                for r in ROWS
            ],
        )  # fmt: skip
    connection = queries.connect(db)
    yield connection
    connection.close()


# The oracle: obviously right and slow.


def lower(text: str) -> str:
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def holds(row: Row, filter: Any) -> bool:
    return all(_entry(row, name, condition) for name, condition in filter.items())


def _entry(row: Row, name: str, condition: Any) -> bool:
    if name == "$and":
        return all(holds(row, part) for part in condition)
    if name == "$or":
        return any(holds(row, part) for part in condition)
    if name == "$not":
        return not holds(row, condition[0] if isinstance(condition, list) else condition)
    conditions = condition if isinstance(condition, dict) else {"$eq": condition}
    return all(_compare(row[name], symbol, operand) for symbol, operand in conditions.items())


def _compare(value: Any, symbol: str, operand: Any) -> bool:
    match symbol:
        case "$eq":
            return bool(value == operand)
        case "$ne":
            return bool(value != operand)
        case "$in" | "$hasSome":
            return value in operand
        case "$nin":
            return value not in operand
        case "$exists":
            return (value is not None) is operand
        case "$isEmpty":
            return (value in (None, "")) is operand
    if value is None:
        return False
    match symbol:
        case "$gt":
            return bool(value > operand)
        case "$gte":
            return bool(value >= operand)
        case "$lt":
            return bool(value < operand)
        case "$lte":
            return bool(value <= operand)
        case "$startsWith":
            return lower(value).startswith(lower(operand))
        case "$endsWith":
            return lower(value).endswith(lower(operand))
        case "$contains":
            return lower(operand) in lower(value)
    raise AssertionError(symbol)


def in_order(rows: list[Row], sort: list[dict[str, str]]) -> list[Row]:
    keys = [(key["fieldName"], key.get("order") == "DESC") for key in sort]
    keys += [("id", False)] if "id" not in [name for name, _ in keys] else []

    def compare(a: Row, b: Row) -> int:
        for name, descending in keys:
            x, y = a[name], b[name]
            if x == y:
                continue
            less = x is None or (y is not None and x < y)
            return (-1 if less else 1) * (-1 if descending else 1)
        return 0

    return sorted(rows, key=functools.cmp_to_key(compare))


# Random filters, sorts and page sizes.

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": st.sampled_from([row["id"] for row in ROWS[:8]]),
    "bookingId": st.sampled_from([row["bookingId"] for row in ROWS[:8]]),
    "eventId": st.sampled_from([*TEXTS, "missing"]),
    "sessionId": st.sampled_from(["s0" * 40, "s1" * 40, ""]),
    "status": st.sampled_from(STATUSES),
    "numberOfAttendees": st.integers(-1, 6) | st.sampled_from([1.5, 2.0]),
}
PARTS = st.sampled_from(["event", "ÄÖ", "äö", "%", "_", "X", "x", "'", "--", "", "s1", "Z"])


def conditions(name: str) -> st.SearchStrategy[Any]:
    value = VALUES[name]
    maybe = value | st.none()
    kinds = {
        "$eq": maybe,
        "$ne": maybe,
        "$in": st.lists(maybe, min_size=1, max_size=4),
        "$nin": st.lists(maybe, min_size=1, max_size=4),
        "$hasSome": st.lists(value, min_size=1, max_size=3),
        "$exists": st.booleans(),
        "$gt": value,
        "$gte": value,
        "$lt": value,
        "$lte": value,
        "$isEmpty": st.booleans(),
        "$startsWith": PARTS,
        "$endsWith": PARTS,
        "$contains": PARTS,
    }
    operators = ATTENDANCE.names[name].operators
    several = st.fixed_dictionaries({}, optional={symbol: kinds[symbol] for symbol in operators}).filter(bool)
    return maybe | several


LEAF = st.sampled_from(list(VALUES)).flatmap(lambda name: st.fixed_dictionaries({name: conditions(name)}))
# An empty filter keeps everything, but is refused within another.
FILTERS = st.just({}) | st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"$and": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"$or": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"$not": inner | st.lists(inner, min_size=1, max_size=1)}),
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
    ),
    max_leaves=6,
)
SORTS = st.lists(
    st.fixed_dictionaries(
        {"fieldName": st.sampled_from(list(VALUES))}, optional={"order": st.sampled_from(["ASC", "DESC"])}
    ),
    max_size=3,
    unique_by=lambda key: key["fieldName"],
)


def answered(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def walk(con: duckdb.DuckDBPyConnection, filter: Any, sort: Any, limit: int) -> tuple[list[Row], list[Row]]:
    """All rows by following next to the end, and then by following prev back to the start."""
    page = queries.query_attendance(con, {"query": {"filter": filter, "sort": sort, "cursorPaging": {"limit": limit}}})
    assert "prev" not in page["pagingMetadata"]["cursors"]
    forward = list(page["attendances"])
    while token := page["pagingMetadata"]["cursors"].get("next"):
        assert page["pagingMetadata"]["hasNext"]
        page = queries.query_attendance(con, {"query": {"cursorPaging": {"cursor": token, "limit": limit}}})
        forward += page["attendances"]
    assert not page["pagingMetadata"]["hasNext"]
    back = list(page["attendances"])
    while token := page["pagingMetadata"]["cursors"].get("prev"):
        page = queries.query_attendance(con, {"query": {"cursorPaging": {"cursor": token, "limit": limit}}})
        back = page["attendances"] + back
    return forward, back


@pytest.mark.long
@pytest.mark.parametrize("examples", [300, pytest.param(1_000, marks=pytest.mark.long)])
def test_rows_and_their_order_are_the_oracles(con: duckdb.DuckDBPyConnection, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(filter=FILTERS, sort=SORTS)
    def law(filter: Any, sort: Any) -> None:
        expected = in_order([row for row in ROWS if holds(row, filter)], sort)
        frame = queries.attendance_frame(con, filter, sort)
        assert frame["id"].to_list() == [row["id"] for row in expected]

    law()


@pytest.mark.parametrize("examples", [20, pytest.param(40, marks=pytest.mark.long)])
def test_pages_laid_end_to_end_are_the_whole(con: duckdb.DuckDBPyConnection, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(filter=FILTERS, sort=SORTS, limit=st.sampled_from([1, 7, 20, 1000]))
    def law(filter: Any, sort: Any, limit: int) -> None:
        expected = [answered(row) for row in in_order([row for row in ROWS if holds(row, filter)], sort)]
        forward, back = walk(con, filter, sort, limit)
        assert forward == expected
        assert back == expected

    law()


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(filter=FILTERS)
def test_mongo_means_the_same_where_words_coincide(con: duckdb.DuckDBPyConnection, filter: Any) -> None:
    text = str(filter)
    if any(
        word in text
        for word in ("$not", "$startsWith", "$endsWith", "$contains", "$isEmpty", "$hasSome", "$exists", "{}")
    ):
        return
    collection = mongomock.MongoClient().db.rows
    collection.insert_many([answered(row) for row in ROWS])
    theirs = {document["id"] for document in collection.find(filter)}
    assert set(queries.attendance_frame(con, filter)["id"]) == theirs


@settings(max_examples=150, deadline=None)
@given(filter=FILTERS, sort=SORTS)
def test_the_sql_is_one_select_of_known_columns_without_literals(filter: Any, sort: Any) -> None:
    keys = read_sort(ATTENDANCE, sort)
    values = tuple(ROWS[1][key.field.wire] for key in keys)
    text, parameters = page_sql("attendance", "p.id", read_filter(ATTENDANCE, filter), keys, values, 5)
    (statement,) = sqlglot.parse(text, dialect="duckdb")
    assert isinstance(statement, sqlglot.exp.Select)
    assert {column.name for column in statement.find_all(sqlglot.exp.Column)} <= {f.column for f in ATTENDANCE.fields}
    assert [table.name for table in statement.find_all(sqlglot.exp.Table)] == ["attendance"]
    assert {literal.this for literal in statement.find_all(sqlglot.exp.Literal)} <= {""}
    bound = {parameter.name for parameter in statement.find_all(sqlglot.exp.Placeholder, sqlglot.exp.Parameter)}
    assert len(parameters) >= len(bound)


@settings(max_examples=60, deadline=None)
@given(filter=FILTERS)
def test_every_filter_can_be_said_in_english(filter: Any) -> None:
    from queries.language.filters import in_english

    assert in_english(read_filter(ATTENDANCE, filter))


def test_the_documented_meanings_of_null(con: duckdb.DuckDBPyConnection) -> None:
    def count(filter: Any) -> int:
        return queries.attendance_frame(con, filter).height

    without = sum(row["eventId"] is None for row in ROWS)
    one = TEXTS[1]
    with_one = sum(row["eventId"] == one for row in ROWS)
    assert count({"eventId": None}) == count({"eventId": {"$exists": False}}) == without
    assert count({"eventId": {"$ne": None}}) == len(ROWS) - without
    assert count({"eventId": {"$ne": one}}) == count({"eventId": {"$nin": [one]}}) == len(ROWS) - with_one
    assert count({"eventId": {"$nin": [one, None]}}) == len(ROWS) - with_one - without
    assert count({"$not": {"eventId": one}}) == len(ROWS) - with_one
    assert count({"eventId": {"$in": [None]}}) == without


def test_text_is_matched_in_any_case(con: duckdb.DuckDBPyConnection) -> None:
    both = queries.attendance_frame(con, {"eventId": {"$startsWith": "EVENT-äÖ"}})
    assert set(both["event_id"]) == {TEXTS[0], TEXTS[1]}
    assert queries.attendance_frame(con, {"eventId": {"$contains": "%"}})["event_id"].unique().to_list() == [TEXTS[2]]


def test_all_pages_at_once(con: duckdb.DuckDBPyConnection) -> None:
    sort = [{"fieldName": "status", "order": "DESC"}]
    rows = list(queries.iter_attendance(con, {"numberOfAttendees": {"$gte": 2}}, sort))
    assert rows == [answered(row) for row in in_order([r for r in ROWS if r["numberOfAttendees"] >= 2], sort)]


def test_count_has_its_own_filter(con: duckdb.DuckDBPyConnection) -> None:
    assert queries.count_attendances(con) == {"count": 60}
    assert queries.count_attendances(con, {"filter": {"status": "ATTENDED"}}) == {"count": 20}
    assert queries.count_attendances(con, {"filter": {"serviceId": guid(1)}}) == {"count": 0}
    assert queries.count_attendances(con, {"filter": {"status": "ATTENDED", "serviceId": ["S1", "S2"]}}) == {"count": 0}
    with pytest.raises(queries.QueryError):
        queries.count_attendances(con, {"filter": {"status": {"$ne": "ATTENDED"}}})


def test_get_by_id(con: duckdb.DuckDBPyConnection) -> None:
    row = ROWS[5]
    assert queries.get_attendance(con, row["id"].upper()) == {"attendance": answered(row)}
    with pytest.raises(queries.AttendanceNotFound) as missing:
        queries.get_attendance(con, guid(999))
    assert missing.value.to_wire()["details"]["applicationError"]["code"] == "ATTENDANCE_NOT_FOUND"
    assert missing.value.http_status == 404
    with pytest.raises(queries.QueryError):
        queries.get_attendance(con, "x' or '1'='1")
