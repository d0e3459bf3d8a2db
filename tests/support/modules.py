"""Tests that lend their parts to longer ones: a file of tests as a module."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[1]


def module_of(path: str) -> Any:
    """The file of tests at a path below `tests/`, such as "ingest/test_faults.py", as a module."""
    name = "lent_" + Path(path).stem
    spec = importlib.util.spec_from_file_location(name, _TESTS / path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
