"""Write a filter as a condition in SQL over a row `p`, its values bound."""

from __future__ import annotations

from typing import Any

from queries.language.filters import Clause, Node
from queries.language.operators import OPERATORS
from queries.language.resources import Field
from queries.statements.literals import Parameters

_CASTS = {"guid": "::uuid", "date": "::date", "instant": "::timestamp"}


def where_sql(node: Node, parameters: Parameters) -> str:
    """The condition over the alias p that is true for the rows to keep; adds its values to `parameters`."""
    if isinstance(node, Clause):
        return _clause_sql(node, parameters)
    parts = [where_sql(part, parameters) for part in node.parts]
    if node.joined == "not":
        return f"not coalesce({parts[0]}, false)"
    return f"({f' {node.joined} '.join(parts)})" if parts else "true"


def bound(value: Any, parameters: Parameters, field: Field, many: bool = False) -> str:
    """Bind a value of a field, or a list with `many`, and return its name, cast to the field's type."""
    return _bound(value, parameters, _CASTS.get(field.type, ""), many)


def _clause_sql(clause: Clause, parameters: Parameters) -> str:
    operator = OPERATORS[clause.operator]
    column = clause.field.sql
    # A list that held nothing but null.
    if clause.value == []:
        return f"{column} is {'not ' if clause.operator == '$nin' else ''}null"
    if operator.operand == "value" and clause.value is None:
        return f"{column} is {'null' if clause.operator == '$eq' else 'not null'}"
    cast = "" if operator.operand == "boolean" else _CASTS.get(clause.field.type, "")
    text = operator.sql.format(f=column, v=_bound(clause.value, parameters, cast, operator.operand == "list"))
    if not clause.or_null:
        return text
    return f"({text} and {column} is not null)" if clause.operator == "$nin" else f"({text} or {column} is null)"


def _bound(value: Any, parameters: Parameters, cast: str, many: bool) -> str:
    name = f"v{len(parameters)}"
    parameters[name] = value
    return f"${name}{cast}[]" if many and cast else f"${name}{cast}"
