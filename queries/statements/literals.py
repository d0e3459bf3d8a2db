"""Write values out in SQL, for statements that are shown to be copied, for views and for comments."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

Parameters = dict[str, Any]

_PARAMETER = re.compile(r"\$(\w+)")
# Characters that cannot be seen, and those that change the direction of the text around them.
_UNSEEN = re.compile("([\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])")
# A datetime is a date too, so it comes first.
_LITERAL_TYPES = ((dt.datetime, "timestamp "), (dt.date, "date "))


def literal(value: Any) -> str:
    """A value written out in SQL."""
    if value is None or isinstance(value, bool | int | float):
        return "null" if value is None else str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    kind = next((name for type_, name in _LITERAL_TYPES if isinstance(value, type_)), "")
    if kind:
        return f"{kind}'{value}'"
    return _text_literal(str(value))


def column_name(name: str) -> str:
    """The name of a column in SQL; that of an attribute, `attributes.reminder`, has a dot and needs quotes."""
    return f'"{name}"' if "." in name else name


def with_values(statement: str, parameters: Parameters) -> str:
    """A statement with its values written out in place of their names."""
    return _PARAMETER.sub(lambda match: literal(parameters[match[1]]), statement)


def one_of(values: tuple[str, ...]) -> str:
    """A list of texts for `in`: ('confirmed', 'cancelled')."""
    return f"({', '.join(map(literal, values))})"


def _text_literal(value: str) -> str:
    # Unseen characters are written by number, so that a statement reads as it runs: 'Yoga' || chr(8238) || 'agoY'.
    pieces = [
        f"chr({ord(piece)})" if at % 2 else "'" + piece.replace("'", "''") + "'"
        for at, piece in enumerate(_UNSEEN.split(value))
    ]
    written = [piece for piece in pieces if piece != "''"] or ["''"]
    return written[0] if len(written) == 1 else f"({' || '.join(written)})"
