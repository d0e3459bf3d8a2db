"""Choose the bookings of a list of calls, and draw who is held back. Pure."""

from __future__ import annotations

import hashlib

import polars as pl

# Equal bookings in the order of their starts, so that a list is the same when it is made again.
_TIES = ("starts_at", "session_id", "booking_id")
_CHANCE = pl.col("no_show_chance").fill_null(0.0)
# The share of the bookings ahead with a lower chance, half of those with an equal one among them.
_LOWER = (_CHANCE.rank("average") - 0.5) / pl.len()
# The figure that bookings are chosen by, the highest first.
_WORTH = {
    # The gain of a call if it prevents fewer and fewer no-shows the higher the risk: nearly every one at the lowest,
    # nearly none at the highest. With chances of 5, 10 and 20 % that is 0.042, 0.05 and 0.033.
    "middle": _CHANCE * (1 - _LOWER),
    "risk": _CHANCE,
    "soonest": pl.lit(0.0),
}


def chosen(ahead: pl.DataFrame, number: int, order: str) -> pl.DataFrame:
    """The first `number` rows of `upcoming_bookings` by an order of `CALL_ORDERS`: whom a call is worth most for."""
    # Rounded: two equal chances may differ in their last digit.
    ranked = ahead.with_columns(worth=_WORTH[order].round(9))
    return ranked.sort("worth", *_TIES, descending=[True, *(False for _ in _TIES)]).head(number).drop("worth")


def is_held_back(contact: str, seed: int, share: float) -> bool:
    """Whether a contact is held back: drawn by the hash of seed and contact, so that it stays as it is.

    A contact who is held back at a share is so at any larger one.
    """
    drawn = hashlib.blake2b(f"{seed}/{contact}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) < share * 2**64
