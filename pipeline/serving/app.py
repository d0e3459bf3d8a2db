"""Build the ASGI app that answers the API's calls from a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from pipeline.machine import machine_errors
from pipeline.serving.bodies import read_object
from pipeline.serving.calls import CALLS, Arguments, Call
from pipeline.serving.declared import declared
from pipeline.serving.errors import Answer, NoCall, answer_to, answer_to_bug, is_callers, not_served, overloaded
from pipeline.serving.gate import Gate
from pipeline.serving.limits import MAX_UNDER_WAY, READERS
from pipeline.serving.request_ids import Numbered
from pipeline.serving.snapshots import Snapshots
from pipeline.serving.writer import Writer
from pipeline.settings import Settings
from queries.errors import NoshowError
from queries.wire import Wire


def attendance_api(
    path: Path, settings: Settings, token: str | None, report: Callable[[str], None], strict: bool = False
) -> ASGIApp:
    """Build the app; `report` is called with each line for the operator.

    With `strict` attendance is asked for and answered only as the API declares it, and set as the site does.
    """
    service = _Service(path, settings, report, strict)
    app = Starlette(
        routes=_routes(service),
        lifespan=service.lifespan,
        # Within the handling of bugs, so that a bug in it is answered as any other.
        middleware=[Middleware(Gate, token=token)],
        exception_handlers={HTTPException: _no_route, Exception: _bug},
    )
    # Else a path with a slash too many is answered by a redirection to the address that the client claims.
    app.router.redirect_slashes = False
    return Numbered(app)


class _Service:
    """The state that requests share: readers, the writer, and the number of requests under way."""

    def __init__(self, path: Path, settings: Settings, report: Callable[[str], None], strict: bool) -> None:
        self._path = path
        self._strict = strict
        self._snapshots = Snapshots(path)
        self._writer = Writer(path, settings, report, self._snapshots.close_old)
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._report = report
        self._under_way = 0

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._writer.start()
        try:
            yield
        finally:
            self._writer.stop()
            self._readers.shutdown()
            self._snapshots.close()

    async def answer(self, call: Call, request: Request) -> Response:
        """Answer a request, or the `NoshowError` that it leads to. Any other error is a bug, see `_bug`."""
        try:
            return Answer(await self._answer(call, request))
        except NoshowError as error:
            if not is_callers(error):
                self._report(str(error))
            return answer_to(error)

    async def _answer(self, call: Call, request: Request) -> Wire:
        if not (call.reads or call.writes or call.marks):
            raise not_served(call.name)
        # Only once the body is there: requests that never get so far must not keep others out.
        arguments = Arguments(
            request.path_params.get("id", ""),
            await read_object(request),
            self._strict,
            {name: request.query_params.getlist(name) for name in request.query_params},
        )
        if self._under_way >= MAX_UNDER_WAY:
            raise overloaded()
        self._under_way += 1
        try:
            answer = await self._done(call, arguments)
        finally:
            self._under_way -= 1
        return declared(answer) if self._strict else answer

    async def _done(self, call: Call, arguments: Arguments) -> Wire:
        if call.marks:
            return await asyncio.wrap_future(self._writer.write(call.marks(arguments)))
        if call.writes:
            change = call.writes
            return await asyncio.wrap_future(self._writer.write(lambda store: change(store, arguments)))
        if call.is_look_up and self._answers_at_once():
            return self._read(call, arguments)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, call, arguments)

    def _answers_at_once(self) -> bool:
        """Whether looking up one row can hold up nobody: handing it to a thread takes an eighth of its time."""
        return self._under_way == 1 and self._writer.has_shown_all and self._snapshots.are_open

    def _read(self, call: Call, arguments: Arguments) -> Wire:
        assert call.reads
        self._writer.show()
        with machine_errors(self._path), self._snapshots.reading() as reading:
            return call.reads(reading, arguments)


def _routes(service: _Service) -> list[Route]:
    """One route for each path, with all its methods: Starlette answers 405 only if one route knows them all."""
    by_path: dict[str, dict[str, Call]] = {}
    for call in CALLS:
        for path in call.paths:
            by_path.setdefault(path, {})[call.method] = call
    return [_route(service, path, calls) for path, calls in by_path.items()]


def _route(service: _Service, path: str, calls: dict[str, Call]) -> Route:
    async def endpoint(request: Request) -> Response:
        call = calls["GET" if request.method == "HEAD" else request.method]
        request.state.call = call.paths[0]
        return await service.answer(call, request)

    return Route(path, endpoint, methods=list(calls))


async def _no_route(_: Request, error: Exception) -> Response:
    """Answer Starlette's own refusals: 404 for an unknown path, 405 for a method that the path does not have."""
    assert isinstance(error, HTTPException)
    codes = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
    messages = {404: "no call of the API has this path", 405: "the path takes another method"}
    code, words = codes.get(error.status_code, "REFUSED"), messages.get(error.status_code, error.detail)
    return answer_to(NoCall(error.status_code, code, words, headers=error.headers))


async def _bug(_: Request, __: Exception) -> Response:
    """Answer a bug. The server raises it again afterwards, so that its traceback is printed."""
    return answer_to_bug()
