"""The names of groups, of those without a name as well."""

from __future__ import annotations

from collections.abc import Mapping

from reports.drawing import words

# The bookings of which a source gives no name, by grouping.
NAMELESS: Mapping[str, str] = {
    "service": "Bookings without a service",
    "series": "Sessions without a name",
    "location": "Bookings without a location",
    "staff": "Sessions without a named member of staff",
}


def group_name(grouping: str, name: str | None) -> str:
    """The name of a group of a grouping as it is shown."""
    return words.clean(name, NAMELESS.get(grouping, words.NO_NAME))


def is_nameless(name: str) -> bool:
    """Whether a name stands for bookings without one, of which a sentence speaks in the plural."""
    return name in NAMELESS.values()
