"""List the columns, comparisons and functions of a mapping's SQL expression, from DuckDB's own parse tree of it.

Nothing is evaluated here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import duckdb

from pipeline.mapping.bounds import too_large
from pipeline.mapping.facts import Comparison, Facts, Reference
from pipeline.mapping.lookups import compared_in, fit_of, is_pattern, looked_up_in, unwatched_in
from pipeline.mapping.tree import (
    OUR_ROWS,
    Node,
    arguments,
    column_of,
    elements,
    is_constant,
    is_whole_column,
    listed,
    literal_of,
    literal_sql,
    of_class,
    query,
    results,
    same_sql,
    sql_of,
    tables,
    wrapped_column,
)

UNNEST = "an expression cannot make several rows of one, but for one unnest in [let]; [unpivot] turns columns into rows"
_FORBIDDEN = {
    "window": "window functions cannot be used here, since a mapping sees one row at a time",
    "aggregate": "aggregates over several rows cannot be used here, since a mapping sees one row at a time",
    "unnest": UNNEST,
    "star": "* and columns() cannot be used here, since a field has one value",
    "rows": "subqueries over the rows of the file cannot be used here, since a mapping sees one row at a time",
}
_OF_TODAY = re.compile(
    r"now|today|current_(date|time|timestamp|localtime|localtimestamp)|get_current_(time|timestamp)|"
    r"transaction_timestamp|localtime|localtimestamp"
)
_UNNESTING = {"unnest", "unlist"}
_PREFIX = "select (\n"
_NOWHERE = 2**63


class NotOneExpression(ValueError):
    """A text that is not one SQL expression; the message is DuckDB's reason."""


@cache
def _functions() -> dict[str, str]:
    """Functions that need a closer look, by name: aggregate, window, volatile or unnest."""
    rows = query(
        "select function_name, function_type, stability, macro_definition from duckdb_functions() "
        "where function_type in ('aggregate', 'window', 'macro') or stability = 'VOLATILE'"
    )
    found = dict.fromkeys(_UNNESTING, "unnest")
    for name, kind, stability, definition in rows:
        if kind in ("aggregate", "window"):
            found[name] = kind
        elif stability == "VOLATILE" and name != "error":
            found[name] = "volatile"
        # A macro such as generate_subscripts is unnest under another name.
        elif kind == "macro" and "unnest(" in (definition or ""):
            found[name] = "unnest"
        elif kind == "macro" and name in ("weighted_avg", "wavg", "geomean", "variant_group_array"):
            found[name] = "aggregate"
    return found


@cache
def analysed(expression: str) -> Facts:
    """Return the facts about an expression. Raises `NotOneExpression`."""
    try:
        # Refuses a text that is not one expression, such as `1) from file_rows; drop table x; select (1`, which the
        # brackets below would turn into statements.
        duckdb.SQLExpression(expression)
    except duckdb.Error as error:
        raise NotOneExpression(_reason(error)) from None
    text = f"{_PREFIX}{expression}\n)"
    ((serialized,),) = query("select json_serialize_sql(?)", text)
    tree = json.loads(serialized)
    if tree.get("error"):
        raise NotOneExpression(str(tree.get("error_message")))
    (statement,) = tree["statements"]
    (root,) = statement["node"]["select_list"]
    return _Walk(text.encode()).facts(root)


def _reason(error: Exception) -> str:
    return str(error).split("\n\n")[0].replace("\n", " ")


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a node stands: names bound around it inside the expression, and whether it is in a subquery."""

    own: frozenset[str] = frozenset()
    is_subquery: bool = False


class _Walk:
    """A walk through the tree of one expression."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._references: list[Reference] = []
        self._comparisons: dict[tuple[int, str], Comparison] = {}
        self._perhaps: list[str] = []
        self._forbidden: list[str] = []
        self._changes: list[str] = []
        self._unwatched: list[str] = []

    def facts(self, root: Node) -> Facts:
        unnests = root.get("function_name", "").lower() in _UNNESTING and len(arguments(root)) == 1
        self._visit(arguments(root) if unnests else root, _Scope())
        return Facts(
            tuple(dict.fromkeys(self._references)),
            tuple(self._comparisons.values()),
            tuple(dict.fromkeys(self._perhaps)),
            next(iter(self._forbidden), ""),
            next(iter(self._changes), ""),
            all(map(is_constant, results(root))),
            column_of(wrapped) if (wrapped := wrapped_column(root)) and len(wrapped["column_names"]) == 1 else "",
            tuple(dict.fromkeys(self._unwatched)),
            unnests,
        )

    def _visit(self, node: Any, scope: _Scope) -> None:
        if isinstance(node, list):
            for item in node:
                self._visit(item, scope)
        elif isinstance(node, dict):
            visit = _VISITS.get(node.get("class", ""))
            if not (visit and visit(self, node, scope)):
                self._visit(list(node.values()), scope)

    def _column(self, node: Node, scope: _Scope) -> bool:
        name, start = column_of(node), node["query_location"]
        if name.lower() in scope.own or start >= _NOWHERE:
            return True
        if _OF_TODAY.fullmatch(name.lower()) and self._text[start : start + 1] != b'"':
            self._changes.append(name.lower())
        elif scope.is_subquery:
            self._perhaps.append(name)
        else:
            begin = start - len(_PREFIX)
            self._references.append(Reference(name, begin, begin + node["query_location_length"]))
        return True

    def _function(self, node: Node, scope: _Scope) -> bool:
        name = node["function_name"].lower()
        kind = _functions().get(name)
        if kind in _FORBIDDEN and not scope.is_subquery:
            self._forbidden.append(f"{name.removesuffix('_star')}: {_FORBIDDEN[kind]}")
        if reason := too_large(node):
            self._forbidden.append(reason)
        if kind == "volatile" or _OF_TODAY.fullmatch(name) or (name == "age" and len(arguments(node)) == 1):
            self._changes.append(name)
        self._unwatched += unwatched_in(node)
        if is_pattern(node):
            self._pattern(node, scope)
        self._look_up(node, scope)
        return False

    def _window(self, node: Node, scope: _Scope) -> bool:
        if not scope.is_subquery:
            self._forbidden.append(_FORBIDDEN["window"])
        return False

    def _star(self, node: Node, scope: _Scope) -> bool:
        if not scope.is_subquery:
            self._forbidden.append(_FORBIDDEN["star"])
        return True

    def _subquery(self, node: Node, scope: _Scope) -> bool:
        self._visit(node.get("child"), scope)
        values = listed(node)
        if values is not None:
            # `Status = any(['came', 'seen'])` is `Status in ('came', 'seen')`.
            self._compare(node["child"], elements(values), scope)
            self._visit(values, scope)
            return True
        self._unwatched += unwatched_in(node)
        if any(OUR_ROWS.fullmatch(table.lower()) for table in tables(node)):
            self._forbidden.append(_FORBIDDEN["rows"])
        self._visit(node.get("subquery"), replace(scope, is_subquery=True))
        return True

    def _lambda(self, node: Node, scope: _Scope) -> bool:
        bound = {column_of(ref).lower() for ref in of_class(node["lhs"], "COLUMN_REF")}
        used = {column_of(ref).lower() for ref in of_class(node["expr"], "COLUMN_REF")}
        if node["lhs"]["class"] == "COLUMN_REF" and node["syntax_type"] == "SINGLE_ARROW" and not bound & used:
            # `answers -> 'size'` takes a value out of JSON.
            return False
        self._visit(node["expr"], replace(scope, own=scope.own | bound))
        return True

    def _comparison(self, node: Node, scope: _Scope) -> bool:
        self._unwatched += unwatched_in(node)
        for compared, others in compared_in(node):
            self._compare(compared, others, scope)
        return False

    def _operator(self, node: Node, scope: _Scope) -> bool:
        self._look_up(node, scope)
        return self._comparison(node, scope)

    def _cast(self, node: Node, scope: _Scope) -> bool:
        self._unwatched += unwatched_in(node)
        return False

    def _look_up(self, node: Node, scope: _Scope) -> None:
        for key, others in looked_up_in(node):
            if any(literal_of(other) is None for other in others) and wrapped_column(key):
                # In `words[Status]` the name `words` may stand for a map of [let].
                self._unwatched.append(column_of(wrapped_column(key) or key))
            self._compare(key, others, scope)

    def _compare(self, compared: Any, others: Sequence[Node], scope: _Scope) -> None:
        literals = [literal_of(other) for other in others]
        if is_constant(compared) or None in literals or scope.own or scope.is_subquery:
            return
        column, sql = wrapped_column(compared), sql_of(compared)
        are_words = any(literal and literal["kind"] == "STRING" and literal["text"] for literal in literals)
        if are_words and (column is None or not is_whole_column(column)):
            self._unwatched += [column_of(ref) for ref in of_class(compared, "COLUMN_REF")]
        place = self._place(compared, sql) or (self._place(column, "") if column else None)
        if place is None:
            return
        given = [literal for literal in literals if literal is not None and literal["kind"] != "NULL_LITERAL"]
        key = place[0], sql
        name = column_of(column) if column and is_whole_column(column) else ""
        before = self._comparisons.get(key, Comparison(name, sql, start=place[0], end=place[1]))
        # `case Status when 'came' … when 'seen'` is two comparisons at one place.
        self._comparisons[key] = replace(
            before,
            constants=tuple(dict.fromkeys((*before.constants, *map(literal_sql, given)))),
            texts=tuple(dict.fromkeys((*before.texts, *(x["text"] for x in given if x["kind"] == "STRING")))),
        )

    def _place(self, node: Node, sql: str) -> tuple[int, int] | None:
        """The place of a node, if the text there reads as `sql`, if given: the place of a cast leaves out its value."""
        start, end = node["query_location"], node["query_location"] + node["query_location_length"]
        if start >= _NOWHERE:
            return None
        text = self._text[start:end].decode(errors="replace")
        return (start - len(_PREFIX), end - len(_PREFIX)) if not sql or same_sql(text, sql) else None

    def _pattern(self, node: Node, scope: _Scope) -> None:
        first, *rest = arguments(node)
        column = wrapped_column(first)
        if (
            column is None
            or not is_whole_column(column)
            or scope.own
            or scope.is_subquery
            or None in map(literal_of, rest)
        ):
            return
        fits = fit_of(node)
        self._comparisons[-1, fits] = Comparison(column_of(column), sql_of(first), pattern=fits)


_VISITS: dict[str, Callable[[_Walk, Node, _Scope], bool]] = {
    "COLUMN_REF": _Walk._column,
    "FUNCTION": _Walk._function,
    "WINDOW": _Walk._window,
    "STAR": _Walk._star,
    "SUBQUERY": _Walk._subquery,
    "LAMBDA": _Walk._lambda,
    "COMPARISON": _Walk._comparison,
    "OPERATOR": _Walk._operator,
    "CAST": _Walk._cast,
}
