"""Separate valid rows from those that break a rule of their columns."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from pandera.errors import SchemaError, SchemaErrors

from pipeline.faults import Fault
from pipeline.typing.typed_rows import pointer
from pipeline.validation.pandera_models import named_rules, whole_rows
from queries.model.columns import Entity

# Columns for which a missing value breaks a rule of its own, instead of `required`.
_MISSING = {"session_key": "no_session_key", "status": "status_unknown"}


def validated(typed: pl.DataFrame, entity: Entity, faulty: Iterable[Fault] = ()) -> tuple[pl.DataFrame, list[Fault]]:
    """Check rows against the entity's rules, leaving out records known to be `faulty` already.

    `typed` has `record` (Int64) and the entity's columns, as `typed_rows` returns them. Chunks of some ten thousand
    rows keep the cost of bad rows bounded, since pandera lists every failing value. Returns the valid rows, and one
    fault per record and column found here.
    """
    known = {fault.record for fault in faulty}
    candidates = typed.filter(~pl.col("record").is_in(list(known))) if known else typed
    keeps_all = _keeps_all(candidates, entity)
    if keeps_all is None:
        return candidates, []
    return candidates.filter(keeps_all), _named(candidates.filter(~keeps_all), entity)


def _keeps_all(rows: pl.DataFrame, entity: Entity) -> pl.Series | None:
    """For each row whether it keeps every rule; or None if all do. Raises `RuntimeError` for columns of other types."""
    try:
        whole_rows(entity).validate(rows.drop("record"))
    except SchemaError as error:
        if not isinstance(error.check_output, pl.DataFrame) or len(error.check_output) != len(rows):
            raise RuntimeError(f"validation of {entity.name} failed without a row: {error}") from error
        return error.check_output.to_series()
    return None


def _named(rows: pl.DataFrame, entity: Entity) -> list[Fault]:
    """The faults of rows that break a rule. Raises `RuntimeError` if the two models differ about one of them."""
    try:
        named_rules(entity).validate(rows.drop("record"), lazy=True)
    except SchemaErrors as errors:
        faults = _faults(errors.failure_cases, rows, entity)
        if {fault.record for fault in faults} == set(rows["record"]):
            return faults
    raise RuntimeError(f"validation of {entity.name} names no rule for a row that breaks one")


def _faults(cases: pl.DataFrame, rows: pl.DataFrame, entity: Entity) -> list[Fault]:
    """One fault per record and column, for the first rule broken. Raises `RuntimeError` for an error without a row."""
    if cases["index"].null_count():
        raise RuntimeError(f"validation of {entity.name} failed without a row: {cases.row(0)}")
    records = rows["record"]
    first = cases.unique(["index", "column"], keep="first", maintain_order=True)
    return [
        Fault(records[index], _rule(check, column), pointer(entity.wire(column)), entity=entity.name)
        for index, column, check in first.select("index", "column", "check").iter_rows()
    ]


def _rule(check: str, column: str) -> str:
    return _MISSING.get(column, "required") if check == "not_nullable" else check
