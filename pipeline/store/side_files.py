"""Reading the JSON of our own side files: journal, saved pages and what is noted beside them.

A disk may have flipped any bit of them, so whatever a decoder raises means the same here: damaged.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

Kept = TypeVar("Kept")


class Damaged(Exception):
    """The text is not what we wrote: not UTF-8, not JSON, nested too deeply, or not of the type it was written as."""


def decoded(text: bytes, decoder: msgspec.json.Decoder[Kept]) -> Kept:
    """The value of a JSON text that we wrote ourselves. Raises `Damaged`, and nothing else."""
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(str(error)) from None
