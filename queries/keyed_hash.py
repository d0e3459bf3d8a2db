"""A key and a text that tells a person go in; a hash that tells the same person again, and nothing else, comes out."""

from __future__ import annotations

import hmac


def keyed_hash(key: str, text: str) -> str:
    """HMAC-SHA256 (RFC 2104) in hexadecimal. Whoever has not the key cannot try out texts."""
    return hmac.digest(key.encode(), text.encode("utf-8", "replace"), "sha256").hex()
