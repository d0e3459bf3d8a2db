"""The columns of a lake, each with its SQL over a row p of `booking_session`. Who booked is not among them, only which
bookings are of one contact.

Everything that engines compute differently (local times, ISO weeks, bands, names made of parts) is stored, so that
none computes it. Instants are Parquet timestamps in UTC, ids are text.
"""

from __future__ import annotations

from collections.abc import Iterable

from queries.model.attributes import PREFIX, attribute_named, attribute_sql
from queries.model.fact import FACT, Fact, FactColumn
from queries.model.groupings import GROUPINGS, Grouping


def _kept(fact: Fact, *kinds: str) -> tuple[str, ...]:
    return tuple(column.name for column in fact if column.in_lake and column.kind in kinds)


GUIDS = _kept(FACT, "guid")
INSTANTS = _kept(FACT, "instant")


def attribute_column(name: str) -> str:
    """The column of an attribute: attributes.reminder is attribute_reminder, since engines disagree about dots."""
    return f"attribute_{name.removeprefix(PREFIX)}"


def key_column(grouping: Grouping, fact: Fact = FACT) -> str:
    """The lake's column that identifies groups: the fact's own, or one of the grouping's name."""
    if attribute_named(grouping.name):
        return attribute_column(grouping.name)
    column = grouping.key.removeprefix("p.")
    return column if any(column == each.name and each.in_lake for each in fact) else grouping.columns[0]


def is_in_lake(expression: str, fact: Fact = FACT) -> bool:
    """Whether a lake may hold an expression over a row: any except the columns of the fact that stay out of it."""
    name = expression.removeprefix("p.")
    return all(column.in_lake for column in fact if column.name == name)


def lake_columns(
    fact: Fact = FACT,
    groupings: Iterable[Grouping] = tuple(GROUPINGS.values()),
    attributes: Iterable[str] = (),
) -> dict[str, str]:
    """The columns by name with their SQL, in the order of the files: ids, the rest of the fact, instants, bands.

    Each of the `attributes` of the database, by name, has a column of its own.
    """
    kept = [column for column in fact if column.in_lake]
    # A sort is stable: within each part columns stand as in the fact.
    stored = {column.name: _stored(column) for column in sorted(kept, key=lambda column: _PARTS.get(column.kind, 1))}
    keys = {key_column(each, fact): each.key for each in groupings if is_in_lake(each.key, fact)}
    added = {name: sql for name, sql in keys.items() if name not in stored}
    each = {attribute_column(name): attribute_sql(name) for name in attributes}
    return stored | added | each | _COMPUTED


# Bookings of one contact are recognised by the id of the first of them, so that a lake knows nobody, and an export
# changes no month before a new booking.
FIRST_BOOKING = "first_booking"
_COMPUTED = {
    "absent_value": "(p.absent * p.price * p.weight)::decimal(28, 4)",
    FIRST_BOOKING: "case when contact_of(p) is not null then (first(p.booking_id order by p.created_at, p.starts_at, "
    "p.booking_id) over (partition by p.participant_id))::varchar end",
}
_PARTS = {"guid": 0, "instant": 2}


def _stored(column: FactColumn) -> str:
    if column.kind == "guid":
        return f"p.{column.name}::varchar"
    return f"timezone('UTC', p.{column.name})" if column.kind == "instant" else f"p.{column.name}"


COLUMNS = lake_columns()
# The columns that the fact does not have.
ADDED = tuple(name for name in COLUMNS if name not in {column.name for column in FACT})
