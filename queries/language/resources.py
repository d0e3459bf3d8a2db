"""What can be queried: a resource is a table of fields, each with its wire name, column, type and operators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from queries.language.limits import MAX_LIMIT
from queries.model.columns import Column, Entity
from queries.model.entities import ENTITIES

EQUALITY = ("$eq", "$ne", "$in", "$nin", "$exists", "$hasSome")
ORDER = (*EQUALITY, "$gt", "$gte", "$lt", "$lte")
TEXT = (*EQUALITY, "$isEmpty", "$startsWith", "$endsWith", "$contains")
OPERATORS_OF = {
    "guid": EQUALITY,
    "choice": EQUALITY,
    "flag": ("$eq", "$ne", "$exists"),
    "text": TEXT,
    "number": ORDER,
    "date": ORDER,
    "instant": ORDER,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its wire name, its column, its type (a key of `OPERATORS_OF`), its words, and the values of a choice."""

    wire: str
    column: str
    type: str
    english: str
    choices: tuple[str, ...] = ()

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that the field takes."""
        return OPERATORS_OF[self.type]


@dataclass(frozen=True, slots=True)
class Resource:
    """Something to query: its fields by every name they go by, and the columns that tell its rows apart, in order.

    `relation` is a table, a view, or a statement in brackets; `max_limit` the rows of a page at most; with
    `whole_rows` a page has all columns of the relation, those that are no fields too.
    """

    name: str
    relation: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    max_limit: int = MAX_LIMIT
    whole_rows: bool = False

    def field(self, name: object) -> Field | None:
        """The field of that wire name, SDK name or column."""
        return self.names.get(name) if isinstance(name, str) else None

    @property
    def columns(self) -> str:
        """What a page selects, of the relation as p."""
        return "p.*" if self.whole_rows else ", ".join(f"p.{field.column}" for field in self.fields)

    @property
    def names(self) -> Mapping[str, Field]:
        """Every name a field goes by: `localDate`, `local_date`; `id`, `_id`."""
        named = {field.column: field for field in self.fields} | {field.wire: field for field in self.fields}
        return named | {f"_{name}": named[name] for name in ("id", "createdDate", "updatedDate") if name in named}


def _camel(column: str) -> str:
    first, *rest = column.split("_")
    return first + "".join(part.title() for part in rest)


def fields_of(entity: Entity) -> tuple[Field, ...]:
    """The fields of an entity's columns that may be asked for."""
    return tuple(
        Field(column.asked.wire or column.wire, column.name, column.field_type, column.asked.english, _choices(column))
        for column in entity.columns
        if column.asked
    )


def _choices(column: Column) -> tuple[str, ...]:
    return column.choices if column.field_type == "choice" else ()


ATTENDANCE = Resource("attendance", "attendance", fields_of(ENTITIES["attendance"]), ("id",), whole_rows=True)

_SESSION_FIELDS = (
    ("booking_id", "guid", "booking"),
    ("session_id", "text", "session"),
    ("service_id", "guid", "service id"),
    ("service", "text", "service"),
    ("service_type", "choice", "service type", ("APPOINTMENT", "CLASS", "COURSE")),
    ("series_id", "text", "series id"),
    ("series", "text", "series"),
    ("schedule_id", "text", "schedule"),
    ("location_id", "text", "location id"),
    ("location", "text", "location"),
    ("staff_id", "text", "staff id"),
    ("staff", "text", "staff"),
    ("participant_id", "text", "participant"),
    ("local_date", "date", "local date"),
    ("local_weekday", "number", "weekday (1 is Monday)"),
    ("local_hour", "number", "hour"),
    ("starts_at", "instant", "start"),
    ("ends_at", "instant", "end"),
    ("created_at", "instant", "booking made"),
    ("lead_days", "number", "lead time in days"),
    ("booked", "number", "party size"),
    ("came", "number", "participants who came"),
    ("absent", "number", "absent participants"),
    ("walk_ins", "number", "walk-ins"),
    ("outcome", "choice", "outcome", ("attended", "not_attended", "unmarked")),
    ("attendance_status", "choice", "status as marked", ("NOT_SET", "ATTENDED", "NOT_ATTENDED")),
    ("is_marked", "flag", "marked"),
    ("is_partial", "flag", "came in part"),
    ("is_doubtful_default", "flag", "doubtful number"),
    ("is_contradiction", "flag", "status contradicts number"),
    ("payment_status", "text", "payment status"),
    ("attendance_id", "guid", "attendance"),
    ("number_of_attendees", "number", "attendees as marked"),
    ("capacity", "number", "seats"),
)
BOOKED_SESSION = Resource(
    "booked session",
    "booked_session",
    tuple(Field(_camel(column), column, kind, english, *rest) for column, kind, english, *rest in _SESSION_FIELDS),
    ("booking_id", "session_id"),
)
