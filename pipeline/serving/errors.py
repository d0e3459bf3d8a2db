"""Turn errors into the API's answers: status, headers and body.

An error that the caller can correct is answered in full. Any other (the machine, the files, a bug) is reported to the
operator, and the caller learns only that it happened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

from queries.errors import NoshowError, RecordNotFound, StoreBusy, UsageError

BUSY_SECONDS = 1
_STATUS_OF_CODE = {"QUERY_TIMEOUT": 504}


class Answer(JSONResponse):
    """An answer in ASCII: errors repeat parts of their requests, and lone surrogates have no UTF-8."""

    def render(self, content: Any) -> bytes:
        """The text of the answer."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


class NoCall(UsageError):
    """A request that is not a call of the API: unknown path or method, no token, or an unusable body."""

    def __init__(
        self, status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code, message, hint)
        self.http_status = status
        self.headers = dict(headers or {})


def overloaded() -> NoCall:
    """The error for a request that comes while too many others are under way."""
    return NoCall(429, "TOO_MANY_REQUESTS", "too many requests at once", "Ask again in a moment", _RETRY)


def not_served(method: str) -> NoCall:
    """The error for a method of the SDK that noshow has no data for, or does not change."""
    return NoCall(
        501, "NOT_IMPLEMENTED", f"noshow does not serve {method}", "See pipeline/serve.md for the methods it serves"
    )


def too_many_connections() -> NoCall:
    """The error for a connection that comes while too many others are open."""
    return NoCall(503, "TOO_MANY_CONNECTIONS", "too many connections at once", "Ask again in a moment", _RETRY)


def ending() -> NoCall:
    """The error for a request that is not answered when the server has to end."""
    return NoCall(503, "ENDING", "the server is ending", "Ask again once it is back", _RETRY)


def is_callers(error: NoshowError) -> bool:
    """Whether the caller can do something about an error: correct the request, or ask again."""
    return isinstance(error, UsageError | RecordNotFound | StoreBusy)


def answer_to(error: NoshowError) -> Answer:
    """The answer to a `NoshowError`."""
    if isinstance(error, StoreBusy):
        error = NoCall(503, "BUSY", "the database is being written by another program", "Ask again", _RETRY)
    if not is_callers(error):
        return answer_to_bug()
    status = _STATUS_OF_CODE.get(error.code, error.http_status)
    headers = error.headers if isinstance(error, NoCall) else None
    return Answer(error.to_wire(), status, headers)


def answer_to_bug() -> Answer:
    """The answer to an error on this side, without its details."""
    failure = NoCall(500, "INTERNAL", "something went wrong here; the operator of this server has been informed")
    # uvicorn closes the connection after a bug, so the client must not send the next request on it.
    return Answer(failure.to_wire(), failure.http_status, {"Connection": "close"})


_RETRY = {"Retry-After": str(BUSY_SECONDS)}
