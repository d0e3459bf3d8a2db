"""Give every answer the id of its request, and log both together.

The site does so in the header `X-Wix-Request-Id`, which its SDK puts into the errors that it raises.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.events import log_event
from pipeline.serving.errors import answer_to, ending

HEADER = "x-wix-request-id"
# The headers in which a client, or a proxy before it, names a request.
_GIVEN = (HEADER, "x-request-id")
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass(frozen=True, slots=True)
class Numbered:
    """Wraps the app. The id is the client's own if it is sane, else a new one."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, add the id to its answer, and log the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, number, status = time.monotonic(), _request_id(Headers(scope=scope)), 0

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        try:
            await self.app(scope, receive, send_numbered)
        except asyncio.CancelledError:
            # The server is ending, and this request took longer than it had. uvicorn would answer in plain text.
            if not status:
                await answer_to(ending())(scope, receive, send_numbered)
        finally:
            log_event(
                "serve.answered",
                request=number,
                method=scope["method"],
                path=scope.get("state", {}).get("call", ""),
                status=status,
                seconds=round(time.monotonic() - began, 3),
            )


def new_request_id() -> str:
    """An id that no other request has."""
    return str(uuid.uuid4())


def _request_id(headers: Headers) -> str:
    given = next((value for name in _GIVEN if (value := headers.get(name))), "")
    return given if _SANE.fullmatch(given) else new_request_id()
