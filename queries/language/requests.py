"""Read and check query requests, as objects or JSON text: filter, sort and page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from queries.errors import QueryError
from queries.language.cursor import Origin, Position, invalid_cursor, read_cursor
from queries.language.filters import Node, read_filter
from queries.language.limits import DEFAULT_LIMIT, MAX_LIST_VALUES, MAX_TEXT_BYTES, MIN_LIMIT
from queries.language.resources import Resource
from queries.language.sorting import SortKey, read_sort
from queries.language.values import read_stored

Request = Mapping[str, Any] | str | bytes | None
_QUERY_KEYS = ("filter", "sort", "cursorPaging", "paging", "fields")
_STRICT_KEYS = ("filter", "sort", "cursorPaging")
_PAGING_KEYS = ("limit", "cursor")


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query. `position` is None on the first page; `asked_filter` and `asked_sort` are unchanged."""

    filter: Node
    sort: tuple[SortKey, ...]
    limit: int
    position: Position | None
    asked_filter: Any
    asked_sort: Any


def read_body(request: Request) -> Mapping[str, Any]:
    """The object in a request: as it is, or parsed from JSON text of bounded size. Raises `QueryError`."""
    if request is None:
        return {}
    if isinstance(request, str | bytes):
        size = len(request.encode("utf-8", "surrogatepass") if isinstance(request, str) else request)
        if size > MAX_TEXT_BYTES:
            raise QueryError("QUERY_TOO_LARGE", "", f"{size:,} bytes of query", f"At most {MAX_TEXT_BYTES:,}")
        try:
            request = json.loads(request, object_pairs_hook=_once, parse_constant=_no_number)
        except RecursionError:
            raise QueryError("QUERY_TOO_DEEP", "", "nested too deeply", "Write it flatter") from None
        except ValueError as error:
            place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "start"
            raise QueryError("INVALID_JSON", "", f"not JSON at {place}", 'For example {"query": {}}') from None
    if not isinstance(request, Mapping):
        raise QueryError("INVALID_TYPE", "", "a request is an object", 'For example {"query": {}}')
    return request


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. With a key twice, readers differ in the value they take, and none of them reports it."""
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise QueryError("INVALID_JSON", "", f"the key {twice[:60]!a} twice in one object", "Give it once")
    return value


def _no_number(word: str) -> float:
    raise QueryError("INVALID_JSON", "", f"{word} is not a number in JSON", "Leave it out")


def read_query(resource: Resource, request: Request, origin: Origin) -> Query:
    """Check a query request: the wire body `{"query": {...}}`, or the bare query. Raises `QueryError`.

    Cursors of another `origin` are refused.
    """
    body = read_body(request)
    keys = _STRICT_KEYS if resource.is_strict else _QUERY_KEYS
    bare = not resource.is_strict and bool(body) and "query" not in body and any(key in body for key in keys)
    if not bare:
        only(body, ("query",), "")
    query, path = (body, "") if bare else (body.get("query"), "/query")
    if query is None:
        query = {}
    if not isinstance(query, Mapping):
        raise QueryError("INVALID_TYPE", path, "a query is an object", 'For example {"filter": {}}')
    only(query, keys, path)
    _fields(query.get("fields"), f"{path}/fields")
    limit, token, paging = _paging(query, path, resource.max_limit)
    if token is None:
        return _first_page(resource, query, limit, path)
    if query.get("filter") or query.get("sort"):
        raise QueryError(
            "CURSOR_CONFLICT", paging, "Sort or filter can not be specified together with cursor", "Leave them out"
        )
    return _next_page(
        resource, read_cursor(token, resource.name, origin, f"{paging}/cursor"), limit, f"{paging}/cursor"
    )


def _next_page(resource: Resource, position: Position, limit: int, path: str) -> Query:
    """Check filter, sort and values of a cursor: one value of its field's type for each key of the sort."""
    try:
        node, sort = read_filter(resource, position.filter, ""), read_sort(resource, position.sort, "")
        values = tuple(read_stored(key.field, value) for key, value in zip(sort, position.values, strict=True))
    except (QueryError, ValueError):
        raise invalid_cursor(path) from None
    return Query(node, sort, limit, replace(position, values=values), position.filter, position.sort)


def _first_page(resource: Resource, query: Mapping[str, Any], limit: int, path: str) -> Query:
    filter, sort = query.get("filter"), query.get("sort")
    return Query(
        read_filter(resource, filter, f"{path}/filter"),
        read_sort(resource, sort, f"{path}/sort"),
        limit,
        None,
        filter,
        sort,
    )


def _paging(query: Mapping[str, Any], path: str, most: int) -> tuple[int, Any, str]:
    """Limit, cursor and their path in the request. The newer builder writes `paging`, the API `cursorPaging`."""
    given = [key for key in ("cursorPaging", "paging") if query.get(key) is not None]
    if len(given) > 1:
        raise QueryError("CONFLICT", f"{path}/paging", "both cursorPaging and paging", "Give one of them")
    if not given:
        return DEFAULT_LIMIT, None, f"{path}/cursorPaging"
    place, paging = f"{path}/{given[0]}", query[given[0]]
    if not isinstance(paging, Mapping):
        raise QueryError("INVALID_TYPE", place, "an object is expected", 'Like {"limit": 50}')
    only(paging, _PAGING_KEYS, place)
    return _limit(paging.get("limit"), f"{place}/limit", most), paging.get("cursor"), place


def _limit(limit: Any, path: str, most: int) -> int:
    """The size of a page, by default `DEFAULT_LIMIT`."""
    if limit is None:
        return DEFAULT_LIMIT
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise QueryError("INVALID_TYPE", path, "a whole number is expected", f"{MIN_LIMIT} to {most}")
    if not MIN_LIMIT <= limit <= most:
        raise QueryError("OUT_OF_RANGE", path, "no page has that size", f"{MIN_LIMIT} to {most}")
    return limit


def _fields(fields: Any, path: str) -> None:
    """Check a projection, which has no effect: every field is returned all the same."""
    if isinstance(fields, list) and len(fields) > MAX_LIST_VALUES:
        raise QueryError("TOO_MANY_VALUES", path, f"{len(fields):,} names", f"At most {MAX_LIST_VALUES:,}")
    if fields is not None and not (isinstance(fields, list) and all(isinstance(name, str) for name in fields)):
        raise QueryError("INVALID_TYPE", path, "a list of names is expected")


def only(value: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
    """Raise `QueryError` UNKNOWN_KEY for a key that is not known."""
    for name in value:
        if name not in known:
            raise QueryError("UNKNOWN_KEY", f"{path}/{name}", "no such key here", f"Keys: {', '.join(known)}")
