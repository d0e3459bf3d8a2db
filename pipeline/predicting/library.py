"""Whether scikit-learn is installed, without which no model is trained."""

from __future__ import annotations

from importlib.util import find_spec

from queries.errors import UsageError


def can_train() -> bool:
    """Whether scikit-learn is installed."""
    return find_spec("sklearn") is not None


def require_library() -> None:
    """Raise `UsageError` saying what to install if scikit-learn is missing."""
    if not can_train():
        raise UsageError("model.missing", "scikit-learn is not installed", "Run: pip install 'noshow[model]'")
