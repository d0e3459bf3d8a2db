"""Read values in a query into values to bind, each of its field's own type."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from queries.errors import QueryError
from queries.language.limits import LARGEST_NUMBER, MAX_STRING
from queries.language.resources import Field
from queries.moments import naive_utc

_GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
# A decimal as a cursor keeps it. DuckDB's widest decimals have 38 digits.
_DECIMAL = re.compile(r"-?[0-9]{1,38}(\.[0-9]{1,38})?", re.ASCII)
# NUL and lone surrogates: a database stores neither.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_value(field: Field, value: Any, path: str) -> Any:
    """The value to bind. Raises `QueryError` if it has another type, or the field cannot have it."""
    return _READERS[field.type](field, value, path)


def read_stored(field: Field, value: Any) -> Any:
    """The value to bind for a value that a row had and a cursor kept: JSON, moments in UTC without a zone.

    Null stays None. Raises `ValueError` for any value that the field of a row cannot have.
    """
    return None if value is None else _STORED[field.type](value)


def read_text(value: Any, path: str) -> str:
    """A text that a database can store, of at most `MAX_STRING` characters. Raises `QueryError` for any other value."""
    if not isinstance(value, str):
        raise QueryError("INVALID_TYPE", path, "a text is expected", f"Not {_kind(value)}")
    if len(value) > MAX_STRING:
        raise QueryError("VALUE_TOO_LONG", path, f"{len(value):,} characters", f"At most {MAX_STRING:,}")
    if _UNSTORABLE.search(value):
        raise QueryError("INVALID_VALUE", path, "the text holds a character that no text may", "Leave it out")
    return value


def read_guid(value: Any, path: str) -> str:
    """A GUID in lower case. Raises `QueryError` for any other value."""
    text = read_text(value, path).lower()
    if not _GUID.fullmatch(text):
        raise QueryError("INVALID_VALUE", path, "not a GUID", "Like 11111111-1111-4111-8111-111111111111")
    return text


def _text(_: Field, value: Any, path: str) -> str:
    return read_text(value, path)


def _attribute(field: Field, value: Any, path: str) -> str:
    """An attribute is compared as text: true, 34 and 34.5 as they stand in JSON."""
    if isinstance(value, bool):
        return json.dumps(value)
    return json.dumps(_number(field, value, path)) if isinstance(value, int | float) else read_text(value, path)


def _guid(_: Field, value: Any, path: str) -> str:
    return read_guid(value, path)


def _choice(field: Field, value: Any, path: str) -> str:
    text = read_text(value, path)
    if text not in field.choices:
        near = difflib.get_close_matches(text.upper(), field.choices, n=1)
        known = f"One of {', '.join(field.choices)}"
        raise QueryError("INVALID_VALUE", path, "not a value of this field", f"{_did_you_mean(near)}{known}")
    return text


def _number(_: Field, value: Any, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QueryError("INVALID_TYPE", path, "a number is expected", f"Not {_kind(value)}")
    if not abs(value) <= LARGEST_NUMBER:  # NaN is not, either
        raise QueryError("OUT_OF_RANGE", path, "too large a number", "At most 2^63 - 1")
    return value


def _flag(_: Field, value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise QueryError("INVALID_TYPE", path, "true or false is expected", f"Not {_kind(value)}")
    return value


def _date(_: Field, value: Any, path: str) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(read_text(value, path))
    except ValueError:
        raise QueryError("INVALID_VALUE", path, "not a date", 'Like "2026-03-01"') from None


def _instant(_: Field, value: Any, path: str) -> dt.datetime:
    try:
        moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(read_text(value, path))
        if moment.tzinfo is None:
            raise ValueError
        return naive_utc(moment)
    except (ValueError, OverflowError):
        raise QueryError("INVALID_VALUE", path, "not a moment with its zone", 'Like "2026-03-01T18:00:00Z"') from None


def _stored_text(value: Any) -> str:
    if not isinstance(value, str) or _UNSTORABLE.search(value):
        raise ValueError
    return value


def _stored_guid(value: Any) -> str:
    if not isinstance(value, str) or not _GUID.fullmatch(value):
        raise ValueError
    return value


def _stored_number(value: Any) -> int | float | Decimal:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_NUMBER:
        raise ValueError
    return value


def _stored_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _stored_date(value: Any) -> dt.date:
    return dt.date.fromisoformat(_stored_text(value))


def _stored_instant(value: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(_stored_text(value))
    if moment.tzinfo is not None:
        raise ValueError
    return moment


_STORED: dict[str, Callable[[Any], Any]] = {
    "text": _stored_text,
    "attribute": _stored_text,
    "guid": _stored_guid,
    "choice": _stored_text,
    "number": _stored_number,
    "flag": _stored_flag,
    "date": _stored_date,
    "instant": _stored_instant,
}
_READERS: dict[str, Callable[[Field, Any, str], Any]] = {
    "text": _text,
    "attribute": _attribute,
    "guid": _guid,
    "choice": _choice,
    "number": _number,
    "flag": _flag,
    "date": _date,
    "instant": _instant,
}


def _did_you_mean(near: list[str]) -> str:
    return f"Did you mean {near[0]!r}? " if near else ""


def _kind(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)
