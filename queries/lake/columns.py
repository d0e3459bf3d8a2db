"""What the rows of a lake hold: the columns that counts are taken from, and how each is made from the fact (alias p).

No names of participants, no contacts and no ids of theirs: a lake is passed on.
"""

from __future__ import annotations

from queries.measures.groupings import GROUPINGS

# The one grouping that is a person.
_PERSONAL = ("participant",)
LAKE_GROUPINGS = {name: grouping for name, grouping in GROUPINGS.items() if name not in _PERSONAL}
# The folders: rows without a known session are in year 0, month 0.
PARTITIONS = {
    "local_year": "coalesce(year(p.local_start), 0)::bigint",
    "local_month": "coalesce(month(p.local_start), 0)::bigint",
}
_KEYS = {grouping.columns[0]: grouping.key for grouping in LAKE_GROUPINGS.values()}
_KEY_TYPES = {
    "service_id": "varchar",
    "local_weekday": "bigint",
    "local_hour": "bigint",
    "party_size": "bigint",
    "day": "date",
    "week": "date",
    "month": "date",
    "quarter": "date",
}
_FACT = {
    "booking_id": "p.booking_id::varchar",
    "due_at_epoch": "epoch(p.due_at)::bigint",
    "place": "p.place",
    "outcome": "p.outcome",
    "cancellation": "p.cancellation",
    "booked": "p.booked::bigint",
    "absent": "p.absent::bigint",
    "walk_ins": "p.walk_ins::bigint",
    "is_partial": "p.is_partial",
    "is_doubtful_default": "p.is_doubtful_default",
    "price_e4": "(p.price * 10000)::bigint",
    "currency": "p.currency",
    # What groups are named by; the time as text, which no engine moves to a zone of its own.
    "service": "p.service",
    "staff": "p.staff",
    "location": "p.location",
    "local_start": "strftime(p.local_start, '%Y-%m-%d %H:%M')",
}
COLUMNS = (
    PARTITIONS
    | {name: f"({key})::{_KEY_TYPES.get(name, 'varchar')}" for name, key in _KEYS.items()}
    | _FACT
)
MEANINGS = {
    "due_at_epoch": "when it counts, in seconds since 1970, UTC",
    "price_e4": "price per participant in ten-thousandths",
    "local_start": "local start as text, YYYY-MM-DD HH:MM",
}


def lake_sql() -> str:
    """Every row of a lake: the columns of `COLUMNS`, from the view `booking_session`."""
    columns = ", ".join(f"{expression} as {name}" for name, expression in COLUMNS.items())
    return f"select {columns} from booking_session as p"
