"""Name the rules that a request to set attendance breaks as the API's validation errors do: a type, and data for it.

The API's list of types is in the typings of its SDK (`RuleType`). Those that bound a value come with the bound as
`threshold`, FORMAT with the `expected` format, and OTHER, for rules that the API does not have, with a `ruleName`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from queries.errors import RequestRefused, Violation
from queries.model.rules import EVENT_LENGTHS, MAX_ATTENDEES, MAX_TEXT

RULE_TYPES = (
    "VALIDATION",
    "OTHER",
    "MAX",
    "MIN",
    "MAX_LENGTH",
    "MIN_LENGTH",
    "MAX_SIZE",
    "MIN_SIZE",
    "FORMAT",
    "DECIMAL_LTE",
    "DECIMAL_GTE",
    "DECIMAL_LT",
    "DECIMAL_GT",
    "DECIMAL_MAX_SCALE",
    "INVALID_ENUM_VALUE",
    "REQUIRED_FIELD",
    "FIELD_NOT_ALLOWED",
    "ONE_OF_ALIGNMENT",
)
MAX_BULK = 8
MAX_MESSAGE = 5_000


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The least and the most of a measure of the value, and the end of the names of the two types."""

    measure: Callable[[Any], float]
    least: int
    most: int
    of: str = ""

    def violated(self, value: Any) -> tuple[str, Mapping[str, Any]]:
        if self.measure(value) < self.least:
            return f"MIN{self.of}", {"threshold": self.least}
        return f"MAX{self.of}", {"threshold": self.most}


def _length(value: Any) -> int:
    """The length of a list, or of a text: an id may be given as a number."""
    return len(value if isinstance(value, list) else str(value))


def _number(value: Any) -> float:
    """The number, which may be given as a text, or have more digits than a float."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return -math.inf if str(value).startswith("-") else math.inf


_BOUNDS = {
    "event_id_length": _Bounds(_length, *EVENT_LENGTHS, of="_LENGTH"),
    "text_length": _Bounds(_length, 0, MAX_TEXT, of="_LENGTH"),
    "message_length": _Bounds(_length, 1, MAX_MESSAGE, of="_LENGTH"),
    "list_size": _Bounds(_length, 1, MAX_BULK, of="_SIZE"),
    "attendees_range": _Bounds(_number, 0, MAX_ATTENDEES),
}
_EXPECTED = {
    "id_format": "GUID",
    "attendees_type": "INTEGER",
    "boolean_type": "BOOLEAN",
    "text_type": "STRING",
    "list_type": "ARRAY",
    "object_type": "OBJECT",
    "control_char": "text without control characters",
}
_WITHOUT_DATA = {
    "required": "REQUIRED_FIELD",
    "status_unknown": "INVALID_ENUM_VALUE",
    "unknown_key": "FIELD_NOT_ALLOWED",
    "field_type": "VALIDATION",
}


def violation(field: str, description: str, rule: str, value: Any = None) -> Violation:
    """The violation of a rule, one of `queries.model.rules` or of requests alone, by the value of a field."""
    if rule in _BOUNDS:
        return Violation(field, description, rule, *_BOUNDS[rule].violated(value))
    if rule in _EXPECTED:
        return Violation(field, description, rule, "FORMAT", {"expected": _EXPECTED[rule]})
    return Violation(field, description, rule, _WITHOUT_DATA.get(rule, "OTHER"), {})


def refused(field: str, description: str, rule: str, value: Any = None) -> RequestRefused:
    """The error for a request of which one field breaks a rule."""
    broken = (violation(field, description, rule, value),)
    return RequestRefused("VALIDATION_ERROR", f"{field}: {description}", "Correct the field", broken)


def only(value: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
    """Raise `RequestRefused` for a key that is not known."""
    for name in value:
        if name not in known:
            # In ASCII and cut: a key may hold line ends, and be as long as the request.
            raise refused(path + ascii(name)[1:-1][:200], f"no such key here; keys: {', '.join(known)}", "unknown_key")
