"""How long before the start bookings were cancelled."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from queries.model.groupings import NOTICE_BANDS


@dataclass(frozen=True, slots=True)
class Notice:
    """A band of notice, its cancellations, and their share of all whose notice is known."""

    name: str
    cancelled: int
    share: float


def notice_of(by_notice: pl.DataFrame) -> tuple[Notice, ...]:
    """From counts by the grouping `notice`: the bands from the shortest notice to the longest."""
    rows = by_notice.select("notice", "cancelled_bookings").rows()
    counts = {name: count for name, count in rows if name is not None and count}
    total = sum(counts.values())
    return tuple(Notice(name, counts[name], counts[name] / total) for name in NOTICE_BANDS if name in counts)
