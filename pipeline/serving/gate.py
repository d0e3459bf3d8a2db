"""Let in only requests with the token, or, if none is set, requests addressed to this machine."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.serving.errors import NoCall, answer_to


@dataclass(frozen=True, slots=True)
class Gate:
    """Wraps the app. The Authorization header must be `token`, with or without "Bearer" before it."""

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
        # Takes equally long for every wrong token. `==` stops at the first wrong letter, so its time would give the
        # token away letter by letter.
        if hmac.compare_digest(given.encode(), self.token.encode()):
            return None
        hint = "Send it in the Authorization header"
        return NoCall(401, "UNAUTHENTICATED", "the token is missing or wrong", hint, {"WWW-Authenticate": "Bearer"})


def is_loopback(host: str) -> bool:
    """Whether an address or name is one by which only this machine can reach itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _names_this_machine(header: str) -> bool:
    host = header.removeprefix("[").split("]")[0] if header.startswith("[") else header.split(":")[0]
    return is_loopback(host.lower())


def _other_host() -> NoCall:
    # A page on evil.example can make that name lead to 127.0.0.1, and the browser then lets it read our answers (DNS
    # rebinding). Its requests still have `Host: evil.example`.
    hint = "Use its own address, such as 127.0.0.1"
    return NoCall(403, "PERMISSION_DENIED", "without a token only this machine is served", hint)
