"""Decode the JSON of our own side files: the journal, saved pages and the notes beside them.

A disk may have flipped any bit of them, so every error of the decoder means the same here: the file is damaged.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from queries.sealed import unsealed

Kept = TypeVar("Kept")


class Damaged(Exception):
    """The text is not as noshow wrote it: another sum, not UTF-8, not JSON, nested too deeply, or of another type."""


def decoded(text: bytes, decoder: msgspec.json.Decoder[Kept]) -> Kept:
    """Decode a JSON text that noshow wrote itself, sealed or not. Raises only `Damaged`, if it is not as written."""
    try:
        return decoder.decode(unsealed(text))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Damaged(str(error)) from None
