"""Files changed at random are read, set aside in part or refused in one line, and every record is accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.mutations import FILES, load_changed

from pipeline.store.opening import Store


@pytest.mark.parametrize("times", [1, pytest.param(30, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_read_or_refused(store: Store, tmp_path: Path, name: str, times: int) -> None:
    load_changed(store, tmp_path / name, range(times))
