"""The fees of bookings as the API lists them, and the money that it gives beside an extended booking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import duckdb

from queries.answers.pages import Row, fetch_rows
from queries.errors import QueryError
from queries.language.values import read_guid
from queries.listings.encoding import Wire, object_of, plain_values
from queries.model import api_paths
from queries.model.entities import ENTITIES
from queries.packaged import packaged_sql

# Key of a request for extended bookings -> the key of the object that comes beside each booking then.
BESIDE = {
    "withEcomOrder": "order",
    "withBookingPolicySettings": "bookingPolicySettings",
    "withBookingFeeDetails": "bookingFeeDetails",
}
_IDS, _BUNDLES = "bookingIds", "multiServiceBookingIds"


def list_booking_fees(con: duckdb.DuckDBPyConnection, asked: Mapping[str, Sequence[str]]) -> Wire:
    """The fees of bookings: {"bookingFees": [...], "pagingMetadata": {"count", "cursors", "hasNext"}}.

    `asked` has the ids as `bookingIds`, at most as many as the API takes. Raises `QueryError` for an id that is not a
    GUID, for too many of them, and for ids of bundles of services, which noshow does not keep.
    """
    if asked.get(_BUNDLES):
        raise QueryError("UNKNOWN_KEY", f"/{_BUNDLES}", "ids of bundles are not kept", f"Ask by {_IDS}")
    given = asked.get(_IDS, ())
    if len(given) > api_paths.MAX_FEES_ASKED:
        raise QueryError("TOO_MANY_VALUES", f"/{_IDS}", f"{len(given)} ids", f"At most {api_paths.MAX_FEES_ASKED}")
    ids = [read_guid(id, f"/{_IDS}/{at}") for at, id in enumerate(given)]
    rows = fetch_rows(con, packaged_sql("queries", "listings", "fees"), {"ids": ids})
    fees = [object_of(plain_values(ENTITIES["fee"], row)) for row in rows]
    return {"bookingFees": fees, "pagingMetadata": {"count": len(fees), "cursors": {}, "hasNext": False}}


def money_beside(
    con: duckdb.DuckDBPyConnection, bookings: Sequence[Row], wanted: Collection[str]
) -> dict[str, list[tuple[str, Wire | None]]]:
    """The objects of these keys beside each booking, by its id; no look-up if no key is wanted."""
    if not wanted:
        return {}
    ids = [str(row["id"]) for row in bookings]
    rows = fetch_rows(con, packaged_sql("queries", "listings", "payments"), {"ids": ids})
    return {str(row["booking_id"]): _objects(row, wanted) for row in rows}


def _objects(row: Row, wanted: Collection[str]) -> list[tuple[str, Wire | None]]:
    whole = object_of(plain_values(ENTITIES["payment"], row))
    return [(key, whole.get(key)) for key in wanted]
