"""An error goes in; the status, headers and body that the API has for it come out.

What is the caller's to mend is told in full. What is not (the machine, the files, a bug) is told to the operator, and
to the caller only that it happened.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

from queries.errors import AttendanceNotFound, NoshowError, StoreBusy, UsageError

BUSY_SECONDS = 1
_STATUS_OF_CODE = {"QUERY_TIMEOUT": 504}


class NoCall(UsageError):
    """A request that is no call of the API: another path or method, no token, a body that is none."""

    def __init__(
        self, status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code, message, hint)
        self.http_status = status
        self.headers = dict(headers or {})


def overloaded() -> NoCall:
    """The error for a request that has too many others before it."""
    return NoCall(429, "TOO_MANY_REQUESTS", "too many requests at once", "Ask again in a moment", _RETRY)


def is_callers(error: NoshowError) -> bool:
    """Whether the caller can do something about it: correct the request, or ask again."""
    return isinstance(error, UsageError | AttendanceNotFound | StoreBusy)


def answer_to(error: NoshowError) -> JSONResponse:
    """The answer for an error that was foreseen."""
    if isinstance(error, StoreBusy):
        error = NoCall(503, "BUSY", "the database is being written by another program", "Ask again", _RETRY)
    if not is_callers(error):
        return answer_to_bug()
    status = _STATUS_OF_CODE.get(error.code, error.http_status)
    headers = error.headers if isinstance(error, NoCall) else None
    return JSONResponse(error.to_wire(), status, headers)


def answer_to_bug() -> JSONResponse:
    """The answer for what went wrong on this side."""
    failure = NoCall(500, "INTERNAL", "something went wrong here; whoever runs this server has been told")
    # The server drops the connection after a bug; this says so.
    return JSONResponse(failure.to_wire(), failure.http_status, {"Connection": "close"})


_RETRY = {"Retry-After": str(BUSY_SECONDS)}
