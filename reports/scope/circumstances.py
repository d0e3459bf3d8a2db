"""The circumstances that hold for a whole report: its moment, filter, period, source and options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from queries import Site
from queries.gathered import Period
from reports.scope.options import Options


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The moment (aware), the filter in English, the database and the versions.

    `filtered` says whether the filter leaves anything out; `part` names the part of the business, if it is one;
    `period` and `before` bound the sessions' local dates; `earlier` is an earlier report as data; `left_out` names
    the parts that the source cannot provide, and `engine` the engine of a lake (`reports.measured.source`).
    """

    as_of: dt.datetime
    filter: str
    database: str
    site: Site
    versions: tuple[tuple[str, str], ...]
    options: Options = field(default_factory=Options)
    filtered: bool = False
    part: str | None = None
    period: Period | None = None
    before: Period | None = None
    earlier: Mapping[str, Any] | None = None
    pseudonym_key: str = ""
    left_out: frozenset[str] = frozenset()
    engine: str | None = None

    @property
    def local_moment(self) -> dt.datetime:
        """The report's moment in the site's time zone."""
        return self.as_of.astimezone(ZoneInfo(self.site.time_zone))

    @property
    def settled(self) -> dt.date:
        """The local date before which every session is due."""
        return (self.local_moment - dt.timedelta(hours=self.site.grace_hours)).date()

    @property
    def is_shared_part(self) -> bool:
        """Whether this is the shared report of a part, which could be subtracted from the report of the whole."""
        return self.options.share and self.part is not None


def scope_of(about: Circumstances) -> dict[str, Any]:
    """The scope as data: two reports can be compared if everything but `as_of` is the same."""
    return {
        "as_of": about.as_of.isoformat(),
        "filter": about.filter,
        "part": about.part,
        "from": about.period.first.isoformat() if about.period else None,
        "to": about.period.last.isoformat() if about.period else None,
        "site_zone": about.site.time_zone,
        "grace_hours": about.site.grace_hours,
        "min_bookings": about.options.min_bookings,
        "shared": about.options.share,
    }
