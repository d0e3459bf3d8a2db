"""Load small files with a mapping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.load.outcomes import FileOutcome
from pipeline.store.opening import Store

Load = Callable[..., FileOutcome]


@pytest.fixture
def load_mapped(store: Store, tmp_path: Path) -> Load:
    """A function that loads a text under a mapping and returns its outcome."""

    def load(toml: str, text: str, name: str = "visits.csv") -> Any:
        (tmp_path / "system.toml").write_text(toml, encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
        (outcome,) = pipeline.ingest(store, [tmp_path / name], mapping=tmp_path / "system.toml")
        return outcome

    return load
