"""The law of tests/ingest/test_faults.py over ten thousand records with faults, in about two minutes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from support.modules import module_of

import pipeline
from pipeline.store.opening import Store

law = module_of("ingest/test_faults.py")


@pytest.fixture(scope="module")
def store_of_faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("stress") / "attendance.duckdb"
    with pipeline.open_store(path, settings=pipeline.Settings.model_validate({})) as opened:
        yield opened


@settings(max_examples=500, deadline=None)
@given(file=law.files(25))
def test_ten_thousand_records_with_faults_meet_the_fate_the_oracle_tells(
    store_of_faults: Store, tmp_path_factory: pytest.TempPathFactory, file: Any
) -> None:
    """Five hundred files of twenty records with faults and five sound or repeated ones."""
    law.hold(store_of_faults, tmp_path_factory.getbasetemp() / "faults", *file)
