"""Ask the API and return its answers, asking again after errors that may pass.

The key and the site's id go into headers only: no message, log or exception of this module contains them.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any, TypeVar

import httpx
import msgspec
from tenacity import AsyncRetrying, Future, RetryCallState, RetryError, retry_if_exception_type

from pipeline.events import log_event
from pipeline.pulling.answers import ENCODING, MAX_BYTES, MAX_REFUSAL_BYTES, TooLarge, body_of, retry_after, too_large
from queries.errors import DataRefused, InputNotFound, NoshowError, OutputFailed
from queries.model import api_paths

ATTEMPTS = 8
# Fewer attempts if the API has not answered at all yet: the address may be wrong.
_ATTEMPTS_AT_FIRST = 3
AT_ONCE = 4
_SECONDS_TO_CONNECT = 10
_SECONDS_TO_READ = 30
# For a whole answer: the limit for reading starts again with every byte, so a trickle would never end.
_SECONDS_AN_ANSWER = 90
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_GO_ON = "The pages fetched so far are kept: run it again to go on from there"
_NOBODY_THERE = (
    "Check the network and api_address (NOSHOW_API_ADDRESS), then run it again: the pages fetched so far are kept"
)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")

Answer = TypeVar("Answer")


class Transient(Exception):
    """A failure that may pass, so that asking again makes sense; `retry_after` are the seconds the API asks to wait."""

    def __init__(self, reason: str, retry_after: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class BadAnswer(Transient):
    """The API answers with a failure of its own, or with something that cannot be read."""


class _NotReached(Transient):
    """No connection could be made: nothing listens at the address, or its name is unknown."""


class QueryRefused(DataRefused):
    """The API refuses a query, or a cursor that it returned earlier."""


@dataclass(frozen=True, slots=True)
class Access:
    """The API's address, and the key and site to ask it with."""

    address: str
    key: str = field(repr=False)
    site: str = field(repr=False)


@dataclass(frozen=True)
class Surroundings:
    """The outside world, replaced in tests: wall clock, monotonic clock, sleeping and random numbers."""

    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: random.Random = field(default_factory=random.Random)


class Source:
    """A client of the API with a few requests at a time, for at most `limit` seconds in all. Use it in `async with`."""

    def __init__(self, access: Access, limit: float, around: Surroundings) -> None:
        self._around = around
        self._until = around.seconds() + limit
        self._free_at = 0.0
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._address = access.address
        self._answered = False
        self._client = httpx.AsyncClient(
            base_url=access.address,
            headers={
                "Authorization": access.key,
                api_paths.SITE_HEADER: access.site,
                "Accept": "application/json",
                "Accept-Encoding": ENCODING,
            },
            timeout=httpx.Timeout(_SECONDS_TO_READ, connect=_SECONDS_TO_CONNECT),
            limits=httpx.Limits(max_connections=AT_ONCE),
        )
        # The API needs no cookies, and every cookie kept would be sent with each request.
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    async def __aenter__(self) -> Source:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._client.aclose()

    async def ask(
        self, noun: str, path: str, body: Mapping[str, Any], read: Callable[[bytes], Answer], method: str = "POST"
    ) -> Answer:
        """Send a request and return the result of `read` for the answer's body; if it raises `Transient`, ask again.

        The body of a `GET` stands in its address: a list as the same name several times.
        `noun` names the records in messages. Raises `DataRefused` if key or query are refused, `InputNotFound` for an
        unknown site, `OutputFailed` if the API cannot be reached or the time is up.
        """
        retrying = AsyncRetrying(
            stop=self._is_enough,
            wait=self._pause,
            sleep=self._sleep,
            retry=retry_if_exception_type(Transient),
        )
        async with self._turn:
            try:
                return await retrying(self._attempt, noun, path, body, read, method)
            except RetryError as end:
                raise _given_up(noun, end.last_attempt) from None

    async def _attempt(
        self, noun: str, path: str, body: Mapping[str, Any], read: Callable[[bytes], Answer], method: str
    ) -> Answer:
        while (wait := self._free_at - self._around.seconds()) > 0:
            await self._sleep(wait)
        try:
            async with asyncio.timeout(min(_SECONDS_AN_ANSWER, self._left())):
                answer, text = await self._answer(path, body, method)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise _noted(_NotReached(f"no connection to {self._address}")) from None
        except (httpx.TimeoutException, TimeoutError):
            raise _noted(Transient("no answer in time")) from None
        except TooLarge:
            raise too_large(noun) from None
        except httpx.DecodingError:
            raise _noted(Transient("an answer that cannot be unpacked")) from None
        except httpx.TransportError as error:
            raise _noted(Transient(f"the connection broke off ({type(error).__name__})")) from None
        self._answered = True
        if answer.status_code == httpx.codes.OK:
            return read(text)
        raise self._refusal(noun, answer, text)

    async def _answer(self, path: str, body: Mapping[str, Any], method: str) -> tuple[httpx.Response, bytes]:
        """The answer and its body; of a refusal so long that it says nothing to us, no body."""
        content: Mapping[str, Any] = {"params": body} if method == "GET" else {"json": body}
        answer = await self._client.send(self._client.build_request(method, path, **content), stream=True)
        try:
            if answer.status_code == httpx.codes.OK:
                return answer, await body_of(answer, MAX_BYTES)
            try:
                return answer, await body_of(answer, MAX_REFUSAL_BYTES)
            except TooLarge:
                return answer, b""
        finally:
            await answer.aclose()

    def _refusal(self, noun: str, answer: httpx.Response, text: bytes) -> Exception:
        status = answer.status_code
        if status == httpx.codes.NOT_IMPLEMENTED:
            return refusal(noun, status)
        if status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS) or status >= 500:
            after = retry_after(answer.headers.get("Retry-After"), self._around.now())
            if after:
                # For the other walks too: until then they would get the same answer.
                self._free_at = max(self._free_at, self._around.seconds() + after)
            kind = BadAnswer if status >= 500 else Transient
            return _noted(kind(f"the API answers {status}", after))
        return refusal(noun, status, _error_code(text))

    def _is_enough(self, state: RetryCallState) -> bool:
        is_at_first = isinstance(_error_of(state), _NotReached) and not self._answered
        return state.attempt_number >= (_ATTEMPTS_AT_FIRST if is_at_first else ATTEMPTS)

    def _pause(self, state: RetryCallState) -> float:
        """Seconds to wait: those the API asks for, plus a random part of a pause that doubles with each attempt.

        The random part keeps several clients from asking again all at the same moment.
        """
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**state.attempt_number)
        return getattr(_error_of(state), "retry_after", 0.0) + self._around.chance.uniform(0, longest)

    async def _sleep(self, seconds: float) -> None:
        if seconds >= self._left():
            raise self._too_long()
        await self._around.sleep(seconds)

    def _left(self) -> float:
        left = self._until - self._around.seconds()
        if left <= 0:
            raise self._too_long()
        return left

    def _too_long(self) -> NoshowError:
        return OutputFailed("pull.too_long", "the time that pull_minutes allows is up", _GO_ON)


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _noted(error: Transient) -> Transient:
    log_event("pull.again", reason=error.reason, seconds=error.retry_after)
    return error


def _given_up(noun: str, last: Future) -> OutputFailed:
    error = last.exception()
    hint = _NOBODY_THERE if isinstance(error, _NotReached) else _GO_ON
    code = "pull.bad_answer" if isinstance(error, BadAnswer) else "pull.unreachable"
    return OutputFailed(code, f"{noun}: {error}, {last.attempt_number} times in a row", hint)


def refusal(noun: str, status: int, code: str = "") -> NoshowError:
    """Return the error for a refusal that no further attempt would change."""
    if status == httpx.codes.UNAUTHORIZED:
        return DataRefused("pull.key", "the API does not accept the key", "Check api_key (NOSHOW_API_KEY)")
    if status == httpx.codes.FORBIDDEN:
        hint = "Give it the permissions to read bookings with participants, and the calendar"
        return DataRefused("pull.permission", f"the key may not read {noun} of this site", hint)
    if status == httpx.codes.NOT_FOUND:
        hint = "Check site_id (NOSHOW_SITE_ID) and api_address (NOSHOW_API_ADDRESS)"
        return InputNotFound("pull.site", f"{noun}: the API does not know this site or address", hint)
    if status == httpx.codes.NOT_IMPLEMENTED:
        return DataRefused("pull.not_offered", f"the API does not offer {noun} ({status})", "Check api_address")
    if 300 <= status < 400:
        return DataRefused("pull.moved", f"{noun}: the API has moved ({status})", "Check api_address")
    reason = f", {code}" if code else ""
    return QueryRefused(
        "pull.query", f"{noun}: the API refuses the query ({status}{reason})", "Is this noshow up to date?"
    )


def _error_code(body: bytes) -> str:
    """The code of an application error, or "". Its message is left out: it may repeat personal data of the request."""
    try:
        code = msgspec.json.decode(body)["details"]["applicationError"]["code"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
