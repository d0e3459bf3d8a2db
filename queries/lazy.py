"""Names of a package that are imported when they are first asked for, and shown by `dir()` before."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any


def lazy_name(package: str, homes: Mapping[str, str], name: str) -> Any:
    """The name in the module that `homes` gives for it. Raises AttributeError if it gives none."""
    if name in homes:
        return getattr(importlib.import_module(homes[name]), name)
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


def all_names(package: str, homes: Mapping[str, str]) -> list[str]:
    """The names of an imported package and those of `homes`."""
    return sorted({*vars(sys.modules[package]), *homes})
