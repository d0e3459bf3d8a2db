"""How long before the start bookings were cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from queries.model.groupings import NOTICE_BANDS
from reports.drawing import words
from reports.drawing.sentences import Sentence, say

UNKNOWN = "time unknown"
# The bands up to 24 hours.
_WITHIN_A_DAY = NOTICE_BANDS[: NOTICE_BANDS.index("1-2 days")]


@dataclass(frozen=True, slots=True)
class Notice:
    """A band of notice, its cancellations, and their share of all whose notice is known; None if it is not.

    Of them `late` count as late, and `by_business` were cancelled by the business, which is never late.
    """

    name: str
    cancelled: int
    share: float | None
    late: int = 0
    by_business: int = 0


def notice_of(by_notice: pl.DataFrame) -> tuple[Notice, ...]:
    """From counts by the grouping `notice`: the bands from the shortest notice to the longest, those unknown last.

    None if no notice is known.
    """
    columns = ("cancelled_bookings", "late_cancelled", "business_cancelled")
    rows = {name: counts for name, *counts in by_notice.select("notice", *columns).rows() if counts[0]}
    total = sum(counts[0] for name, counts in rows.items() if name is not None)
    bands = [_notice(name, rows[name], total) for name in NOTICE_BANDS if name in rows]
    return (*bands, _notice(UNKNOWN, rows[None], None)) if bands and None in rows else tuple(bands)


def _notice(name: str, counts: Sequence[int | None], total: int | None) -> Notice:
    cancelled, late, by_business = (count or 0 for count in counts)
    return Notice(name, cancelled, cancelled / total if total else None, late, by_business)


TITLES: Sequence[Sentence[Sequence[Notice]]] = (
    Sentence("", lambda bands: not bands),
    Sentence("No cancellation came within 24 hours of the start.", lambda bands: bool(bands) and not _late(bands)),
    Sentence(
        "{late} of the cancellations came within 24 hours of the start, or after it.",
        lambda bands: _late(bands) > 0 and not _by_business(bands),
    ),
    Sentence(
        "{late} of the cancellations came within 24 hours of the start, or after it, {business} of them by the "
        "business.",
        lambda bands: _late(bands) > 0 and _by_business(bands) > 0,
    ),
)


def _within_a_day(bands: Sequence[Notice]) -> list[Notice]:
    return [band for band in bands if band.name in _WITHIN_A_DAY]


def _late(bands: Sequence[Notice]) -> int:
    return sum(band.cancelled for band in _within_a_day(bands))


def _by_business(bands: Sequence[Notice]) -> int:
    return sum(band.by_business for band in _within_a_day(bands))


def notice_in_words(bands: Sequence[Notice]) -> str:
    """How many cancellations came within a day of the start, of those whose notice is known; empty without any."""
    known = sum(band.cancelled for band in bands if band.share is not None)
    values = {"late": words.rate_of(_late(bands), known), "business": words.count(_by_business(bands))}
    return say(bands, TITLES, values)
