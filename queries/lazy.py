"""Names of a package that are imported when they are first asked for, and shown by `dir()` before."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from queries.arguments import checked


def lazy_name(package: str, homes: Mapping[str, str], name: str) -> Any:
    """The name in the module that `homes` gives for it, a function with its arguments checked.

    Raises AttributeError if `homes` gives no module.
    """
    if name in homes:
        found = getattr(importlib.import_module(homes[name]), name)
        return _once(found) if inspect.isfunction(found) else found
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


@functools.cache
def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its arguments checked, the same one each time."""
    return checked(function)


def all_names(package: str, homes: Mapping[str, str]) -> list[str]:
    """The names of an imported package and those of `homes`."""
    return sorted({*vars(sys.modules[package]), *homes})
