"""Fetch the fees of the bookings of a pull that may have one. Of a site that gives none, all else is fetched.

The API lists fees by the ids of a few bookings and in no other way. So only bookings that may have one are asked about:
those whose order has the status of one, and those whose policy has one and that were cancelled or, once the session
has begun, are not marked as attended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.events import log_event
from pipeline.pulling.source import Source
from pipeline.pulling.walking import Fetched, read_page
from pipeline.pulling.walks import Walk, batches_of
from pipeline.store.saved_pulls import SavedPull, id_of
from queries.errors import NoshowError
from queries.model import api_paths


@dataclass(frozen=True, slots=True)
class _FeeWalk(Walk):
    """Fees, which are known by their bookings: a fee that is only previewed need not have an id."""

    def id_of(self, record: Mapping[str, Any]) -> str:
        return str(record.get("bookingId") or "")


# Its pages are saved as those of a walk are. Each answers one request, so page 3 is of the third batch of ids.
FEES = _FeeWalk("fees", "fees", api_paths.LIST_FEES, "bookingFees", {})
# Failures that are about fees alone, as all else has been fetched by then with the same key. Bookings and attendance do
# not wait until they pass.
_OF_FEES_ALONE = (
    "pull.permission",
    "pull.key",
    "pull.site",
    "pull.not_offered",
    "pull.query",
    "pull.moved",
    "pull.shape",
    "pull.bad_answer",
)


def bookings_with_fees(saved: SavedPull) -> Iterator[str]:
    """The ids of the bookings in the pages of a pull that may have a fee."""
    for page in saved.pages("bookings"):
        for entry in page["extendedBookings"]:
            booking = entry.get("booking")
            if isinstance(booking, dict) and _may_have_a_fee(entry, booking, saved.terms.started_at):
                yield id_of(booking).lower()


def _may_have_a_fee(entry: Mapping[str, Any], booking: Mapping[str, Any], now: dt.datetime) -> bool:
    if _at(entry, "bookingFeeDetails", "cancellationFeeStatus") not in (None, "UNKNOWN_STATUS"):
        return True
    if _at(entry, "bookingPolicySettings", "cancellationFeeEnabled") is not True:
        return False
    if booking.get("status") == "CANCELED":
        return True
    return _at(entry, "attendance", "status") != "ATTENDED" and _has_begun(booking, now)


def _has_begun(booking: Mapping[str, Any], now: dt.datetime) -> bool:
    """Whether its session has begun; a start that cannot be read may lie in the past."""
    start = booking.get("startDate") or _at(booking, "bookedEntity", "slot", "startDate")
    try:
        moment = dt.datetime.fromisoformat(start)
    except (TypeError, ValueError):
        return True
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)) <= now


def _at(whole: Any, *way: str) -> Any:
    for name in way:
        whole = whole.get(name) if isinstance(whole, dict) else None
    return whole


async def fetch_fees(source: Source, saved: SavedPull, bookings: Sequence[str], fetched: Fetched) -> str:
    """Ask for the fees of the bookings, from the batch at which an earlier run stopped.

    Returns the reason in words if the site gives none, or none that can be read, else "". Other failures, such as a
    connection that broke off, are those of `Source.ask`.
    """
    records = [len(page[FEES.key]) for page in saved.pages(FEES.name)]
    for batch in batches_of(bookings, api_paths.MAX_FEES_ASKED)[len(records) :]:
        try:
            body, page = await source.ask(
                FEES.noun, FEES.path, {"bookingIds": batch}, lambda body: (body, read_page(FEES, body)), method="GET"
            )
        except NoshowError as refused:
            if refused.code not in _OF_FEES_ALONE:
                raise
            log_event("pull.without_fees", code=refused.code)
            return refused.message
        saved.add_page(FEES.name, body)
        records.append(len(page[FEES.key]))
        fetched(FEES.noun, sum(records))
    return ""
