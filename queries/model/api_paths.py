"""The paths of the API, as its public reference and the SDK give them."""

from __future__ import annotations

QUERY_ATTENDANCE = "/bookings/v2/attendance/query"
QUERY_EXTENDED_BOOKINGS = "/_api/bookings-reader/v2/extended-bookings/query"
QUERY_SERVICES = "/_api/bookings/v2/services/query"
QUERY_EVENTS = "/calendar/v3/events/query"
LIST_FEES = "/_api/booking-fees/v1/booking-fees"

# The header that names the site; the key goes into `Authorization` as it is.
SITE_HEADER = "wix-site-id"
MAX_PAGE = 100
# Bookings whose fees one request can ask for.
MAX_FEES_ASKED = 5
