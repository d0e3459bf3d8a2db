"""Every request goes in; those come out that may: with the token, or from this machine where none is set."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.serving.errors import NoCall, answer_to


@dataclass(frozen=True, slots=True)
class Gate:
    """Before the app: `token` is what the Authorization header must hold, as it is or after "Bearer"."""

    app: ASGIApp
    token: str | None = field(repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 401 or 403."""
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        await (answer_to(refusal) if refusal else self.app)(scope, receive, send)

    def _refusal(self, headers: Headers) -> NoCall | None:
        if self.token is None:
            return None if _names_this_machine(headers.get("host", "")) else _other_host()
        given = headers.get("authorization", "").removeprefix("Bearer ").strip()
        # As long for a wrong token as for the right one.
        if hmac.compare_digest(given.encode(), self.token.encode()):
            return None
        hint = "Send it in the Authorization header"
        return NoCall(401, "UNAUTHENTICATED", "the token is missing or wrong", hint, {"WWW-Authenticate": "Bearer"})


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own, as no other can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _names_this_machine(header: str) -> bool:
    host = header.removeprefix("[").split("]")[0] if header.startswith("[") else header.split(":")[0]
    return is_loopback(host.lower())


def _other_host() -> NoCall:
    """A page in somebody's browser that has another name lead to this machine asks under that name."""
    return NoCall(403, "PERMISSION_DENIED", "without a token only this machine is served", "Ask by its own address")
