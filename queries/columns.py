"""What every column of the fact, of the counts and of the rates means: the source of comments in the database."""

from __future__ import annotations

from queries.model.groupings import GROUPINGS

FACT = {
    "booking_id": "the booking",
    "session_id": "the session: its event id, or the deprecated session id",
    "service_id": "the service booked",
    "service": "name of the service",
    "service_type": "APPOINTMENT, CLASS or COURSE",
    "schedule_id": "the schedule of a class or course",
    "is_course": "a session of a course, which is booked as a whole",
    "session_number": "number of the session within its course, from 1",
    "series_id": "service, weekday, local start time, location and staff as one key",
    "series": "the series in words",
    "location_id": "where the session is; its name where no id is known",
    "location": "name of the location",
    "staff_id": "who leads the session; the name where no id is known",
    "staff": "name of the member of staff",
    "participant_id": "the contact who booked",
    "participant_name": "name of the contact",
    "starts_at": "start of the session, UTC",
    "ends_at": "end of the session, UTC",
    "time_zone": "the session's own zone: slot, else schedule, else site",
    "local_start": "start of the session in its own zone",
    "local_date": "date of the local start",
    "local_weekday": "ISO weekday of the local start, 1 is Monday",
    "local_hour": "hour of the local start, 0 to 23",
    "due_at": "when attendance is due, UTC: the end (else the start) plus the hours of grace",
    "created_at": "when the booking was made, UTC",
    "lead_days": "whole days from booking to start, in the session's zone; negative is flagged",
    "booking_status": "CREATED, CONFIRMED, CANCELED, PENDING, DECLINED or WAITING_LIST",
    "session_status": "CONFIRMED or CANCELLED",
    "payment_status": "payment status of the booking",
    "place": "confirmed, cancelled, session_cancelled, other_status, no_session or nobody_booked",
    "cancellation": "of a cancelled booking: early, late, business or unknown",
    "canceled_at": "when the booking was cancelled, UTC, where known",
    "attendance_id": "the attendance marked for the booking and session",
    "attendance_status": "status of the attendance as marked",
    "number_of_attendees": "attendees as marked",
    "outcome": "attended, not_attended or unmarked; null unless confirmed",
    "booked": "participants the booking covers, at least 1",
    "came": "participants who came; null where unmarked",
    "absent": "participants who did not come; null where unmarked",
    "walk_ins": "attendees beyond those booked",
    "is_marked": "attended or not attended",
    "is_contradiction": "the status contradicts the number of attendees: the status decides",
    "is_partial": "attended, but by fewer than booked",
    "is_doubtful_default": "a party with one attendee, the API's default",
    "capacity": "seats of the session, where known",
    "price": "price per participant: the booking's, else that of the service in the settings",
    "currency": "currency of the price: the booking's, or the site's where the settings gave the price",
    "made_from_slot": "no calendar event was loaded: the session comes from the booked slot",
}

COUNTS = {
    "bookings": "due pairs of booking and session: A + N + U",
    "marked_bookings": "A + N: attended or not attended",
    "attended_bookings": "A: attended, in full or in part",
    "no_shows": "N: not attended",
    "unmarked_bookings": "U: not marked, unknown",
    "partial_no_shows": "attended by fewer than booked",
    "booked": "participants of due pairs",
    "booked_marked": "participants of marked pairs",
    "absent": "participants of marked pairs who did not come",
    "walk_ins": "attendees beyond those booked",
    "booked_squared": "sum of squares of participants of marked pairs, for Kish's n",
    "cancelled_bookings": "pairs cancelled, beside the bookings: early + late + business + unknown",
    "early_cancelled": "cancelled earlier than the late hours",
    "late_cancelled": "cancelled within the late hours before the start; null where no cancel time is known",
    "business_cancelled": "cancelled by the business",
    "unknown_cancelled": "cancelled at an unknown time",
    "doubtful_defaults": "parties with one attendee, the API's default",
    "sessions": "different sessions",
    "sessions_unmarked": "different sessions with any unmarked pair",
    "value_absent": "absent participants times price, where known and in one currency",
}

RATES = {
    "no_show_rate": "N / (A + N)",
    "no_show_rate_low": "Wilson score interval of no_show_rate, 95 %, lower limit",
    "no_show_rate_high": "Wilson score interval of no_show_rate, 95 %, upper limit",
    "coverage": "(A + N) / (A + N + U)",
    "bound_low": "N / (A + N + U): if all of the unmarked came",
    "bound_high": "(N + U) / (A + N + U): if none of the unmarked came",
    "participant_no_show_rate": "absent / booked_marked",
    "participant_no_show_rate_low": "Wilson interval with Kish's effective n, lower limit",
    "participant_no_show_rate_high": "Wilson interval with Kish's effective n, upper limit",
    "lost_seat_rate": "(N + late) / (A + N + late)",
}

GROUPS = {grouping.name: grouping.meaning for grouping in GROUPINGS.values()}

COMPARED = {
    "grouping": "what the group is one of: service, series, location or staff",
    "group_id": "the id of the group",
    "name": "the group in words",
    "excess_score": "score test of the group's rate above that of all others together: z",
    "frequent": "above the others beyond chance, by Benjamini-Hochberg at 5 % over the groups of its grouping",
    "days_open": "whole days since the attendance was due",
}

# Columns of the sessions, as the tables name them.
SESSIONS = {
    "service_name": "name of the service, as the source gives it",
    "location_name": "name of the location, as the source gives it",
    "staff_name": "name of the member of staff, as the source gives it",
    "status": "CONFIRMED or CANCELLED",
}

MEANINGS = {**COUNTS, **RATES, **GROUPS, **COMPARED, **SESSIONS, **FACT}
