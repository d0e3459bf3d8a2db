"""Ids that links within a page lead to."""

from __future__ import annotations

import hashlib
import re


def row_id(prefix: str, name: str | None, key: str | None) -> str:
    """An id for a row: the same in every report, with nothing of the data but letters and digits."""
    slug = re.sub(r"[^a-z0-9]+", "-", (name or "").lower()).strip("-")[:40]
    digest = hashlib.sha256(repr(key).encode("utf-8", "replace")).hexdigest()[:10]
    return "-".join(part for part in (prefix, slug, digest) if part)
