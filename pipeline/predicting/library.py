"""Whether scikit-learn is installed, without which no model is trained."""

from __future__ import annotations

from importlib.util import find_spec

from queries.errors import UsageError
from queries.installed import how_to_install


def can_train() -> bool:
    """Whether scikit-learn is installed."""
    return find_spec("sklearn") is not None


def require_library() -> None:
    """Raise `UsageError` saying what to install if scikit-learn is missing."""
    if not can_train():
        raise UsageError("model.missing", "scikit-learn is not installed", how_to_install("model"))
