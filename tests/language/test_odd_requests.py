"""Requests of any JSON and any bytes: each is answered, or refused as a `QueryError` that is one short line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.odd_json import odd_texts, odd_values

import pipeline
import queries
from queries.language.operators import OPERATORS
from queries.language.resources import ATTENDANCE, JOINS
from queries.listings import query_events, query_extended_bookings, query_services
from queries.listings.attendance import query_attendance

NAMES = (
    *("query", "filter", "sort", "cursorPaging", "paging", "fields", "limit", "offset", "cursor", "fieldName", "order"),
    *(field.wire for field in ATTENDANCE.fields),
    *("_id", "attributes.x", "type", "fromLocalDate", "toLocalDate", "withBookingAttendanceInfo"),
    *OPERATORS,
    *JOINS,
)
TEXTS = ("ATTENDED", "ASC", "DESC", "id", "status", "2026-03-01", "5f0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b7e")
VALUES = odd_values(NAMES, TEXTS)
# Odd values stand where something is expected, more often than anywhere else.
QUERIES = st.fixed_dictionaries({}, optional=dict.fromkeys(("filter", "sort", "cursorPaging", "fields"), VALUES))
CONDITIONS = st.dictionaries(st.sampled_from([*OPERATORS]), VALUES, max_size=2)
FILTERS = st.dictionaries(st.sampled_from([field.wire for field in ATTENDANCE.fields]), CONDITIONS)
REQUESTS = VALUES | QUERIES | st.fixed_dictionaries({"query": QUERIES | FILTERS.map(lambda one: {"filter": one})})
LISTS = (query_attendance, query_extended_bookings, query_services, query_events)


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path: Path = tmp_path_factory.mktemp("odd") / "a.duckdb"
    with pipeline.open_store(path):
        pass
    connection = queries.connect(path)
    yield connection
    connection.close()


def outcome(con: Any, request: Any, asked: Any, strict: bool) -> str:
    """The line of a refusal with its body, or the keys of an answer."""
    options = {"strict": strict} if asked is query_attendance else {}
    try:
        return json.dumps(sorted(asked(con, request, **options)))
    except queries.QueryError as error:
        return f"{error} {json.dumps(error.to_wire())}"


@pytest.mark.parametrize("examples", [40, pytest.param(2_000, marks=pytest.mark.long)])
def test_any_request_is_answered_or_refused_in_a_line(con: Any, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(request=REQUESTS | odd_texts(REQUESTS), asked=st.sampled_from(LISTS), strict=st.booleans())
    def law(request: Any, asked: Any, strict: bool) -> None:
        told = outcome(con, request, asked, strict)
        assert "\n" not in told
        assert len(told) < 20_000

    law()
