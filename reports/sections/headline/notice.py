"""How long before the start bookings were cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from queries.model.groupings import NOTICE_BANDS
from reports.drawing import words
from reports.drawing.sentences import Sentence, say

# The bands below 24 hours.
_WITHIN_A_DAY = NOTICE_BANDS[: NOTICE_BANDS.index("1-2 days")]


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


TITLES: Sequence[Sentence[Sequence[Notice]]] = (
    Sentence("", lambda bands: not bands),
    Sentence(
        "No cancellation came less than 24 hours before the start.", lambda bands: bool(bands) and not _late(bands)
    ),
    Sentence(
        "{late} of the cancellations came less than 24 hours before the start, or after it.",
        lambda bands: bool(bands) and _late(bands) > 0,
    ),
)


def _late(bands: Sequence[Notice]) -> int:
    return sum(band.cancelled for band in bands if band.name in _WITHIN_A_DAY)


def notice_in_words(bands: Sequence[Notice]) -> str:
    """How many cancellations came within a day of the start; empty without any."""
    return say(bands, TITLES, {"late": words.rate_of(_late(bands), sum(band.cancelled for band in bands))})
