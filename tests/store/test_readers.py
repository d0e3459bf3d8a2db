"""Readers and shells open the published snapshot while loads are published: no error, and nothing half."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.readers import SHELL, read_while_publishing


@pytest.mark.parametrize("publishes", [3, pytest.param(15, marks=pytest.mark.long)])
def test_readers_and_a_shell_while_loads_are_published(tmp_path: Path, publishes: int) -> None:
    seen = read_while_publishing(tmp_path, publishes, shells=int(SHELL.exists()))
    assert (seen.inconsistent, seen.error) == (0, "")
    assert seen.opens > publishes
