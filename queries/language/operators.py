"""The operators, each with its SQL, its English and its kind of operand.

In the SQL, {f} is the column and {v} the bound value. A missing value is equal to null only: `$ne` and `$nin` keep
rows without a value, comparisons of order leave them out. Text is matched without regard to case. A condition that is
null keeps no row, so a negation first turns null into false. Comparisons are plain wherever they can be: wrapped in
`coalesce` they would not let DuckDB skip whole blocks of a table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator; `operand` is value (null allowed), ordered (no null), list or boolean."""

    sql: str
    english: str
    operand: str


OPERATORS = {
    "$eq": Operator("{f} = {v}", "is", "value"),
    "$ne": Operator("{f} is distinct from {v}", "is not", "value"),
    "$gt": Operator("{f} > {v}", "is above", "ordered"),
    "$gte": Operator("{f} >= {v}", "is at least", "ordered"),
    "$lt": Operator("{f} < {v}", "is below", "ordered"),
    "$lte": Operator("{f} <= {v}", "is at most", "ordered"),
    "$in": Operator("{f} in (select unnest({v}))", "is one of", "list"),
    "$nin": Operator("not coalesce({f} in (select unnest({v})), false)", "is none of", "list"),
    "$hasSome": Operator("{f} in (select unnest({v}))", "is one of", "list"),
    "$exists": Operator("({f} is not null) = {v}", "has a value:", "boolean"),
    "$isEmpty": Operator("({f} is null or {f} = '') = {v}", "is empty:", "boolean"),
    "$startsWith": Operator("starts_with(lower({f}), lower({v}))", "starts with", "ordered"),
    "$endsWith": Operator("suffix(lower({f}), lower({v}))", "ends with", "ordered"),
    "$contains": Operator("contains(lower({f}), lower({v}))", "contains", "ordered"),
}
