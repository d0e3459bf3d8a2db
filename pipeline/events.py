"""Log events with their figures.

Fields are counts, seconds, files, codes and load numbers, never the content of a record: logs hold no personal data.
"""

from __future__ import annotations

import logging

LOGGER = logging.getLogger("noshow")
LOGGER.addHandler(logging.NullHandler())

Field = str | int | float | None


def log_event(event: str, *, level: int = logging.INFO, **fields: Field) -> None:
    """Log an event, such as `load.done`, with its fields."""
    LOGGER.log(level, event, extra={"fields": fields})
