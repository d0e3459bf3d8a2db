"""An event and its figures go in; a record for the log comes out.

Fields are counts, seconds, files, codes and numbers of loads: nothing of what a record says, so nothing personal.
"""

from __future__ import annotations

import logging

LOGGER = logging.getLogger("noshow")
LOGGER.addHandler(logging.NullHandler())

Field = str | int | float | None


def log_event(event: str, *, level: int = logging.INFO, **fields: Field) -> None:
    """Log an event, such as load.done, with its fields."""
    LOGGER.log(level, event, extra={"fields": fields})
