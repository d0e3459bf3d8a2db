"""Read one page of a resource, with the cursors to the pages after and before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from queries.database import database_id, snapshot_id
from queries.errors import QueryError
from queries.language.cursor import Position, write_cursor
from queries.language.limits import MAX_SECONDS
from queries.language.requests import Query, Request, read_query
from queries.language.resources import Resource
from queries.language.sorting import SortKey
from queries.statements import page_sql

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by column, and the cursors of the page after and the page before, each None if there is no such page."""

    rows: list[Row]
    next: str | None
    prev: str | None


def query_page(
    con: duckdb.DuckDBPyConnection, resource: Resource, request: Request, lasting: bool = False
) -> tuple[list[Row], dict[str, Any]]:
    """The rows of the page that a request asks for, and its pagingMetadata: {"count", "cursors", "hasNext"}.

    A cursor expires when the data change, unless `lasting`: then it goes on after the row it stands at, as the API's
    own do.
    """
    snapshot = database_id(con) if lasting else snapshot_id(con)
    page = read_page(con, resource, read_query(resource, request, snapshot), snapshot)
    cursors = {name: token for name, token in (("next", page.next), ("prev", page.prev)) if token}
    return page.rows, {"count": len(page.rows), "cursors": cursors, "hasNext": page.next is not None}


def read_page(con: duckdb.DuckDBPyConnection, resource: Resource, query: Query, snapshot: str) -> Page:
    """One page, found by the keys of the row it starts after: the cost is the same at any depth."""
    backward = query.position is not None and query.position.backward
    sort = tuple(key.reversed for key in query.sort) if backward else query.sort
    after = query.position.values if query.position else None
    # One row more than asked for shows whether another page follows.
    text, parameters = page_sql(resource.relation, resource.columns, query.filter, sort, after, query.limit + 1)
    rows = fetch_rows(con, text, parameters)
    more, rows = len(rows) > query.limit, rows[: query.limit]
    if backward:
        rows.reverse()
    return _with_cursors(rows, resource, query, snapshot, more, backward)


def fetch_rows(con: duckdb.DuckDBPyConnection, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a statement by column, within the time that a query may take."""
    with time_limit(con):
        return rows_of(con.execute(text, dict(parameters)))


def rows_of(result: duckdb.DuckDBPyConnection) -> list[Row]:
    """The rows of a result by column."""
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@contextmanager
def time_limit(con: duckdb.DuckDBPyConnection, seconds: float = MAX_SECONDS) -> Iterator[None]:
    """Interrupt a statement on the connection after so many seconds. Raises `QueryError` QUERY_TIMEOUT."""
    timer = threading.Timer(seconds, con.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException:
        raise QueryError("QUERY_TIMEOUT", "", f"it took more than {seconds:g} seconds", "Ask for less") from None
    finally:
        timer.cancel()


def _with_cursors(rows: list[Row], resource: Resource, query: Query, snapshot: str, more: bool, backward: bool) -> Page:
    if not rows:
        return Page(rows, None, None)
    position = Position(resource.name, query.asked_filter, query.asked_sort, (), False, snapshot)
    after = write_cursor(replace(position, values=_values(rows[-1], query.sort)))
    before = write_cursor(replace(position, values=_values(rows[0], query.sort), backward=True))
    has_next = backward or more
    has_prev = more if backward else query.position is not None
    return Page(rows, after if has_next else None, before if has_prev else None)


def _values(row: Row, sort: Sequence[SortKey]) -> tuple[Any, ...]:
    return tuple(row[key.field.column] for key in sort)
