"""Validation: the one check over whole rows and the checks by rule are of one mind, and columns have their types."""

from __future__ import annotations

import polars as pl
import pytest
from pandera.errors import SchemaError

from pipeline.typing.dtypes import DTYPES
from pipeline.validation.pandera_models import EXPRESSIONS, named_rules, whole_rows
from pipeline.validation.valid_rows import validated
from queries.model.columns import Column, Entity
from queries.model.entities import TABLES

GUID = "00000001-0000-4000-8000-000000000001"
# A value that breaks the rule, in a column of a kind that has it.
BREAKING: dict[str, tuple[str, object]] = {
    "control_char": ("text", "a\x00b"),
    "id_format": ("guid", "12"),
    "event_id_length": ("event", "short"),
    "text_length": ("word", "x" * 10_001),
    "timezone_unknown": ("zone", "Mars/Olympus"),
    "attendees_range": ("attendees", 100_001),
    "number_range": ("whole", -1),
    "weight_range": ("whole", 0),
    "attributes_form": ("attributes", "[1]"),
    "status_unknown": ("word", "GONE"),
    "ends_before_start": ("instant", None),
}


def entity_with(rule: str, required: bool = False) -> Entity:
    kind, _ = BREAKING[rule]
    further = (rule,) if rule in ("weight_range", "ends_before_start") else ()
    choices = ("HERE",) if rule == "status_unknown" else ()
    column = Column("value", kind, "value", "A value.", required=required, choices=choices, further_rules=further)
    start = Column("starts_at", "instant", "start", "The start.")
    return Entity("made_up", "An entity.", (column, start), ("value",), ())


def rows_of(entity: Entity, *values: object) -> pl.DataFrame:
    start = pl.datetime(2026, 3, 2)
    kind = entity.kind("value")
    frame = pl.DataFrame({"record": range(len(values)), "value": pl.Series(values, dtype=DTYPES[kind], strict=False)})
    return frame.with_columns(starts_at=start.cast(DTYPES["instant"]))


def test_every_rule_has_a_value_that_breaks_it() -> None:
    assert {*BREAKING} == {*EXPRESSIONS}


@pytest.mark.parametrize("rule", [rule for rule in BREAKING if rule != "ends_before_start"])
def test_a_row_that_breaks_a_rule_is_set_aside_under_its_name(rule: str) -> None:
    entity = entity_with(rule)
    valid, faults = validated(rows_of(entity, None, BREAKING[rule][1], None), entity)
    assert valid["record"].to_list() == [0, 2]
    assert [(fault.record, fault.rule) for fault in faults] == [(1, rule)]


def test_an_end_before_its_start_is_set_aside() -> None:
    entity = entity_with("ends_before_start")
    rows = rows_of(entity, None, None, None).with_columns(
        value=pl.Series(["2026-03-01", "2026-03-02", None]).str.to_datetime(time_unit="us")
    )
    valid, faults = validated(rows, entity)
    assert valid["record"].to_list() == [1, 2]
    assert [(fault.record, fault.rule) for fault in faults] == [(0, "ends_before_start")]


def test_a_missing_value_breaks_no_rule_but_required() -> None:
    entity = entity_with("id_format", required=True)
    valid, faults = validated(rows_of(entity, GUID, None), entity)
    assert valid["record"].to_list() == [0]
    assert [(fault.record, fault.rule) for fault in faults] == [(1, "required")]


def test_records_at_fault_already_are_left_out() -> None:
    entity = entity_with("id_format")
    _, (fault, *_) = validated(rows_of(entity, "1", "2"), entity)
    valid, faults = validated(rows_of(entity, "1", GUID), entity, [fault])
    assert (valid["record"].to_list(), faults) == ([1], [])


@pytest.mark.parametrize("entity", TABLES.values(), ids=TABLES)
def test_columns_of_another_type_are_a_bug(entity: Entity) -> None:
    whole = pl.DataFrame(schema={column.name: DTYPES[column.kind] for column in entity.columns})
    assert whole_rows(entity).validate(whole).is_empty()
    assert named_rules(entity).validate(whole, lazy=True).is_empty()
    other = whole.with_columns(pl.col(entity.names[0]).cast(pl.Binary)).with_columns(record=pl.lit(0))
    with pytest.raises(SchemaError):
        whole_rows(entity).validate(other.drop("record"))
    with pytest.raises(RuntimeError, match="failed without a row"):
        validated(other, entity)
