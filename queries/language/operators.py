"""The operators: for each its SQL, its English, and what kind of operand it takes.

In the SQL, {f} is the column and {v} the bound value. A missing value is equal to null only: `$ne` and `$nin` keep
rows without a value, comparisons of order leave them out. Text is matched without regard to case.
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
    "$eq": Operator("{f} is not distinct from {v}", "is", "value"),
    "$ne": Operator("{f} is distinct from {v}", "is not", "value"),
    "$gt": Operator("coalesce({f} > {v}, false)", "is above", "ordered"),
    "$gte": Operator("coalesce({f} >= {v}, false)", "is at least", "ordered"),
    "$lt": Operator("coalesce({f} < {v}, false)", "is below", "ordered"),
    "$lte": Operator("coalesce({f} <= {v}, false)", "is at most", "ordered"),
    "$in": Operator("coalesce({f} in (select unnest({v})), false)", "is one of", "list"),
    "$nin": Operator("not coalesce({f} in (select unnest({v})), false)", "is none of", "list"),
    "$hasSome": Operator("coalesce({f} in (select unnest({v})), false)", "is one of", "list"),
    "$exists": Operator("({f} is not null) = {v}", "has a value:", "boolean"),
    "$isEmpty": Operator("({f} is null or {f} = '') = {v}", "is empty:", "boolean"),
    "$startsWith": Operator("coalesce(starts_with(lower({f}), lower({v})), false)", "starts with", "ordered"),
    "$endsWith": Operator("coalesce(suffix(lower({f}), lower({v})), false)", "ends with", "ordered"),
    "$contains": Operator("coalesce(contains(lower({f}), lower({v})), false)", "contains", "ordered"),
}
