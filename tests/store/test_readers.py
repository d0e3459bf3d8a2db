"""Readers and shells open the published snapshot while loads are published: no error, and nothing half."""

from __future__ import annotations

from pathlib import Path

from support.readers import SHELL, read_while_publishing


def test_readers_and_a_shell_while_loads_are_published(tmp_path: Path) -> None:
    seen = read_while_publishing(tmp_path, publishes=15, shells=int(SHELL.exists()))
    assert (seen.inconsistent, seen.error) == (0, "")
    assert seen.opens > 15
