"""Hold clients to the time they may take, and answer in JSON the requests that never reach the app.

uvicorn leaves a connection open for as long as a head or a body is on its way, and answers in plain text any bytes that
are not HTTP. This protocol closes such connections, and answers as the app does.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from pipeline.events import log_event
from pipeline.serving import limits
from pipeline.serving.errors import NoCall, answer_to, too_many_connections
from pipeline.serving.request_ids import HEADER, new_request_id

_CODES = {
    400: ("BAD_REQUEST", "this is not an HTTP request"),
    414: ("URI_TOO_LONG", f"the first line of the request is too long: at most {limits.MAX_HEAD_BYTES:,} bytes"),
    431: ("HEADERS_TOO_LARGE", f"the headers are too large: at most {limits.MAX_HEAD_BYTES:,} bytes"),
    501: ("NOT_IMPLEMENTED", "only the transfer encoding chunked is understood"),
}


class Connection(H11Protocol):
    """One connection. A client that keeps it waiting longer than `limits` allow loses it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # The part of a request that is awaited: the cycle before it, and the state of the client.
        self._awaited: tuple[object, object] | None = None
        self._part_timer: asyncio.TimerHandle | None = None
        self._end_timer: asyncio.TimerHandle | None = None
        self._is_over = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, or refuse the connection if there are too many."""
        super().connection_made(transport)
        # asyncio does this itself only for sockets made with a protocol number. Without it an answer can be held back
        # until the client has confirmed the packet before it, some 40 ms later.
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > 2 * limits.MAX_CONNECTIONS:
            transport.abort()
        elif len(self.connections) > limits.MAX_CONNECTIONS:
            self._refuse(too_many_connections())
        else:
            self._await_part()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._is_over = True
        for timer in (self._part_timer, self._end_timer):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection is being closed."""
        if not self._is_over:
            super().data_received(data)

    def handle_events(self) -> None:
        """Handle the bytes read so far, then wait for the part that comes next."""
        super().handle_events()
        self._await_part()

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are not HTTP. The base class calls this from within the handling of h11's error."""
        error = sys.exception()
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        if status == 431 and b"\n" not in self.conn.trailing_data[0]:
            status = 414
        code, words = _CODES.get(status, _CODES[400])
        self._refuse(NoCall(status if status in _CODES else 400, code, words))

    def pause_writing(self) -> None:
        """Wait for the client to read its answer, but not for ever."""
        super().pause_writing()
        self._end_within(limits.ANSWER_SECONDS)

    def resume_writing(self) -> None:
        """The client has read its answer."""
        if self._end_timer and not self._is_over:
            self._end_timer.cancel()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection. One whose client has not read the last answer would stay open after that."""
        super().timeout_keep_alive_handler()
        self._is_over = True
        self._end_within(limits.LINGER_SECONDS)

    def shutdown(self) -> None:
        """Let a request in progress end. A closing connection is cut: h11 takes no farewell after an error."""
        if self._is_over:
            self.transport.abort()
        else:
            super().shutdown()

    def _await_part(self) -> None:
        """Start the timer of the part of a request that comes next, once for each part."""
        if self._is_over or self._awaited == (part := (self.cycle, self.conn.their_state)):
            return
        self._awaited = part
        if self._part_timer:
            self._part_timer.cancel()
        seconds = {h11.IDLE: limits.HEAD_SECONDS, h11.SEND_BODY: limits.BODY_SECONDS}.get(self.conn.their_state)
        self._part_timer = self.loop.call_later(seconds, self._too_late, seconds) if seconds else None

    def _too_late(self, seconds: float) -> None:
        if self.conn.their_state is h11.SEND_BODY:
            self._refuse(NoCall(408, "REQUEST_TIMEOUT", f"no whole body within {seconds:g} seconds"))
        elif self.conn.trailing_data[0]:
            self._refuse(NoCall(408, "REQUEST_TIMEOUT", f"no whole head within {seconds:g} seconds"))
        else:
            self.timeout_keep_alive_handler()

    def _refuse(self, refusal: NoCall) -> None:
        """Answer, unless an answer is under way, and close."""
        if self.cycle and not self.cycle.response_complete:
            # The app learns that the client is gone, and any answer it still gives goes nowhere.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        answer, number = answer_to(refusal), new_request_id()
        headers = [*answer.raw_headers, (HEADER.encode(), number.encode()), (b"connection", b"close")]
        phrase = STATUS_PHRASES[answer.status_code]
        # h11 refuses a second answer to a request, and a body in answer to HEAD.
        with contextlib.suppress(h11.LocalProtocolError):
            head = h11.Response(status_code=answer.status_code, headers=headers, reason=phrase)
            for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
            log_event("serve.refused", request=number, status=refusal.http_status, code=refusal.code)
        self._is_over = True
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        with contextlib.suppress(OSError):
            self.transport.write_eof()
        self._end_within(limits.LINGER_SECONDS)

    def _end_within(self, seconds: float) -> None:
        if self._end_timer:
            self._end_timer.cancel()
        self._end_timer = self.loop.call_later(seconds, self.transport.abort)
