"""Serve records on this machine as the API does, with faults on demand.

Shared by the tests of `noshow pull` and the stress tests.
"""

from __future__ import annotations

import base64
import bisect
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from queries.model import api_paths

KEY, SITE = "IST.secret-key-of-the-api", "5eab11de-0000-4000-8000-00000000517e"
Record = dict[str, Any]
KEYS = {
    api_paths.QUERY_SERVICES: "services",
    api_paths.QUERY_EVENTS: "events",
    api_paths.QUERY_EXTENDED_BOOKINGS: "extendedBookings",
    api_paths.QUERY_ATTENDANCE: "attendances",
}


@dataclass
class Fault:
    """A fault of one answer: a status, or how the body is spoilt."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    spoilt: str = ""
    seconds: float = 0


@dataclass
class Api:
    """The site: records by id for each list, the faults, and the requests and records served so far."""

    lists: dict[str, dict[str, Record]]
    fault: Callable[[int, str], Fault | None] = lambda number, key: None
    before: Callable[[int, str], None] = lambda number, key: None
    address: str = ""
    asked: list[tuple[str, Record]] = field(default_factory=list)
    served: Counter[tuple[str, str]] = field(default_factory=Counter)
    answered: dict[str, bytes] = field(default_factory=dict)
    sorted: dict[str, list[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: str, record: Record) -> None:
        self.lists[key][id_of(record)] = record

    def env(self) -> dict[str, str]:
        return {f"NOSHOW_{name.upper()}": value for name, value in self.settings().items()}

    def settings(self) -> dict[str, str]:
        return {"api_address": self.address, "api_key": KEY, "site_id": SITE}

    def answer(self, key: str, body: Record) -> bytes:
        """A page of at most a hundred records by id, with a cursor that holds the filter and the position."""
        query = body.get("query", {})
        paging = query.get("cursorPaging", {})
        cursor = paging.get("cursor")
        assert not (cursor and (query.get("filter") or query.get("sort"))), "filter beside a cursor"
        place = json.loads(base64.urlsafe_b64decode(cursor)) if cursor else {"filter": query.get("filter"), "id": ""}
        ids = self._matching(key, place["filter"] or {})
        start = bisect.bisect_right(ids, place["id"])
        page = ids[start : start + min(paging.get("limit", 50), 100)]
        more = start + len(page) < len(ids)
        self.served.update((key, one) for one in page)
        cursors = {}
        if more:
            cursors["next"] = base64.urlsafe_b64encode(json.dumps({**place, "id": page[-1]}).encode()).decode()
        paging = {"count": len(page), "cursors": cursors, "hasNext": more}
        return json.dumps({key: [self.lists[key][one] for one in page], "pagingMetadata": paging}).encode()

    def _matching(self, key: str, wanted: Record) -> list[str]:
        if set(wanted) == {"id"}:
            return sorted(one for one in wanted["id"]["$in"] if one in self.lists[key])
        if wanted:
            return sorted(one for one, record in self.lists[key].items() if _matches(record, wanted))
        if len(self.sorted.get(key, ())) != len(self.lists[key]):
            self.sorted[key] = sorted(self.lists[key])
        return self.sorted[key]


_CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "$in": lambda value, given: value in given,
    "$gte": lambda value, given: (value or "") >= given,
}


def _matches(record: Record, wanted: Record) -> bool:
    held = record.get("booking", record)
    return all(
        _CHECKS[operator](held.get(name), given) for name, asked in wanted.items() for operator, given in asked.items()
    )


def id_of(record: Record) -> str:
    return str(record.get("booking", record)["id"])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore the error: a client that was killed has broken off."""


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """Serve on a free port of this machine while the block runs."""
    server = _Server(("127.0.0.1", 0), _handler(api))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    api.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            return

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = KEYS[self.path]
            with api.lock:
                number = len(api.asked)
                api.asked.append((key, body))
                api.before(number, key)
                fault = self._denied() or api.fault(number, key) or Fault()
                data = _body(api, key, body, fault)
            time.sleep(fault.seconds)
            self._send(data, fault)

        def _denied(self) -> Fault | None:
            if self.headers["Authorization"] != KEY:
                return Fault(401)
            return Fault(404) if self.headers["wix-site-id"] != SITE else None

        def _send(self, data: bytes, fault: Fault) -> None:
            self.close_connection = self.close_connection or fault.spoilt in ("reset", "truncated")
            if fault.spoilt == "reset":
                return
            try:
                self.send_response(fault.status)
                for name, value in fault.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data) * (2 if fault.spoilt == "truncated" else 1)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                self.close_connection = True

    return Handler


_SPOILT = {
    "no json": b"<html>try later</html>",
    "another shape": b'{"result": [], "pagingMetadata": {}}',
    "truncated": b'{"half": ' * 100,
    "reset": b"",
}


def _body(api: Api, key: str, body: Record, fault: Fault) -> bytes:
    if fault.status != 200:
        error = {"message": f"no: {KEY}", "details": {"applicationError": {"code": "NO_ENTRY"}}}
        return json.dumps(error).encode()
    if fault.spoilt == "repeated" and key in api.error:
        return api.answered[key]
    if fault.spoilt in _SPOILT:
        return _SPOILT[fault.spoilt]
    api.answered[key] = api.answer(key, body)
    return api.answered[key]
