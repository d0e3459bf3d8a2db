"""noshow as one module: `from noshow import queries, reports, pipeline`.

The three packages stand at the top of the installation under their own names too; these are the same modules, each
imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pipeline
    import queries
    import reports

    __version__: str

__all__ = ["__version__", "pipeline", "queries", "reports"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    if name in __all__:
        return importlib.import_module(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
