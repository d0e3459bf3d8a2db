"""What a row of the lake holds: each column with its SQL over a row p of `booking_session`. Who booked is not in it.

Everything that engines disagree about (local times, ISO weeks, bands, names made of parts) is stored, not computed
where it is read. Instants are Parquet timestamps in UTC, ids are text.
"""

from __future__ import annotations

from queries.model.groupings import GROUPINGS, Grouping

GUIDS = ("booking_id", "service_id", "attendance_id")
INSTANTS = ("starts_at", "ends_at", "due_at", "created_at", "canceled_at")
# A list of what goes in, rather than of what stays out: a column that is new to the view tells nobody by mistake.
_PLAIN = (
    "session_id",
    "service",
    "service_type",
    "schedule_id",
    "is_course",
    "session_number",
    "series_id",
    "series",
    "location_id",
    "location",
    "staff_id",
    "staff",
    "time_zone",
    "local_start",
    "local_date",
    "local_weekday",
    "local_hour",
    "lead_days",
    "booking_status",
    "session_status",
    "payment_status",
    "place",
    "cancellation",
    "attendance_status",
    "number_of_attendees",
    "outcome",
    "booked",
    "came",
    "absent",
    "walk_ins",
    "is_marked",
    "is_partial",
    "is_doubtful_default",
    "is_contradiction",
    "capacity",
    "price",
    "currency",
)
# Columns of the fact that say who booked.
PERSONAL = ("participant_id", "participant_name")
NO_LAKE_GROUPING = "participant"


def _stored(expression: str, name: str) -> str:
    """The column that holds an expression over a row: the fact's own, or one of its own name."""
    column = expression.removeprefix("p.")
    return column if column in _PLAIN or column in GUIDS else name


def key_column(grouping: Grouping) -> str:
    """The column that groups are told by."""
    return _stored(grouping.key, grouping.columns[0])


_GROUPED = [grouping for grouping in GROUPINGS.values() if grouping.name != NO_LAKE_GROUPING]
_DERIVED = {key_column(grouping): grouping.key for grouping in _GROUPED}
COLUMNS: dict[str, str] = (
    {name: f"p.{name}::varchar" for name in GUIDS}
    | {name: f"p.{name}" for name in _PLAIN}
    | {name: f"timezone('UTC', p.{name})" for name in INSTANTS}
    | {name: sql for name, sql in _DERIVED.items() if name not in (*_PLAIN, *GUIDS)}
    | {"absent_value": "(p.absent * p.price)::decimal(28, 4)"}
)
# Those that the fact does not have.
ADDED = tuple(name for name in COLUMNS if name not in (*GUIDS, *_PLAIN, *INSTANTS))
