"""Read the JSON object in the body of a request, within limits of size and depth; `connections` limits its time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request

from pipeline.serving.errors import NoCall
from queries.language.limits import MAX_TEXT_BYTES
from queries.language.requests import read_body

_JSON = "application/json"


async def read_object(request: Request) -> Mapping[str, Any]:
    """Read the object; empty if there is no body. Raises `NoCall`, or `QueryError` if it is not a JSON object."""
    if request.method != "POST":
        return {}
    raw = await _read(request)
    if not raw:
        return {}
    # A page open in a browser may send text/plain to this machine unasked, but before application/json the browser asks
    # the server for permission (CORS), which noshow never gives.
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _JSON:
        raise NoCall(415, "UNSUPPORTED_MEDIA_TYPE", f"a body is {_JSON}", f"Send Content-Type: {_JSON}")
    return read_body(raw)


async def _read(request: Request) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MAX_TEXT_BYTES:
        raise _too_large()
    raw = bytearray()
    try:
        async for piece in request.stream():
            raw += piece
            if len(raw) > MAX_TEXT_BYTES:
                raise _too_large()
    except ClientDisconnect:
        raise NoCall(400, "INCOMPLETE_BODY", "the connection broke off within the body") from None
    return bytes(raw)


def _too_large() -> NoCall:
    return NoCall(413, "PAYLOAD_TOO_LARGE", f"the body is too large: at most {MAX_TEXT_BYTES:,} bytes")
