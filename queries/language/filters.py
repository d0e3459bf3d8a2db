"""Read filters in the API's form into a checked tree of clauses, and put them in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from queries.errors import QueryError
from queries.language.limits import MAX_CLAUSES, MAX_DEPTH, MAX_LIST_VALUES, MAX_STRING
from queries.language.operators import OPERATORS
from queries.language.resources import JOINS, Field, Resource
from queries.language.values import read_value


@dataclass(frozen=True, slots=True)
class Clause:
    """A comparison: a field of the resource, an operator, and the value to bind. `or_null`: null is in the list too."""

    field: Field
    operator: str
    value: Any
    or_null: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that all hold (and), one of which holds (or), or the one of which does not (not)."""

    joined: str
    parts: tuple[Clause | Group, ...]


Node = Clause | Group
EVERYTHING = Group("and", ())


def read_filter(resource: Resource, filter: Any, path: str = "") -> Node:
    """Check a filter and take it apart; None and {} mean everything.

    Raises `QueryError` with the JSON pointer of the mistake, and the expected form or the nearest valid name.
    """
    if filter is None:
        return EVERYTHING
    _require_shallow(filter, path)
    reader = _Reader(resource, path)
    return reader.object(filter, path)


class _Reader:
    """Counts the clauses of one filter while it reads them."""

    def __init__(self, resource: Resource, root: str) -> None:
        self._resource = resource
        self._root = root
        self._clauses = 0

    def object(self, value: Any, path: str) -> Node:
        if not isinstance(value, Mapping):
            raise QueryError("INVALID_TYPE", path, "a filter is an object", 'For example {"status": "ATTENDED"}')
        parts = [
            part
            for name, condition in value.items()
            for part in self._entry(name, condition, f"{path}/{_escaped(name)}")
        ]
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def _entry(self, name: Any, condition: Any, path: str) -> Sequence[Node]:
        if name in JOINS and name not in self._resource.joins:
            raise QueryError(
                "OPERATOR_NOT_SUPPORTED", path, f"the API declares no {name}", "Filters are joined by $and"
            )
        if name in ("$and", "$or"):
            return [Group(name[1:], self._list(condition, path))]
        if name == "$not":
            one = condition[0] if isinstance(condition, list) and len(condition) == 1 else condition
            return [Group("not", (self._part(one, path if one is condition else f"{path}/0"),))]
        if isinstance(name, str) and name.startswith("$"):
            raise QueryError(
                "UNKNOWN_OPERATOR",
                path,
                f"no operator is called {_ascii(name)}",
                f"Between filters: {', '.join(self._resource.joins)}",
            )
        field = self._resource.field(name)
        if field is None:
            raise unknown_field(self._resource, name, path)
        return self._conditions(field, condition, path)

    def _list(self, value: Any, path: str) -> tuple[Node, ...]:
        if not isinstance(value, list | tuple):
            raise QueryError("INVALID_TYPE", path, "a list of filters is expected", "Write [ ] around them")
        if not value:
            raise QueryError("EMPTY_ARRAY", path, "an empty list", "Give at least one filter, or leave it out")
        if len(value) > MAX_CLAUSES:
            raise QueryError("QUERY_TOO_LARGE", path, f"{len(value):,} filters", f"At most {MAX_CLAUSES}")
        return tuple(self._part(item, f"{path}/{index}") for index, item in enumerate(value))

    def _part(self, value: Any, path: str) -> Node:
        """A filter within another. An empty one keeps everything: negated nothing is left, and `$or` has no effect."""
        if value == {}:
            raise QueryError("INVALID_OPERATOR_OBJECT", path, "an empty filter", "Give a condition, or leave it out")
        return self.object(value, path)

    def _conditions(self, field: Field, condition: Any, path: str) -> Sequence[Node]:
        if not isinstance(condition, Mapping):
            return [self._clause(field, "$eq", condition, path)]
        if not condition:
            raise QueryError("INVALID_OPERATOR_OBJECT", path, "an empty condition", _operators_of(field))
        return [
            self._clause(field, symbol, operand, f"{path}/{_escaped(symbol)}") for symbol, operand in condition.items()
        ]

    def _clause(self, field: Field, symbol: Any, operand: Any, path: str) -> Clause:
        self._clauses += 1
        if self._clauses > MAX_CLAUSES:
            raise QueryError("QUERY_TOO_LARGE", self._root, f"more than {MAX_CLAUSES} comparisons", "Use $in for lists")
        operator = OPERATORS.get(symbol) if isinstance(symbol, str) else None
        if operator is None:
            raise QueryError("UNKNOWN_OPERATOR", path, f"no operator is called {_ascii(symbol)}", _operators_of(field))
        if symbol not in field.operators:
            raise QueryError(
                "OPERATOR_NOT_SUPPORTED", path, f"{field.wire} does not take {symbol}", _operators_of(field)
            )
        return _OPERANDS[operator.operand](field, symbol, operand, path)


def _value_clause(field: Field, symbol: str, operand: Any, path: str) -> Clause:
    return Clause(field, symbol, None if operand is None else read_value(field, operand, path))


def _ordered_clause(field: Field, symbol: str, operand: Any, path: str) -> Clause:
    if operand is None:
        raise QueryError("INVALID_TYPE", path, "null has no order", "Use $eq, $ne or $exists")
    return Clause(field, symbol, read_value(field, operand, path))


def _list_clause(field: Field, symbol: str, operand: Any, path: str) -> Clause:
    if not isinstance(operand, list | tuple):
        raise QueryError("INVALID_TYPE", path, "a list is expected", f"Write {symbol} with [ ]")
    if not operand:
        raise QueryError("EMPTY_ARRAY", path, "an empty list", "Give at least one value, or leave the field out")
    if len(operand) > MAX_LIST_VALUES:
        raise QueryError("TOO_MANY_VALUES", path, f"{len(operand):,} values", f"At most {MAX_LIST_VALUES:,}")
    values = [read_value(field, item, f"{path}/{index}") for index, item in enumerate(operand) if item is not None]
    return Clause(field, symbol, values, or_null=len(values) < len(operand))


def _boolean_clause(field: Field, symbol: str, operand: Any, path: str) -> Clause:
    if not isinstance(operand, bool):
        raise QueryError("INVALID_TYPE", path, "true or false is expected")
    return Clause(field, symbol, operand)


_OPERANDS = {
    "value": _value_clause,
    "ordered": _ordered_clause,
    "list": _list_clause,
    "boolean": _boolean_clause,
}


def unknown_field(resource: Resource, name: object, path: str) -> QueryError:
    """The error for a field that the resource does not have; it names the nearest that it has."""
    known = [field.wire for field in resource.fields]
    near = difflib.get_close_matches(str(name)[:MAX_STRING], known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Fields: {', '.join(known)}"
    return QueryError("UNKNOWN_FIELD", path, f"no field is called {_ascii(name)}", hint)


def fields_in(node: Node) -> Iterator[Field]:
    """The fields that a filter compares."""
    if isinstance(node, Clause):
        yield node.field
        return
    for part in node.parts:
        yield from fields_in(part)


def in_english(node: Node) -> str:
    """A filter in words."""
    if isinstance(node, Clause):
        return _clause_in_english(node)
    if not node.parts:
        return "everything"
    if node.joined == "not":
        return f"not ({in_english(node.parts[0])})"
    words = [in_english(part) for part in node.parts]
    return f" {node.joined} ".join(
        f"({w})" if isinstance(p, Group) else w for w, p in zip(words, node.parts, strict=True)
    )


def _clause_in_english(clause: Clause) -> str:
    operator = OPERATORS[clause.operator]
    if operator.operand == "boolean":
        return f"{clause.field.english} {operator.english} {'yes' if clause.value else 'no'}"
    if clause.value is None:
        return f"{clause.field.english} {'is missing' if clause.operator == '$eq' else 'has a value'}"
    values = clause.value if isinstance(clause.value, list) else [clause.value]
    return f"{clause.field.english} {operator.english} {', '.join([*map(str, values), *['missing'] * clause.or_null])}"


def _require_shallow(value: Any, path: str) -> None:
    """Raise for a value nested too deeply, level by level, before anything recurses into it."""
    level: Iterable[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return
    raise QueryError("QUERY_TOO_DEEP", path, f"nested more than {MAX_DEPTH} deep", "Write it flatter")


def _inside(value: Any) -> Iterable[Any]:
    """The items of a value that hold items. Longer lists are refused for their length before they are read."""
    if isinstance(value, list | tuple):
        items: Iterable[Any] = value if len(value) <= MAX_LIST_VALUES else ()
    else:
        items = value.values() if isinstance(value, Mapping) else ()
    return [item for item in items if isinstance(item, Mapping | list | tuple)]


def _operators_of(field: Field) -> str:
    return f"{field.wire} takes {', '.join(field.operators)}"


def _escaped(name: object) -> str:
    """A name as a part of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def _ascii(name: object) -> str:
    """A name for a message: short, and in ASCII."""
    return ascii(str(name)[:60])
