"""Read the body of an answer within bounds, and its headers strictly: whoever answers may not be the API."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from email.utils import parsedate_to_datetime

import httpx

from queries.errors import DataRefused

# Of a body, as it comes and unpacked. A page of a hundred records has far less than one of them.
MAX_BYTES = 64 * 2**20
# JSON packs some 10 to 30 times smaller, zeros a thousand times. Small bodies of repeated records may pack better.
MAX_RATIO = 200
_BYTES_OF_ANY_RATIO = 2**20
# The one encoding that is asked for. Others, such as Zstandard, unpack a few bytes to gigabytes in one step.
ENCODING = "gzip"
_GZIP = 16 + zlib.MAX_WBITS
# Of the answer to a refused request only a code is read.
MAX_REFUSAL_BYTES = 2**16
_SECONDS = re.compile("[0-9]{1,9}")


class TooLarge(Exception):
    """A body is beyond its bounds."""


async def body_of(answer: httpx.Response, most: int) -> bytes:
    """The body of an answer that is open as a stream, unpacked.

    Raises `TooLarge` if it has more bytes than `most`, packed or unpacked, or is packed beyond `MAX_RATIO`;
    `httpx.DecodingError` if it cannot be unpacked; `httpx.TransportError` if it breaks off.
    """
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", ENCODING):
        raise httpx.DecodingError(f"an answer in the encoding {encoding!a}, which was not asked for")
    unpacker = zlib.decompressobj(_GZIP) if encoding == ENCODING else None
    body, received = bytearray(), 0
    async for piece in answer.aiter_raw():
        received += len(piece)
        body += _unpacked(unpacker, piece, most + 1 - len(body)) if unpacker else piece
        if max(received, len(body)) > most or len(body) > max(_BYTES_OF_ANY_RATIO, MAX_RATIO * received):
            raise TooLarge
    if unpacker and received and not unpacker.eof:
        raise httpx.DecodingError("the packed answer is cut short")
    return bytes(body)


def _unpacked(unpacker: zlib._Decompress, piece: bytes, room: int) -> bytes:
    try:
        return unpacker.decompress(piece, room)
    except zlib.error:
        raise httpx.DecodingError("the answer is not packed as it says") from None


def too_large(noun: str) -> DataRefused:
    """The error for an answer beyond the bounds."""
    return DataRefused(
        "pull.too_large",
        f"{noun}: an answer is larger than {MAX_BYTES // 2**20} MiB, or packed more than {MAX_RATIO} times",
        "Check that api_address is the API's",
    )


def retry_after(header: str | None, now: dt.datetime) -> float:
    """Seconds to wait by a Retry-After header: a number of seconds, or a date (RFC 9110, 10.2.3); 0 otherwise."""
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0
