"""Read DuckDB's parse tree of an SQL expression: its columns, constants and calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

Node = dict[str, Any]

# Tables that the evaluation of a mapping makes. A subquery that reads one would see a chunk of the file, not all of it.
OUR_ROWS = re.compile(r"source|source_\d+|file_rows")
_LITERALS = {"STRING", "INTEGER", "NUMERIC", "BOOLEAN", "NULL_LITERAL"}
# Functions that keep the meaning of a value: `lower(trim("Status")) = 'no show'` is a comparison of Status.
_WRAPPERS = re.compile(r"lower|lcase|upper|ucase|l?r?trim|strip_accents|nfc_normalize|nullif|replace")


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set enable_external_access = false")
    return connection


def query(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run a statement on a connection that reads no data, only texts of SQL."""
    return _parser().cursor().execute(statement, list(values)).fetchall()


def sql_of(node: Node) -> str:
    """The SQL of a node, as DuckDB writes it from the tree."""
    tree = json.loads(query("select json_serialize_sql('select 1')")[0][0])
    tree["statements"][0]["node"]["select_list"] = [node]
    ((sql,),) = query("select json_deserialize_sql(?::json)", json.dumps(tree))
    return str(sql).removeprefix("SELECT ")


def same_sql(text: str, sql: str) -> bool:
    """Whether a text is an expression that DuckDB would write as `sql`."""
    tree = json.loads(query("select json_serialize_sql(?)", f"select ({text}\n)")[0][0])
    if tree.get("error") or len(tree["statements"]) != 1:
        return False
    return [sql_of(node) for node in tree["statements"][0]["node"].get("select_list", ())] == [sql]


def column_of(node: Node) -> str:
    """The name of a column; `source."Class"` is Class, and `made.a` a field of the named expression `made`."""
    names: list[str] = node["column_names"]
    return names[1] if len(names) > 1 and OUR_ROWS.fullmatch(names[0].lower()) else names[0]


def arguments(node: Node) -> list[Node]:
    """The arguments of a call."""
    return [argument["expression"] for argument in node.get("arguments") or ()]


def elements(node: Node) -> list[Node]:
    """The elements of a list that is written out; for anything else, the node itself, which is not a constant."""
    return arguments(node) if node.get("function_name") == "list_value" else [node]


def listed(node: Node) -> Node | None:
    """The list of `= any(list)`, which DuckDB reads as a subquery that unnests it."""
    inner = node["subquery"]["node"]
    outputs: list[Node] = inner.get("select_list") or []
    if node["subquery_type"] != "ANY" or inner.get("from_table", {}).get("type") != "EMPTY" or len(outputs) != 1:
        return None
    return arguments(outputs[0])[0] if outputs[0].get("function_name") == "unnest" else None


def tables(node: Node) -> Iterator[str]:
    """The names of the tables that a subquery reads."""
    for value in nodes(node):
        if value.get("type") == "BASE_TABLE":
            yield str(value.get("table_name") or (value.get("qualified_name") or {}).get("path", [""])[-1])


def of_class(node: Any, name: str) -> Iterator[Node]:
    """The nodes of a class in a tree."""
    return (value for value in nodes(node) if value.get("class") == name)


def nodes(node: Any) -> Iterator[Node]:
    """All nodes of a tree."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    for value in node if isinstance(node, list) else ():
        yield from nodes(value)


def results(node: Node) -> Iterator[Node]:
    """The nodes of which one gives the value: the branches of a case, else the node itself."""
    if node["class"] != "CASE":
        yield node
        return
    for branch in (*(check["then_expr"] for check in node["case_checks"]), node["else_expr"]):
        yield from results(branch)


def is_constant(node: Node) -> bool:
    """Whether a node is a constant that can be compared with a text."""
    return literal_of(node) is not None


def literal_of(node: Node) -> Node | None:
    """The literal of a constant that can be compared with a text, else None."""
    literal: Node = node.get("literal") or {}
    return literal if literal.get("kind") in _LITERALS else None


def literal_sql(literal: Node) -> str:
    """A literal as SQL."""
    text = str(literal["text"])
    return "'" + text.replace("'", "''") + "'" if literal["kind"] == "STRING" else text


def is_whole_column(node: Node) -> bool:
    """Whether a column is meant as a whole, not a field of the struct that it holds, as in `cell.mark`."""
    names = node["column_names"]
    return len(names) == 1 or bool(OUR_ROWS.fullmatch(names[0].lower()))


def wrapped_column(node: Node) -> Node | None:
    """The column that a node is, also within calls that keep the meaning of a value: `lower(trim(Status))`."""
    if node["class"] == "COLUMN_REF":
        return node
    if node["class"] in ("CAST", "COLLATE"):
        return wrapped_column(node["child"])
    if node["class"] == "FUNCTION" and _WRAPPERS.fullmatch(node["function_name"].lower()):
        parts = arguments(node)
    elif node["class"] == "OPERATOR" and node["type"] == "OPERATOR_COALESCE":
        parts = node["children"]
    else:
        return None
    return wrapped_column(parts[0]) if parts and all(map(is_constant, parts[1:])) else None
