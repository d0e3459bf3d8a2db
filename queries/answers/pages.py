"""Read one page of a resource, with the cursors to the pages after and before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from queries.answers.parsed import parsed
from queries.answers.watch import time_limit
from queries.database import database_id, rows_by_column, snapshot_id
from queries.language.cursor import Origin, Position, write_cursor
from queries.language.filters import read_filter
from queries.language.limits import MAX_LIMIT
from queries.language.requests import Query, Request, read_query
from queries.language.resources import Resource
from queries.language.sorting import SortKey, read_sort
from queries.secret import cursor_key
from queries.statements import page_sql

if TYPE_CHECKING:
    from queries.wire import Cursors, PagingMetadata

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by column, and the cursors of the page after and the page before, each None if there is no such page."""

    rows: list[Row]
    next: str | None
    prev: str | None


def query_page(
    con: duckdb.DuckDBPyConnection, resource: Resource, request: Request, origin: Origin | None = None
) -> tuple[list[Row], PagingMetadata]:
    """The rows of the page that a request asks for, and its pagingMetadata: {"count", "cursors", "hasNext"}.

    A cursor expires when the data change, unless it has another `origin`, see `origin_of`.
    """
    origin = origin or origin_of(con)
    page = read_page(con, resource, read_query(resource, request, origin), origin)
    cursors: Cursors = {}
    if page.next:
        cursors["next"] = page.next
    if page.prev:
        cursors["prev"] = page.prev
    return page.rows, {"count": len(page.rows), "cursors": cursors, "hasNext": page.next is not None}


def origin_of(con: duckdb.DuckDBPyConnection, lasting: bool = False) -> Origin:
    """The origin of the cursors of a connection: the database if they are `lasting`, else the state of its data.

    A lasting cursor goes on after the row it stands at when the data have changed, as the API's own do.
    """
    return Origin(database_id(con) if lasting else snapshot_id(con), cursor_key(con))


def read_page(con: duckdb.DuckDBPyConnection, resource: Resource, query: Query, origin: Origin) -> Page:
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
    return _with_cursors(rows, resource, query, origin, more, backward)


def iter_rows(con: duckdb.DuckDBPyConnection, resource: Resource, filter: Any, sort: Any) -> Iterator[Row]:
    """Every row that a filter keeps, in order, fetched page by page. Raises `QueryError`."""
    node, keys = read_filter(resource, filter, "/filter"), read_sort(resource, sort, "/sort")
    after: tuple[Any, ...] | None = None
    while True:
        rows = fetch_rows(con, *page_sql(resource.relation, resource.columns, node, keys, after, MAX_LIMIT))
        yield from rows
        if len(rows) < MAX_LIMIT:
            return
        after = _values(rows[-1], keys)


def fetch_rows(con: duckdb.DuckDBPyConnection, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a statement by column, within the time that a query may take."""
    with time_limit(con):
        return look_up(con, text, parameters)


def look_up(con: duckdb.DuckDBPyConnection, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a statement that no request can make slow, by column, without a limit of time."""
    return rows_by_column(con.execute(parsed(con, text), dict(parameters)))


def _with_cursors(
    rows: list[Row], resource: Resource, query: Query, origin: Origin, more: bool, backward: bool
) -> Page:
    if not rows:
        return Page(rows, None, None)

    def at(row: Row, backward: bool) -> str:
        values = _values(row, query.sort)
        return write_cursor(Position(resource.name, query.asked_filter, query.asked_sort, values, backward), origin)

    has_next = backward or more
    has_prev = more if backward else query.position is not None
    return Page(rows, at(rows[-1], False) if has_next else None, at(rows[0], True) if has_prev else None)


def _values(row: Row, sort: Sequence[SortKey]) -> tuple[Any, ...]:
    return tuple(row[key.field.column] for key in sort)
