"""Find out what an SQL expression of a mapping reads and does, from DuckDB's own parse tree of it.

Nothing is evaluated here: text in, facts out. Places in the text are offsets in its UTF-8 bytes, as DuckDB counts them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import duckdb

Node = dict[str, Any]

# Tables that the evaluation of a mapping makes. A subquery that reads one would see a chunk of the file, not all of it.
_OUR_ROWS = re.compile(r"source|source_\d+|file_rows")
_FORBIDDEN = {
    "window": "window functions cannot be used here, since a mapping sees one row at a time",
    "aggregate": "aggregates over several rows cannot be used here, since a mapping sees one row at a time",
    "unnest": "an expression cannot make several rows of one",
    "star": "* and columns() cannot be used here, since a field has one value",
    "rows": "subqueries over the rows of the file cannot be used here, since a mapping sees one row at a time",
}
_LITERALS = {"STRING", "INTEGER", "NUMERIC", "BOOLEAN", "NULL_LITERAL"}
_EQUALS = {
    "COMPARE_EQUAL",
    "COMPARE_NOTEQUAL",
    "COMPARE_DISTINCT_FROM",
    "COMPARE_NOT_DISTINCT_FROM",
    "COMPARE_IN",
    "COMPARE_NOT_IN",
}
_PATTERNS = {"~~", "!~~", "~~*", "!~~*", "starts_with", "ends_with", "contains", "prefix", "suffix", "regexp_matches"}
# Functions that leave a value what it is: `lower(trim("Status")) = 'no show'` is a comparison of Status.
_WRAPPERS = {
    "lower",
    "lcase",
    "upper",
    "ucase",
    "trim",
    "ltrim",
    "rtrim",
    "strip_accents",
    "nfc_normalize",
    "nullif",
    "replace",
}
_OF_TODAY = {
    "now",
    "today",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_localtime",
    "current_localtimestamp",
    "get_current_time",
    "get_current_timestamp",
    "transaction_timestamp",
    "localtime",
    "localtimestamp",
}
_UNNESTING = {"unnest", "unlist"}
_PREFIX = "select (\n"
_NOWHERE = 2**63


class NotOneExpression(ValueError):
    """A text that is not one SQL expression; the message is DuckDB's reason."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column or named expression that is read: its name as written, and its place in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of a column with constants: `lower(Status) in ('came', 'seen')`.

    `compared` is the SQL of the compared side, `constants` are SQL literals and `texts` those of them that are texts.
    `start` and `end` are the place of the compared side in the text, where it is a text that can be folded. A pattern,
    such as `Status like 'no%'`, has no constants, and `pattern` is the SQL that says whether it fits.
    """

    name: str
    compared: str
    constants: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an expression reads, what it compares, and why it may not be used in a mapping (or an empty text).

    `perhaps` are names in subqueries, which may be columns or the subquery's own. `changes` names a function whose
    value differs from load to load, such as `random` or `now`. `is_made` says that every value it can give is a
    constant of the mapping itself. `wraps` is the column whose value it gives, as it is or in other case.
    """

    references: tuple[Reference, ...]
    comparisons: tuple[Comparison, ...]
    perhaps: tuple[str, ...] = ()
    forbidden: str = ""
    changes: str = ""
    is_made: bool = False
    wraps: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names it reads, each once."""
        return tuple(dict.fromkeys(reference.name for reference in self.references))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set enable_external_access = false")
    return connection


def _query(statement: str, *values: object) -> list[tuple[Any, ...]]:
    return _parser().cursor().execute(statement, list(values)).fetchall()


@cache
def _functions() -> dict[str, str]:
    """Functions that need a closer look, by name: aggregate, window, volatile or unnest."""
    rows = _query(
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
    ((serialized,),) = _query("select json_serialize_sql(?)", text)
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

    def facts(self, root: Node) -> Facts:
        self._visit(root, _Scope())
        return Facts(
            tuple(dict.fromkeys(self._references)),
            tuple(self._comparisons.values()),
            tuple(dict.fromkeys(self._perhaps)),
            next(iter(self._forbidden), ""),
            next(iter(self._changes), ""),
            all(map(_is_constant, _results(root))),
            _column_of(wrapped) if (wrapped := _wrapped_column(root)) and len(wrapped["column_names"]) == 1 else "",
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
        name, start = _column_of(node), node["query_location"]
        if name.lower() in scope.own or start >= _NOWHERE:
            return True
        if name.lower() in _OF_TODAY and self._text[start : start + 1] != b'"':
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
        if kind == "volatile" or name in _OF_TODAY or (name == "age" and len(_arguments(node)) == 1):
            self._changes.append(name)
        if name in _PATTERNS:
            self._pattern(node, scope)
        elif name in ("list_contains", "list_has", "array_contains", "array_has") and len(_arguments(node)) > 1:
            self._compare(_arguments(node)[1], _elements(_arguments(node)[0]), scope)
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
        listed = _listed(node)
        if listed is not None:
            # `Status = any(['came', 'seen'])` is `Status in ('came', 'seen')`.
            self._compare(node["child"], _elements(listed), scope)
            self._visit(listed, scope)
            return True
        if any(_OUR_ROWS.fullmatch(table.lower()) for table in _tables(node)):
            self._forbidden.append(_FORBIDDEN["rows"])
        self._visit(node.get("subquery"), replace(scope, is_subquery=True))
        return True

    def _lambda(self, node: Node, scope: _Scope) -> bool:
        bound = {_column_of(ref).lower() for ref in _of_class(node["lhs"], "COLUMN_REF")}
        used = {_column_of(ref).lower() for ref in _of_class(node["expr"], "COLUMN_REF")}
        if node["lhs"]["class"] == "COLUMN_REF" and node["syntax_type"] == "SINGLE_ARROW" and not bound & used:
            # `answers -> 'size'` takes a value out of JSON.
            return False
        self._visit(node["expr"], replace(scope, own=scope.own | bound))
        return True

    def _comparison(self, node: Node, scope: _Scope) -> bool:
        if node["type"] in _EQUALS:
            self._compare(node["left"], [node["right"]], scope)
            self._compare(node["right"], [node["left"]], scope)
        return False

    def _operator(self, node: Node, scope: _Scope) -> bool:
        if node["type"] in _EQUALS:
            self._compare(node["children"][0], node["children"][1:], scope)
        return False

    def _compare(self, compared: Any, others: Sequence[Node], scope: _Scope) -> None:
        column = _wrapped_column(compared)
        literals = [_literal(other) for other in others]
        if column is None or scope.own or scope.is_subquery or None in literals or column["query_location"] >= _NOWHERE:
            return
        given = [literal for literal in literals if literal is not None and literal["kind"] != "NULL_LITERAL"]
        start, end = self._place(compared, column)
        key = start, self._sql(compared)
        before = self._comparisons.get(key, Comparison(_column_of(column), key[1], start=start, end=end))
        # `case Status when 'came' … when 'seen'` is two comparisons at one place.
        self._comparisons[key] = replace(
            before,
            constants=tuple(dict.fromkeys((*before.constants, *map(_literal_sql, given)))),
            texts=tuple(dict.fromkeys((*before.texts, *(x["text"] for x in given if x["kind"] == "STRING")))),
        )

    def _place(self, compared: Node, column: Node) -> tuple[int, int]:
        """The place of the compared side if it is a call; else that of the column in it."""
        for node in (compared, column):
            start, length = node["query_location"], node["query_location_length"]
            text = self._text[start : start + length].decode(errors="replace").lower()
            if node is column or (node["class"] == "FUNCTION" and text.startswith(node["function_name"].lower())):
                break
        return start - len(_PREFIX), start - len(_PREFIX) + length

    def _pattern(self, node: Node, scope: _Scope) -> None:
        first, *rest = _arguments(node)
        column = _wrapped_column(first)
        if column is None or scope.own or scope.is_subquery or None in map(_literal, rest):
            return
        name = node["function_name"].removeprefix("!")
        fits = self._sql({**node, "function_name": name, "qualified_name": {"path": [name]}})
        self._comparisons[-1, fits] = Comparison(_column_of(column), self._sql(first), pattern=fits)

    def _sql(self, node: Node) -> str:
        """The SQL of a node, as DuckDB writes it from the tree."""
        tree = json.loads(_query("select json_serialize_sql('select 1')")[0][0])
        tree["statements"][0]["node"]["select_list"] = [node]
        ((sql,),) = _query("select json_deserialize_sql(?::json)", json.dumps(tree))
        return str(sql).removeprefix("SELECT ")


def _column_of(node: Node) -> str:
    """The name of a column; `source."Class"` is Class, and `made.a` a field of the named expression `made`."""
    names: list[str] = node["column_names"]
    return names[1] if len(names) > 1 and _OUR_ROWS.fullmatch(names[0].lower()) else names[0]


def _arguments(node: Node) -> list[Node]:
    return [argument["expression"] for argument in node.get("arguments") or ()]


def _elements(node: Node) -> list[Node]:
    """The elements of a list that is written out; for anything else, the node itself, which is not a constant."""
    return _arguments(node) if node.get("function_name") == "list_value" else [node]


def _listed(node: Node) -> Node | None:
    """The list of `= any(list)`, which DuckDB reads as a subquery that unnests it."""
    inner = node["subquery"]["node"]
    outputs = inner.get("select_list") or ()
    if node["subquery_type"] != "ANY" or inner.get("from_table", {}).get("type") != "EMPTY" or len(outputs) != 1:
        return None
    output: Node = outputs[0]
    return _arguments(output)[0] if output.get("function_name") == "unnest" else None


def _tables(node: Node) -> Iterator[str]:
    for value in _nodes(node):
        if value.get("type") == "BASE_TABLE":
            yield str(value.get("table_name") or (value.get("qualified_name") or {}).get("path", [""])[-1])


def _of_class(node: Any, name: str) -> Iterator[Node]:
    return (value for value in _nodes(node) if value.get("class") == name)


def _nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    for value in node if isinstance(node, list) else ():
        yield from _nodes(value)


def _results(node: Node) -> Iterator[Node]:
    """The nodes of which one gives the value: the branches of a case, else the node itself."""
    if node["class"] != "CASE":
        yield node
        return
    for branch in (*(check["then_expr"] for check in node["case_checks"]), node["else_expr"]):
        yield from _results(branch)


def _is_constant(node: Node) -> bool:
    return _literal(node) is not None


def _literal(node: Node) -> Node | None:
    """The literal of a constant that can be compared with a text, else None."""
    literal: Node = node.get("literal") or {}
    return literal if literal.get("kind") in _LITERALS else None


def _literal_sql(literal: Node) -> str:
    text = str(literal["text"])
    return "'" + text.replace("'", "''") + "'" if literal["kind"] == "STRING" else text


def _wrapped_column(node: Node) -> Node | None:
    """The column of a node that is a column, or one in calls that leave a value what it is: `lower(trim(Status))`."""
    if node["class"] == "COLUMN_REF":
        return node
    if node["class"] in ("CAST", "COLLATE"):
        return _wrapped_column(node["child"])
    if node["class"] == "FUNCTION" and node["function_name"].lower() in _WRAPPERS:
        parts = _arguments(node)
    elif node["class"] == "OPERATOR" and node["type"] == "OPERATOR_COALESCE":
        parts = node["children"]
    else:
        return None
    return _wrapped_column(parts[0]) if parts and all(map(_is_constant, parts[1:])) else None


_VISITS: dict[str, Callable[[_Walk, Node, _Scope], bool]] = {
    "COLUMN_REF": _Walk._column,
    "FUNCTION": _Walk._function,
    "WINDOW": _Walk._window,
    "STAR": _Walk._star,
    "SUBQUERY": _Walk._subquery,
    "LAMBDA": _Walk._lambda,
    "COMPARISON": _Walk._comparison,
    "OPERATOR": _Walk._operator,
}
