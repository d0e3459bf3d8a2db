"""Cursors: write a position in an ordered result as an opaque, URL-safe token, and read it back.

The token holds the filter and the sort as they were asked, the sort values of a row and the direction, the snapshot
they belong to, and a digest over it all, keyed by the secret of the database: a token that was changed or made
elsewhere is refused. Nothing in it is trusted even so: a token is unpacked up to a bound, and its filter, sort and
values are checked like those of any query.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from queries.errors import QueryError

_VERSION = 2
_DIGEST_BYTES = 16
# The most bytes of a position as JSON. Packed and in base 64 it is never longer than this by more than half.
MAX_POSITION_BYTES = 65_536
_MAX_TOKEN = MAX_POSITION_BYTES * 3 // 2


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a cursor: the id of a state of a database, and the key that signs the database's cursors."""

    snapshot: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Position:
    """The start of a page: after (or, backward, before) the row whose sort values are `values`."""

    resource: str
    filter: Any
    sort: Any
    values: tuple[Any, ...]
    backward: bool


def write_cursor(position: Position, origin: Origin) -> str:
    """The token of a position. Raises `QueryError` if it would be too long to be read back."""
    body = [
        _VERSION,
        position.resource,
        position.filter,
        position.sort,
        list(position.values),
        position.backward,
        origin.snapshot,
    ]
    text = json.dumps(body, separators=(",", ":"), default=str).encode()
    if len(text) > MAX_POSITION_BYTES:
        message = f"the filter and the row it stops at take {len(text):,} bytes, too many for a cursor to the next page"
        hint = f"Filter with less than {MAX_POSITION_BYTES:,} bytes, or ask for few enough rows for one page"
        raise QueryError("QUERY_TOO_LARGE", "", message, hint)
    payload = zlib.compress(text)
    return base64.urlsafe_b64encode(_digest(payload, origin.key) + payload).decode().rstrip("=")


def read_cursor(token: Any, resource: str, origin: Origin, path: str) -> Position:
    """The position that a token stands for; its filter, sort and values are not checked yet.

    Raises `QueryError`: INVALID_CURSOR if the token is damaged or of another resource, CURSOR_EXPIRED if the data have
    changed since it was given.
    """
    if not isinstance(token, str):
        raise QueryError("INVALID_TYPE", path, "a cursor is a text", "Take it from the page before")
    match _body(token, origin.key):
        case [int(version), str(name), filter, sort, list(values), bool(backward), str(made_for)] if (
            version == _VERSION and name == resource
        ):
            pass
        case _:
            raise invalid_cursor(path)
    if made_for != origin.snapshot:
        raise QueryError(
            "CURSOR_EXPIRED", path, "the data have changed since this cursor was given", "Start from the first page"
        )
    return Position(resource, filter, sort, tuple(values), backward)


def invalid_cursor(path: str) -> QueryError:
    """The error for a token that is not as it was given out."""
    return QueryError("INVALID_CURSOR", path, "not a cursor that was given out here", "Start from the first page")


def _body(token: str, key: str) -> Any:
    """The content of a token, or None if its digest does not fit or it is not a packed JSON text of bounded size."""
    if len(token) > _MAX_TOKEN or not token.isascii():
        return None
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    digest, payload = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    # The last character of a token has spare bits, so several tokens decode to the same bytes: only ours is accepted.
    canonical = base64.urlsafe_b64encode(data).decode().rstrip("=")
    if canonical != token or not hmac.compare_digest(digest, _digest(payload, key)):
        return None
    unpacking = zlib.decompressobj()
    try:
        # One byte more than allowed shows that there is more, without unpacking it: 100 KB can unpack to 100 MB.
        text = unpacking.decompress(payload, MAX_POSITION_BYTES + 1)
        return json.loads(text) if unpacking.eof and len(text) <= MAX_POSITION_BYTES else None
    except (zlib.error, ValueError, RecursionError):
        return None


def _digest(payload: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), payload, "sha256")[:_DIGEST_BYTES]
