"""The IANA time zones noshow accepts."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

# Python lists these beside the zones of places, but DuckDB and Polars do not know them.
_NO_PLACE = frozenset({"Factory", "localtime"})


@cache
def known_zones() -> frozenset[str]:
    """The IANA zones of this machine."""
    return frozenset(available_timezones()) - _NO_PLACE
