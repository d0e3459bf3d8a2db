"""The table of the API's calls, each with its paths and the function that answers it if it is served.

`{id}` in a path is the id of a record. The first path of a call is the documented one; the others are used by the SDK
and by older pages of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.marks.asked import Mark, read_mark
from pipeline.marks.deleting import bulk_delete_attendances, delete_attendance
from pipeline.marks.marking import bulk_set_attendance
from pipeline.serving.snapshots import Reading
from pipeline.store.opening import Store
from queries.listings import (
    count_extended_bookings,
    count_services,
    get_service,
    query_events,
    query_extended_bookings,
    query_services,
)
from queries.listings.attendance import count_attendances, get_attendance, query_attendance
from queries.listings.money import list_booking_fees
from queries.model import api_paths
from queries.wire import Wire


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a request: the id in its path, or "", its body, and the values behind the `?` of a GET by name.

    And whether the API is followed strictly.
    """

    id: str
    body: Mapping[str, Any]
    strict: bool = False
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A method of the SDK, which reads a snapshot, writes to the store or sets a mark; others are not served.

    A look-up reads one row by its id.
    """

    name: str
    method: str
    paths: tuple[str, ...]
    reads: Callable[[Reading, Arguments], Wire] | None = None
    writes: Callable[[Store, Arguments], Wire] | None = None
    marks: Callable[[Arguments], Mark] | None = None
    is_look_up: bool = False


def _attendance(end: str) -> tuple[str, ...]:
    bases = (
        "/bookings/v2/attendance",
        "/bookings/bookings-attendance",
        "/_api/bookings-attendance",
        "/bookings/attendance",
        "/bookings/attendance/v2/attendance",
    )
    return tuple(base + end for base in bases)


def _bulk(end: str) -> tuple[str, ...]:
    bases = ("/bookings", "/bookings-attendance", "/_api/bookings-attendance", "/bookings/attendance")
    return tuple(f"{base}/v2/bulk/attendance{end}" for base in bases)


def _bookings(end: str) -> tuple[str, ...]:
    return tuple(f"{base}/v2/{end}" for base in ("/_api/bookings-reader", "/bookings/bookings-reader"))


def _services(end: str) -> tuple[str, ...]:
    return tuple(f"{base}/bookings/v2/services{end}" for base in ("/_api", ""))


def _bulk_services(end: str) -> tuple[str, ...]:
    return tuple(f"{base}/v2/bulk/services{end}" for base in ("/bookings", "/bookings/services"))


def _fees(end: str) -> tuple[str, ...]:
    return (api_paths.LIST_FEES + end,)


def _as_the_site(arguments: Arguments) -> dict[str, Any]:
    """The options of setting attendance.

    noshow refuses some marks that the site lets pass, unless it follows the API strictly.
    """
    return {"allow_walk_ins": True, "allow_contradiction": True} if arguments.strict else {}


_SERVED = (
    Call(
        "getAttendance",
        "GET",
        _attendance("/{id}"),
        reads=lambda at, args: get_attendance(at.connection, args.id),
        is_look_up=True,
    ),
    Call("deleteAttendance", "DELETE", _attendance("/{id}"), writes=lambda db, args: delete_attendance(db, args.id)),
    Call(
        "setAttendance",
        "POST",
        _attendance("/set"),
        marks=lambda args: read_mark(args.body, **_as_the_site(args)),
    ),
    Call(
        "bulkSetAttendance",
        "POST",
        _bulk("/set"),
        writes=lambda db, args: bulk_set_attendance(db, args.body, **_as_the_site(args)),
    ),
    Call(
        "bulkDeleteAttendances",
        "POST",
        _bulk("/delete"),
        writes=lambda db, args: bulk_delete_attendances(db, args.body),
    ),
    Call(
        "countAttendances",
        "POST",
        _attendance("/count"),
        reads=lambda at, args: count_attendances(at.connection, args.body),
    ),
    Call(
        "queryAttendance",
        "POST",
        _attendance("/query"),
        reads=lambda at, args: query_attendance(at.connection, args.body, origin=at.origin, strict=args.strict),
    ),
    Call(
        "queryExtendedBookings",
        "POST",
        _bookings("extended-bookings/query"),
        reads=lambda at, args: query_extended_bookings(at.connection, args.body, origin=at.origin),
    ),
    Call(
        "countExtendedBookings",
        "POST",
        _bookings("extended-bookings/count"),
        reads=lambda at, args: count_extended_bookings(at.connection, args.body),
    ),
    Call(
        "queryServices",
        "POST",
        _services("/query"),
        reads=lambda at, args: query_services(at.connection, args.body, origin=at.origin),
    ),
    Call("countServices", "POST", _services("/count"), reads=lambda at, args: count_services(at.connection, args.body)),
    Call("getService", "GET", _services("/{id}"), reads=lambda at, args: get_service(at.connection, args.id)),
    Call(
        "queryEvents",
        "POST",
        (api_paths.QUERY_EVENTS,),
        reads=lambda at, args: query_events(at.connection, args.body, origin=at.origin),
    ),
    Call(
        "listBookingFeesByBookingIds",
        "GET",
        _fees(""),
        reads=lambda at, args: list_booking_fees(at.connection, args.asked),
    ),
)
# The other methods of the SDK's packages: of data that noshow does not have, or does not change.
_NOT_SERVED = (
    # noshow charges nobody.
    Call("applyBookingFeesToOrder", "POST", _fees("/apply")),
    Call("collectAppliedBookingFees", "POST", _fees("/collect")),
    Call("query", "POST", _bookings("extended-booking/query")),
    Call("createService", "POST", _services("")),
    Call("updateService", "PATCH", _services("/{id}")),
    Call("deleteService", "DELETE", _services("/{id}")),
    Call("bulkCreateServices", "POST", _bulk_services("/create")),
    Call("bulkUpdateServices", "POST", _bulk_services("/update")),
    Call("bulkUpdateServicesByFilter", "POST", _bulk_services("/update-by-filter")),
    Call("bulkDeleteServices", "POST", _bulk_services("/delete")),
    Call("bulkDeleteServicesByFilter", "POST", _bulk_services("/delete-by-filter")),
    Call("searchServices", "POST", _services("/search")),
    Call("cloneService", "POST", _services("/clone")),
    Call("queryPolicies", "POST", _services("/policies/query")),
    Call("queryBookingForms", "POST", _services("/booking-forms/query")),
    Call("queryLocations", "POST", _services("/locations/query")),
    Call("queryCategories", "POST", _services("/categories/query")),
    Call("setServiceLocations", "POST", _services("/{id}/locations")),
    Call("enablePricingPlansForService", "POST", _services("/{id}/pricing-plans/add")),
    Call("disablePricingPlansForService", "POST", _services("/{id}/pricing-plans/remove")),
    Call("setCustomSlug", "POST", _services("/{id}/slugs/custom")),
    Call("validateSlug", "POST", _services("/slugs/validate")),
    Call("createAddOnGroup", "POST", _services("/add-on-groups/create")),
    Call("deleteAddOnGroup", "POST", _services("/add-on-groups/delete")),
    Call("updateAddOnGroup", "POST", _services("/add-on-groups/update")),
    Call("listAddOnGroupsByServiceId", "POST", _services("/add-on-groups/list-add-on-groups-by-service-id")),
    Call("setAddOnsForGroup", "POST", _services("/add-on-groups/set-add-ons-for-group")),
)
CALLS = _SERVED + _NOT_SERVED
