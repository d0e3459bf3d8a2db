"""A load asks the database only about entities that its file has, and about stored rows only if it meets any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.fixtures import Load
from support.records import Make

from pipeline.load import file_load, history
from queries.model.columns import Entity

# The statements that are about every entity, whether it has rows or not: they make its staging table.
_FOR_ALL = {"staging"}
# Those that are about stored rows which staged ones meet.
_OF_MET = {"judge", "judge_by_id", "replaced", "replaced_undated", "replaced_content", "keep_replaced", "twice"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """The statements that were asked for, each with its entity."""
    statements: list[tuple[str, str]] = []
    real = file_load.merge_sql

    def noted(name: str, entity: Entity, *key: Any) -> str:
        statements.append((name, entity.name))
        return real(name, entity, *key)

    for module in (file_load, history):
        monkeypatch.setattr(module, "merge_sql", noted)
    yield statements
    assert statements


def test_entities_without_rows_are_asked_nothing(load: Load, make: type[Make], asked: list[tuple[str, str]]) -> None:
    load(*(make.attendance(number, "ATTENDED") for number in range(3)))
    assert {entity for name, entity in asked if name not in _FOR_ALL} == {"attendance"}
    asked.clear()
    load(make.attendance(7, "ATTENDED"), make.attendance(7, "NOT_ATTENDED"))  # one of them is set aside
    assert {entity for name, entity in asked if name not in _FOR_ALL} == {"attendance"}


def test_statements_about_stored_rows_run_if_any_is_met(
    load: Load, make: type[Make], asked: list[tuple[str, str]]
) -> None:
    load(make.attendance(1, "ATTENDED"))
    load(make.attendance(2, "ATTENDED"))
    assert {name for name, _ in asked} & _OF_MET == set()
    asked.clear()
    outcome = load(make.attendance(2, "NOT_ATTENDED"), make.attendance(3, "ATTENDED"))
    assert {name for name, _ in asked} >= _OF_MET
    assert outcome.loaded == 2
