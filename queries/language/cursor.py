"""Cursors: write a position in an ordered result as an opaque, URL-safe token, and read it back.

The token holds the filter and the sort as they were asked, the sort values of a row and the direction, the snapshot
they belong to, and a keyed digest over it all. The digest reveals damage and tampering; it protects no secret, since
the filter and sort of a token are checked again like those of any query.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import zlib
from dataclasses import dataclass
from typing import Any

from queries.errors import QueryError
from queries.language.limits import MAX_TEXT_BYTES

_VERSION = 1
_KEY = b"noshow cursor"
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Position:
    """The start of a page: after (or, backward, before) the row whose sort values are `values`."""

    resource: str
    filter: Any
    sort: Any
    values: tuple[Any, ...]
    backward: bool
    snapshot: str


def write_cursor(position: Position) -> str:
    """The token of a position."""
    body = [
        _VERSION,
        position.resource,
        position.filter,
        position.sort,
        list(position.values),
        position.backward,
        position.snapshot,
    ]
    payload = zlib.compress(json.dumps(body, separators=(",", ":"), default=str).encode())
    return base64.urlsafe_b64encode(_digest(payload) + payload).decode().rstrip("=")


def read_cursor(token: Any, resource: str, snapshot: str, path: str) -> Position:
    """The position that a token stands for.

    Raises `QueryError`: INVALID_CURSOR if the token is damaged or of another resource, CURSOR_EXPIRED if the data have
    changed since it was given.
    """
    if not isinstance(token, str):
        raise QueryError("INVALID_TYPE", path, "a cursor is a text", "Take it from the page before")
    invalid = QueryError("INVALID_CURSOR", path, "not a cursor that was given out here", "Start from the first page")
    body = _body(token)
    if body is None or len(body) != 7 or body[0] != _VERSION or body[1] != resource:
        raise invalid
    _, _, filter, sort, values, backward, made_for = body
    if made_for != snapshot:
        raise QueryError(
            "CURSOR_EXPIRED", path, "the data have changed since this cursor was given", "Start from the first page"
        )
    return Position(resource, filter, sort, tuple(values), backward, snapshot)


def _body(token: str) -> list[Any] | None:
    """The content of a token, or None if its digest does not fit."""
    if len(token) > 2 * MAX_TEXT_BYTES or not token.isascii():
        return None
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    digest, payload = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    # The last character of a token has spare bits, so several tokens decode to the same bytes: only ours is accepted.
    canonical = base64.urlsafe_b64encode(data).decode().rstrip("=")
    if canonical != token or not hmac.compare_digest(digest, _digest(payload)):
        return None
    body = json.loads(zlib.decompress(payload))
    return body if isinstance(body, list) else None


def _digest(payload: bytes) -> bytes:
    return hmac.digest(_KEY, payload, "sha256")[:_DIGEST_BYTES]
