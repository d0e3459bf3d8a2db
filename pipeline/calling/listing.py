"""Make a list of whom to call, and keep it in the database with the arm of each booking."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl

from pipeline.calling.choosing import chosen, is_held_back
from pipeline.events import log_event
from pipeline.store.content_state import tracked
from pipeline.store.opening import Store
from queries.answers.upcoming import upcoming_bookings
from queries.database import frame_of
from queries.errors import UsageError
from queries.model.vocabularies import CALL_ARMS, CALL_ORDERS
from queries.moments import as_of_instant, naive_utc

_CALL, _HELD_BACK = CALL_ARMS
_MOST_HELD_BACK = 0.9
# Seeds, and the numbers of bookings, are below it.
_SEEDS = 2**31
_KEPT = {
    "booking_id": pl.String,
    "session_id": pl.String,
    "arm": pl.String,
    "is_reported": pl.Boolean,
}
_LISTED = """
    select booking_id::varchar as booking_id, session_id, arm, reported_at is not null as is_reported
    from call_list
"""
_LAST_SEED = "select seed from call_list where hold_back > 0 order by listed_at desc, seed limit 1"
_INSERT = """
    insert into call_list
    select booking_id::uuid, session_id, participant_id, starts_at, arm, hold_back, seed, $ordering, no_show_chance,
        $moment, null, null
    from to_list
"""


def list_calls(
    store: Store,
    days: float = 3,
    number: int = 20,
    hold_back: float = 0.0,
    order: str = "middle",
    seed: int | None = None,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
) -> pl.DataFrame:
    """Choose bookings of sessions that start within some days, hold back a part at random, and keep both.

    They are kept in the table `call_list`. `order` is one of `CALL_ORDERS` (`queries/calls.md`). `hold_back` is the
    share held back, up to 0.9, among the `number`; 0 draws nothing. Contacts are drawn, not bookings; who was drawn
    before stays as they are, and so does a booking that was listed before. `seed` makes the draw repeatable; by default
    it is that of the last list that held anybody back, else a new one. Bookings without a contact are not chosen:
    nobody is known who could be called.

    Returns the chosen bookings in their order, with the columns of `queries.upcoming_bookings` and `arm` (String, of
    `CALL_ARMS`) and `is_reported` (Boolean), whether the call was reported as done. Raises `UsageError` for arguments
    that make no sense.
    """
    _check(number, hold_back, order, seed)
    moment = naive_utc(as_of_instant(as_of))
    con = store.connection
    ahead = upcoming_bookings(con, days, where, as_of)
    bookings = chosen(ahead.filter(pl.col("participant_id").is_not_null()), number, order)
    new = bookings.join(_kept(con), on=["booking_id", "session_id"], how="anti")
    if new.height:
        with store.transaction(), tracked(con, "call_list"):
            con.register("to_list", _with_arms(con, new, hold_back, seed).to_arrow())
            con.execute(_INSERT, {"ordering": order, "moment": moment})
            con.unregister("to_list")
    log_event("calls.listed", bookings=bookings.height, new=new.height, hold_back=hold_back)
    return bookings.join(_kept(con), on=["booking_id", "session_id"], how="left", maintain_order="left")


def _check(number: int, hold_back: float, order: str, seed: int | None) -> None:
    if order not in CALL_ORDERS:
        raise UsageError("calls.order", f"no order {order!r}", f"Name one of {', '.join(CALL_ORDERS)}")
    if not isinstance(hold_back, int | float) or not 0 <= hold_back <= _MOST_HELD_BACK:
        raise UsageError(
            "calls.hold_back", f"{hold_back!r} cannot be held back", f"Give a share from 0 to {_MOST_HELD_BACK}"
        )
    if not isinstance(number, int) or not 1 <= number < _SEEDS:
        raise UsageError("calls.number", f"a list of {number!r} bookings", "Give a whole number of 1 or more")
    if seed is not None and not (isinstance(seed, int) and 0 <= seed < _SEEDS):
        raise UsageError("calls.seed", f"no seed {seed!r}", f"Give a whole number from 0 to {_SEEDS - 1}")


def _kept(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame_of(con, _LISTED).cast(_KEPT)  # type: ignore[arg-type]


def _with_arms(con: duckdb.DuckDBPyConnection, new: pl.DataFrame, share: float, seed: int | None) -> pl.DataFrame:
    """The rows with arm, hold_back and seed: as drawn before for the contact, else drawn now."""
    schema = {"arm": pl.String, "hold_back": pl.Float64, "seed": pl.Int64}
    if not share:
        rows: list[tuple[str, float, int | None]] = [(_CALL, 0.0, None)] * new.height
    else:
        drawn, seed = _drawn_before(con), _seed(con) if seed is None else seed
        rows = [drawn.get(contact.lower()) or _draw(contact, share, seed) for contact in new["participant_id"]]
    return new.hstack(pl.DataFrame(rows, schema=schema, orient="row"))


def _draw(contact: str, share: float, seed: int) -> tuple[str, float, int]:
    return _HELD_BACK if is_held_back(contact.lower(), seed, share) else _CALL, share, seed


def _drawn_before(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, float, int]]:
    rows = con.execute("select distinct lower(contact_id), arm, hold_back, seed from call_list where hold_back > 0")
    return {contact: (arm, share, seed) for contact, arm, share, seed in rows.fetchall()}


def _seed(con: duckdb.DuckDBPyConnection) -> int:
    """The seed of the last list that held anybody back, else a new one."""
    rows = con.execute(_LAST_SEED).fetchall()
    return int(rows[0][0]) if rows else secrets.randbelow(_SEEDS)
