"""Seal a JSON object that noshow keeps in a file of its own, so that a bit flipped on the disk is noticed.

A sealed object ends in the CRC-32 of everything before: `{"generation":7,"sum":"1c291ca3"}`. It remains JSON. Objects
without a sum are those of earlier versions; whoever decodes one must refuse fields that it does not know, since damage
may have made `"sum"` into `"sul"`.
"""

from __future__ import annotations

import re
import zlib

_SEAL = re.compile(rb',"sum":"([0-9a-f]{8})"\}\Z')


def sealed(text: bytes) -> bytes:
    """A JSON object with at least one field, with its sum as the last one."""
    body = text.rstrip().removesuffix(b"}").rstrip()
    return body + b',"sum":"%08x"}' % zlib.crc32(body)


def is_sealed(text: bytes) -> bool:
    """Whether an object has a sum, right or wrong."""
    return _SEAL.search(text) is not None


def unsealed(text: bytes) -> bytes:
    """The object without its sum. Raises `ValueError` for a sum that is not that of the object."""
    seal = _SEAL.search(text)
    if seal is None:
        return text
    body = text[: seal.start()]
    if zlib.crc32(body) != int(seal[1], 16):
        raise ValueError("the sum is that of another text")
    return body + b"}"
