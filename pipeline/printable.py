"""Text that may come from data or from a disk goes in; text that is fit for a terminal comes out."""

from __future__ import annotations

import re

MAX_SHOWN = 400
# Controls, halves of surrogate pairs, line and paragraph separators, and what turns the direction of writing.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str, limit: int = MAX_SHOWN) -> str:
    """The text with each such character as its escape, \\x1b for one, and no longer than `limit`."""
    shown = _UNPRINTABLE.sub(lambda found: ascii(found.group())[1:-1], text[: limit + 1])
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
