"""The pandera models of an entity, made from its table of columns: one for whole rows, one that names the rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandera.polars as pa
import polars as pl

from pipeline.typing.dtypes import DTYPES
from queries.model.attributes import is_attributes
from queries.model.columns import Column, Entity
from queries.model.rules import CONTROL, CONTROL_IN_ID, EVENT_LENGTHS, GUID, MAX_ATTENDEES, MAX_TEXT
from queries.model.zones import known_zones


def _each(is_right: Callable[[str], bool]) -> Callable[[pl.Expr, Column], pl.Expr]:
    """The rule that a value keeps for which `is_right` is true.

    Many rows have the same value, so each is looked at once. If no row has a value, nothing is: to list the zones of
    the machine takes 26 ms, a thirtieth of a mark as a command.
    """

    def kept(texts: pl.Series) -> pl.Series:
        different = texts.unique().drop_nulls()
        are = pl.Series(map(is_right, different), dtype=pl.Boolean)
        return texts.replace_strict(different, are, default=None, return_dtype=pl.Boolean)

    return lambda values, _: values.map_batches(kept, return_dtype=pl.Boolean)


# The name of a rule -> the expression over a column's values that is true for the values that keep it.
EXPRESSIONS: dict[str, Callable[[pl.Expr, Column], pl.Expr]] = {
    "control_char": lambda values, column: ~values.str.contains(CONTROL if column.kind == "text" else CONTROL_IN_ID),
    "id_format": lambda values, _: values.str.contains(GUID),
    "event_id_length": lambda values, _: values.str.len_chars().is_between(*EVENT_LENGTHS),
    "text_length": lambda values, _: values.str.len_chars() <= MAX_TEXT,
    "timezone_unknown": _each(lambda zone: zone in known_zones()),
    "attendees_range": lambda values, _: values.is_between(0, MAX_ATTENDEES),
    "number_range": lambda values, _: values >= 0,
    "weight_range": lambda values, _: values >= 1,
    "attributes_form": _each(is_attributes),
    "status_unknown": lambda values, column: values.is_in(list(column.choices)),
    "ends_before_start": lambda values, _: (values >= pl.col("starts_at")).fill_null(True),
}

# A rule -> those that every value keeps which keeps it: they need not be asked for where rules are not named.
_IMPLIED = {"id_format": ("control_char",), "status_unknown": ("control_char", "text_length")}


@cache
def whole_rows(entity: Entity) -> pa.DataFrameSchema:
    """The pandera model that says which typed rows keep every rule of their entity, not which rule the others break.

    Its two checks are named `types` and `row`. One pass over all columns costs a thirtieth of `named_rules`, whose
    checks pandera runs one by one, each with a reading of the whole frame: 2 instead of 70 ms for a file of one
    booking, which would otherwise be half of its load.
    """
    types = {column.name: DTYPES[column.kind] for column in entity.columns}
    conditions = [condition for column in entity.columns for condition in _conditions(column)]
    return pa.DataFrameSchema(
        checks=[
            pa.Check(lambda data: dict(data.lazyframe.collect_schema()) == types, name="types"),
            # The rows at fault are read off the check's output: listing their values is left to `named_rules`.
            pa.Check(lambda data: data.lazyframe.select(pl.all_horizontal(conditions)), name="row", n_failure_cases=1),
        ]
    )


def _conditions(column: Column) -> list[pl.Expr]:
    """The conditions of the rules of a column. A missing value breaks none but `required`."""
    implied = {rule for stricter in column.rules for rule in _IMPLIED.get(stricter, ())}
    asked = [rule for rule in column.rules if rule not in implied]
    rules = [EXPRESSIONS[rule](pl.col(column.name), column).fill_null(True) for rule in asked]
    return [pl.col(column.name).is_not_null(), *rules] if column.required else rules


@cache
def named_rules(entity: Entity) -> pa.DataFrameSchema:
    """The pandera model for the typed rows of an entity, with a check named after each rule."""
    return pa.DataFrameSchema({column.name: _pandera_column(column) for column in entity.columns})


def _pandera_column(column: Column) -> pa.Column:
    return pa.Column(
        DTYPES[column.kind],
        checks=[_check(rule, column) for rule in column.rules],
        nullable=not column.required,
        description=column.meaning,
    )


def _check(rule: str, column: Column) -> pa.Check:
    holds = EXPRESSIONS[rule]
    return pa.Check(lambda data: data.lazyframe.select(holds(pl.col(data.key), column)), name=rule)
