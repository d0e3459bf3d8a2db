"""A filter over booked sessions goes in, as a dict; its clauses, and the filter in English, come out.

    {"service": "Yoga", "localDate": {"$gte": "2026-01-01", "$lt": "2026-02-01"}, "localWeekday": {"$in": [6, 7]}}

Several keys, and several operators on one field, mean AND. Field names are those of the API's style or the
columns' own (`localDate` or `local_date`). A missing value is not equal to anything, so `$ne` and `$nin` keep it.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from queries.errors import FilterError

Filter = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A column that can be filtered by: its type decides which values fit."""

    column: str
    type: str
    english: str

    @property
    def wire(self) -> str:
        """The name in the API's style: `localDate`."""
        first, *rest = self.column.split("_")
        return first + "".join(part.title() for part in rest)


@dataclass(frozen=True, slots=True)
class Operator:
    """How an operator reads in SQL ({f} the column, {v} the bound value) and in English."""

    sql: str
    english: str
    takes_list: bool = False
    ordered_only: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison: a whitelisted field, an operator, and the value to bind (None means missing)."""

    field: Field
    operator: str
    value: Any


FIELDS = tuple(
    Field(*row)
    for row in (
        ("booking_id", "text", "booking"),
        ("session_id", "text", "session"),
        ("service_id", "text", "service id"),
        ("service", "text", "service"),
        ("service_type", "text", "service type"),
        ("series_id", "text", "series id"),
        ("series", "text", "series"),
        ("schedule_id", "text", "schedule"),
        ("location_id", "text", "location id"),
        ("location", "text", "location"),
        ("staff_id", "text", "staff id"),
        ("staff", "text", "staff"),
        ("participant_id", "text", "participant"),
        ("local_date", "date", "local date"),
        ("local_weekday", "number", "weekday (1 is Monday)"),
        ("local_hour", "number", "hour"),
        ("starts_at", "instant", "start"),
        ("created_at", "instant", "booking made"),
        ("lead_days", "number", "lead time in days"),
        ("booked", "number", "party size"),
        ("outcome", "text", "outcome"),
        ("payment_status", "text", "payment status"),
    )
)
_BY_NAME = {name: field for field in FIELDS for name in (field.column, field.wire)}

OPERATORS = {
    "$eq": Operator("{f} = {v}", "is"),
    "$ne": Operator("{f} is distinct from {v}", "is not"),
    "$gt": Operator("{f} > {v}", "is above", ordered_only=True),
    "$gte": Operator("{f} >= {v}", "is at least", ordered_only=True),
    "$lt": Operator("{f} < {v}", "is below", ordered_only=True),
    "$lte": Operator("{f} <= {v}", "is at most", ordered_only=True),
    "$in": Operator("{f} in (select unnest({v}))", "is one of", takes_list=True),
    "$nin": Operator("coalesce({f} not in (select unnest({v})), true)", "is none of", takes_list=True),
}
MAX_LIST = 10_000


def clauses(where: Filter | None) -> tuple[Clause, ...]:
    """Check a filter and take it apart. Raises `FilterError` with the place, what is wrong and the nearest name."""
    if where is None:
        return ()
    if not isinstance(where, Mapping):
        raise FilterError("INVALID_TYPE", "", "a filter is an object", 'For example {"service": "Yoga"}')
    return tuple(clause for name, condition in where.items() for clause in _conditions(name, condition))


def filter_in_english(where: Filter | None) -> str:
    """The filter in words, for a reader of the report; "all booked sessions" where there is none."""
    parts = [_english(clause) for clause in clauses(where)]
    return " and ".join(parts) if parts else "all booked sessions"


def _conditions(name: Any, condition: Any) -> Iterator[Clause]:
    field = _BY_NAME.get(name)
    if field is None:
        raise FilterError(
            "UNKNOWN_FIELD", f"/{name}", f"no field is called {str(name)!r}", _nearest(str(name), _BY_NAME)
        )
    if not isinstance(condition, Mapping):
        yield Clause(field, "$eq", _value(field, condition, f"/{name}"))
        return
    if not condition:
        raise FilterError("INVALID_OPERATOR_OBJECT", f"/{name}", "an empty condition", f"Operators: {_OPERATOR_NAMES}")
    for symbol, operand in condition.items():
        yield _clause(field, symbol, operand, f"/{name}/{symbol}")


def _clause(field: Field, symbol: Any, operand: Any, path: str) -> Clause:
    operator = OPERATORS.get(symbol)
    if operator is None:
        raise FilterError(
            "UNKNOWN_OPERATOR",
            path,
            f"no operator is called {str(symbol)!r}",
            f"Operators: {_OPERATOR_NAMES}",
        )
    if not operator.takes_list:
        value = _value(field, operand, path)
        if value is None and operator.ordered_only:
            raise FilterError("INVALID_TYPE", path, "null has no order", "Use $eq or $ne with null")
        return Clause(field, symbol, value)
    if not isinstance(operand, list | tuple):
        raise FilterError("INVALID_TYPE", path, "a list is expected", f"Write {symbol} with [ ]")
    if not operand:
        raise FilterError("EMPTY_ARRAY", path, "an empty list", "Give at least one value, or leave the field out")
    if len(operand) > MAX_LIST:
        raise FilterError("TOO_MANY_VALUES", path, f"{len(operand)} values, at most {MAX_LIST}")
    values = [_value(field, item, f"{path}/{index}") for index, item in enumerate(operand)]
    if None in values:
        raise FilterError("INVALID_TYPE", path, "null in a list", "Use $eq or $ne with null")
    return Clause(field, symbol, values)


def _value(field: Field, value: Any, path: str) -> Any:
    if value is None:
        return None
    try:
        return _READERS[field.type](value)
    except (ValueError, TypeError):
        raise FilterError(
            "INVALID_TYPE",
            path,
            f"{field.wire} takes {_TYPE_WORDS[field.type]}",
            f"Not {type(value).__name__}",
        ) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def _date(value: Any) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    return dt.date.fromisoformat(_text(value))


def _instant(value: Any) -> dt.datetime:
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "instant": _instant,
}
_TYPE_WORDS = {
    "text": "a text",
    "number": "a number",
    "date": 'a date like "2026-03-01"',
    "instant": 'a moment with its zone, like "2026-03-01T18:00:00Z"',
}
_OPERATOR_NAMES = ", ".join(OPERATORS)


def _english(clause: Clause) -> str:
    if clause.value is None:
        return f"{clause.field.english} {'is missing' if clause.operator == '$eq' else 'has a value'}"
    value = ", ".join(map(str, clause.value)) if isinstance(clause.value, list) else str(clause.value)
    return f"{clause.field.english} {OPERATORS[clause.operator].english} {value}"


def _nearest(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else "Fields: " + ", ".join(field.wire for field in FIELDS)
