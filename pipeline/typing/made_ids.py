"""Make GUIDs of texts, the same each time: version 5 as RFC 9562 has it, under a namespace of noshow's own."""

from __future__ import annotations

import uuid
from hashlib import sha1

# Never change it: loaded again, a file would get other ids.
NAMESPACE = uuid.UUID("6f1d3c52-0c5e-5b0e-9a44-2f6a3f6c1b7e")
_START = sha1(NAMESPACE.bytes, usedforsecurity=False)
# The digit that holds two bits of the hash -> the same with the two bits of the variant in front.
_VARIANT = {f"{digit:x}": f"{8 + digit % 4:x}" for digit in range(16)}


def made_id(name: str) -> str:
    """The GUID of a text. `str(uuid.uuid5(NAMESPACE, name))` is the same and takes four times as long."""
    hashed = _START.copy()
    hashed.update(name.encode())
    digits = hashed.hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:32]}"


def name_id(kind: str, name: str) -> str:
    """The id of a service, location or member of staff with a name only, as `id_of_name` in SQL makes it."""
    return made_id(f"{kind}/{name}")


def fee_id(booking_id: str, trigger: str) -> str:
    """The id of a fee without one, made of its booking and of its trigger."""
    return made_id(f"fee/{booking_id}/{trigger}")


def key_id(booking_id: str, session_key: str) -> str:
    """The id of an attendance without one, made of its booking and session, so the same at each load."""
    return made_id(f"{booking_id}/{session_key}")
