"""Read the filter of --where."""

from __future__ import annotations

import json
from typing import Any

from queries.errors import QueryError


def read_where(text: str | None) -> dict[str, Any] | None:
    """Read a filter from a JSON text. Raises `QueryError` if it is not a JSON object."""
    if text is None:
        return None
    try:
        where = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise QueryError("INVALID_JSON", "", f"not JSON ({error})", 'For example {"service": "Yoga"}') from None
    if not isinstance(where, dict):
        raise QueryError("INVALID_TYPE", "", "a filter is an object", 'For example {"service": "Yoga"}')
    return where
