"""Separate valid rows from those that break a rule of their columns."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from pandera.errors import SchemaErrors

from pipeline.faults import Fault
from pipeline.typing.typed_rows import pointer
from pipeline.validation.pandera_models import model_of
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
    try:
        model_of(entity).validate(candidates.drop("record"), lazy=True)
    except SchemaErrors as errors:
        faults = _faults(errors.failure_cases, candidates, entity)
        broken = [fault.record for fault in faults]
        return candidates.filter(~pl.col("record").is_in(broken)), faults
    return candidates, []


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
