"""The columns of the fact: a row for each column of `session_roster`, with its type, meaning, origin and uses.

A column reaches the fact in one of three ways:

- carried: a column of the booking, as it is; a row of this table is all it takes;
- looked up: an expression of its name in `views/known_roster.sql`, which joins bookings, sessions and marks;
- derived: an expression of its name in `views/session_roster.sql`, over the columns carried or looked up.

The column lists of the views, the comments in the database, the fields of the query language, the columns of a lake
and the fields that a shared report may name derive from the table. Functions take it as an argument, so that a test
can add a column and look for it everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from queries.model.vocabularies import (
    ATTENDANCE_STATUSES,
    CANCELLATIONS,
    MARKS,
    OUTCOMES,
    PLACES,
    SERVICE_TYPES,
    in_words,
)

# Rows in these places are counted once they are due. Any other place is the reason why a row is left out.
PLACES_COUNTED = ("confirmed", "cancelled")
# Outcomes that somebody marked, those that the no-show rate is taken over, and the no-shows among these.
OUTCOMES_MARKED = ("attended", "not_attended")
OUTCOMES_RATED = ("attended", "not_attended", "presumed_attended", "presumed_missed")
OUTCOMES_MISSED = ("not_attended", "presumed_missed")


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A column of the fact.

    `kind` is guid, text, choice (one of `choices`), number, flag, date, instant (UTC), local (a timestamp in the
    session's zone) or money; `meaning` is its comment in the database. With a `label`, its name in a filter in words,
    it can be filtered and sorted. `carried` names the booking's column that it is; `derived` columns are not stored
    with the roster. `in_lake` lets a lake hold it, `shared` lets a shared report name it in its filter: both are off
    unless set, so a new column identifies nobody by mistake. `personal` columns say who booked and stay out of both.
    Every column is either personal or in a lake, so that a forgotten flag shows.

    `known_before` says that a risk may be taken from it, since it is known before the session begins: `always`, or
    `unless changed` if a source may write it again afterwards, as a payment at the desk. Without it a column never
    reaches a model, so an outcome under a new name does not either.
    """

    name: str
    kind: str
    meaning: str
    label: str = ""
    choices: tuple[str, ...] = ()
    carried: str = ""
    derived: bool = False
    in_lake: bool = False
    shared: bool = False
    personal: bool = False
    known_before: Literal["", "always", "unless changed"] = ""


Fact = Sequence[FactColumn]

# In the order of the columns of the views.
FACT: tuple[FactColumn, ...] = (
    FactColumn("booking_id", "guid", "the booking", "booking", in_lake=True, known_before="always"),
    FactColumn(
        "session_id",
        "text",
        "the session: its event id, or the deprecated session id",
        "session",
        in_lake=True,
        known_before="always",
    ),
    FactColumn("service_id", "guid", "the service booked", "service id", in_lake=True, known_before="always"),
    FactColumn("service", "text", "name of the service", "service", in_lake=True, shared=True, known_before="always"),
    FactColumn(
        "service_type",
        "choice",
        "APPOINTMENT, CLASS or COURSE",
        "service type",
        SERVICE_TYPES,
        in_lake=True,
        shared=True,
        known_before="always",
    ),
    FactColumn("schedule_id", "text", "the schedule of a class or course", "schedule", in_lake=True),
    FactColumn("is_course", "flag", "a session of a course, which is booked as a whole", in_lake=True),
    FactColumn("session_number", "number", "number of the session within its course, from 1", in_lake=True),
    FactColumn(
        "series_id",
        "text",
        "service, weekday, local start time, location and staff as one key",
        "series id",
        in_lake=True,
        known_before="always",
    ),
    FactColumn("series", "text", "the series in words", "series", derived=True, in_lake=True, known_before="always"),
    FactColumn(
        "location_id",
        "text",
        "location of the session; its name if no id is known",
        "location id",
        in_lake=True,
        known_before="always",
    ),
    FactColumn(
        "location", "text", "name of the location", "location", in_lake=True, shared=True, known_before="always"
    ),
    FactColumn(
        "staff_id",
        "text",
        "who leads the session; the name if no id is known",
        "staff id",
        in_lake=True,
        known_before="always",
    ),
    FactColumn("staff", "text", "name of the member of staff", "staff", in_lake=True, known_before="always"),
    FactColumn(
        "participant_id",
        "text",
        "the contact who booked",
        "participant",
        carried="contact_id",
        personal=True,
        known_before="always",
    ),
    FactColumn(
        "participant_name", "text", "name of the contact", carried="contact_name", personal=True, known_before="always"
    ),
    FactColumn("starts_at", "instant", "start of the session, UTC", "start", in_lake=True, known_before="always"),
    FactColumn("ends_at", "instant", "end of the session, UTC", "end", in_lake=True),
    FactColumn("time_zone", "text", "the session's own zone: slot, else schedule, else site", in_lake=True),
    FactColumn("local_start", "local", "start of the session in its own zone", in_lake=True, known_before="always"),
    FactColumn(
        "local_date",
        "date",
        "date of the local start",
        "local date",
        derived=True,
        in_lake=True,
        shared=True,
        known_before="always",
    ),
    FactColumn(
        "local_weekday",
        "number",
        "ISO weekday of the local start, 1 is Monday",
        "weekday (1 is Monday)",
        derived=True,
        in_lake=True,
        shared=True,
        known_before="always",
    ),
    FactColumn(
        "local_hour",
        "number",
        "hour of the local start, 0 to 23",
        "hour",
        derived=True,
        in_lake=True,
        shared=True,
        known_before="always",
    ),
    FactColumn(
        "due_at",
        "instant",
        "when attendance is due, UTC: the end (else the start) plus the hours of grace",
        in_lake=True,
        known_before="always",
    ),
    FactColumn(
        "created_at",
        "instant",
        "when the booking was made, UTC",
        "booking made",
        carried="created_at",
        in_lake=True,
        known_before="always",
    ),
    FactColumn(
        "lead_days",
        "number",
        "whole days from booking to start, in the session's zone; negative is flagged",
        "lead time in days",
        in_lake=True,
        known_before="always",
    ),
    FactColumn(
        "booking_status",
        "text",
        "CREATED, CONFIRMED, CANCELED, PENDING, DECLINED or WAITING_LIST",
        carried="status",
        in_lake=True,
    ),
    FactColumn("session_status", "text", "CONFIRMED or CANCELLED", in_lake=True),
    FactColumn(
        "payment_status",
        "text",
        "payment status of the booking",
        "payment status",
        carried="payment_status",
        in_lake=True,
        known_before="unless changed",
    ),
    FactColumn("place", "text", f"{in_words(PLACES)}", in_lake=True),
    FactColumn("cancellation", "text", f"of a cancelled booking: {in_words(CANCELLATIONS)}", in_lake=True),
    FactColumn(
        "canceled_at",
        "instant",
        "when the booking was cancelled, UTC, if known",
        carried="canceled_at",
        in_lake=True,
    ),
    FactColumn(
        "attendance_id", "guid", "the attendance marked for the booking and session", "attendance", in_lake=True
    ),
    FactColumn(
        "attendance_status",
        "choice",
        "status of the attendance as marked",
        "status as marked",
        ATTENDANCE_STATUSES,
        in_lake=True,
    ),
    FactColumn("number_of_attendees", "number", "attendees as marked", "attendees as marked", in_lake=True),
    FactColumn(
        "outcome",
        "choice",
        f"{in_words(OUTCOMES)}; null unless confirmed",
        "outcome",
        OUTCOMES,
        in_lake=True,
    ),
    FactColumn(
        "booked",
        "number",
        "participants the booking covers, at least 1",
        "party size",
        in_lake=True,
        known_before="always",
    ),
    FactColumn(
        "came",
        "number",
        "participants who came; null if unmarked",
        "participants who came",
        derived=True,
        in_lake=True,
    ),
    FactColumn(
        "absent",
        "number",
        "participants who did not come; null if unmarked",
        "absent participants",
        derived=True,
        in_lake=True,
    ),
    FactColumn("walk_ins", "number", "attendees beyond those booked", "walk-ins", derived=True, in_lake=True),
    FactColumn("is_marked", "flag", "attended or not attended, as marked", "marked", derived=True, in_lake=True),
    FactColumn(
        "is_rated",
        "flag",
        "attended or not, as marked or presumed: the rate is taken over these",
        "known or presumed",
        derived=True,
        in_lake=True,
    ),
    FactColumn(
        "is_missed",
        "flag",
        "a no-show, as marked or presumed",
        "marked or presumed no-show",
        derived=True,
        in_lake=True,
    ),
    FactColumn("is_counted", "flag", "confirmed or cancelled: counted once it is due", derived=True, in_lake=True),
    FactColumn("is_partial", "flag", "attended, but by fewer than booked", "came in part", derived=True, in_lake=True),
    FactColumn(
        "is_doubtful_default",
        "flag",
        "a party with one attendee, the API's default",
        "doubtful number",
        derived=True,
        in_lake=True,
    ),
    FactColumn(
        "is_contradiction",
        "flag",
        "the status contradicts the number of attendees: the status decides",
        "status contradicts number",
        derived=True,
        in_lake=True,
    ),
    FactColumn(
        "capacity",
        "number",
        "seats of the session, if known; each of its rows has them: sum session_occupancy.capacity instead",
        "seats",
        in_lake=True,
        known_before="always",
    ),
    FactColumn(
        "price",
        "money",
        "price per participant: the booking's, else that of the service in the settings",
        in_lake=True,
        known_before="unless changed",
    ),
    FactColumn(
        "currency",
        "text",
        "currency of the price: the booking's, or the site's if the settings gave the price",
        in_lake=True,
    ),
    FactColumn(
        "marks",
        "choice",
        f"marks that the source records: {in_words(MARKS)}",
        "marks",
        MARKS,
        in_lake=True,
        known_before="always",
    ),
    FactColumn("weight", "number", "bookings that the row stands for", "weight", in_lake=True, known_before="always"),
    FactColumn(
        "visit",
        "number",
        "its place among the contact's confirmed bookings in the order of their starts, from 1",
        "visit",
        in_lake=True,
        known_before="always",
    ),
    FactColumn(
        "is_booked_twice",
        "flag",
        "confirmed, and its contact has another confirmed booking of the session",
        in_lake=True,
    ),
    FactColumn(
        "attributes",
        "text",
        "named values of the booking, as a JSON object",
        carried="attributes",
        in_lake=True,
        known_before="unless changed",
    ),
)

# Columns that a shared report may name in its filter.
SHARED = frozenset(column.name for column in FACT if column.shared)


def fact_columns(fact: Fact = FACT) -> dict[str, FactColumn]:
    """The columns by name, in the order of the views."""
    return {column.name: column for column in fact}


def stored_columns(fact: Fact = FACT) -> tuple[str, ...]:
    """The columns of `known_roster`: those that are carried or looked up."""
    return tuple(column.name for column in fact if not column.derived)


def known_before_columns(fact: Fact = FACT) -> tuple[str, ...]:
    """The columns that are known before the session begins."""
    return tuple(column.name for column in fact if column.known_before)


def carried_columns(fact: Fact = FACT) -> dict[str, str]:
    """Columns that are the booking's own, as they are: name in the fact -> name in the booking."""
    return {column.name: column.carried for column in fact if column.carried}
