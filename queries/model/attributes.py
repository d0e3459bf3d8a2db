"""Attributes: named values of a booking, kept as one JSON object of texts, numbers, true and false.

Every grouping, filter and view reads one as `attributes.<name>`, as text: `{"reminder":true,"age":34}` has the
reminder `true` and the age `34`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

PREFIX = "attributes."
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST = 50

Value = str | int | float | bool


def attributes_text(values: Mapping[str, Value | None]) -> str | None:
    """The stored text of named values, without those that are None and in the order of their names; None if none is
    left.
    """
    kept = {name: value for name, value in sorted(values.items()) if value is not None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else None


def attributes_in(text: str | None) -> dict[str, Value]:
    """The named values of a stored text."""
    values: dict[str, Value] = json.loads(text) if text else {}
    return values


def without_values(text: str, is_meant: Callable[[str], bool]) -> str | None:
    """A stored text without the values whose text meets a condition; None if none is left."""
    return attributes_text({name: value for name, value in attributes_in(text).items() if not is_meant(str(value))})


def is_attributes(text: str) -> bool:
    """Whether a text is an object of named values, with at most `MOST` of them."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(values, dict)
        and 0 < len(values) <= MOST
        and all(NAME.fullmatch(name) and isinstance(value, Value) for name, value in values.items())
    )


def attribute_named(name: str) -> str | None:
    """The name of the attribute that a grouping or field `attributes.<name>` stands for, or None if it is not one."""
    own = name.removeprefix(PREFIX)
    return own if own != name and NAME.fullmatch(own) else None


def attribute_sql(name: str) -> str:
    """The text of an attribute of a row `p`. The name is one that `attribute_named` returned."""
    return f"json_extract_string(p.attributes, '$.{name}')"
