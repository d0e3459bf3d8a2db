"""The lists of bookings, services and events, each with the fields of its filters and sorts, as the API names them.

And the list of attendance with only those that the API declares.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from queries.language.resources import ATTENDANCE, Field, Resource, fields_of
from queries.model.columns import Entity
from queries.model.entities import ENTITIES
from queries.model.vocabularies import SERVICE_TYPES, TAG_OF_TYPE
from queries.packaged import packaged_sql

MAX_LIMIT = 100


@cache
def _statement(name: str) -> str:
    return f"({packaged_sql('queries', 'listings', name)})"


# Fields whose columns are made by the statement of a list, since no column of the table has their values.
_BOOKING_FIELDS = (
    Field("bookedEntity.tags", "tag", "choice", "tag", tuple(TAG_OF_TYPE.values())),
    Field("bookedEntity.item.slot.serviceId", "slot_service_id", "guid", "service"),
    Field("bookedEntity.item.slot.scheduleId", "slot_schedule_id", "text", "schedule"),
    Field("bookedEntity.item.slot.location.id", "slot_location_id", "text", "location"),
    Field("bookedEntity.item.schedule.scheduleId", "course_schedule_id", "text", "schedule"),
    Field("bookedEntity.item.schedule.serviceId", "course_service_id", "guid", "service"),
    Field("bookedEntity.item.schedule.location.id", "course_location_id", "text", "location"),
)
_EVENT_FIELDS = (
    Field("type", "type", "choice", "type", SERVICE_TYPES),
    # For `fromLocalDate` and `toLocalDate` beside a query. The columns hold local times, labelled as instants.
    Field("start.localDate", "local_start", "instant", "local start"),
    Field("end.localDate", "local_end", "instant", "local end"),
)


# `AttendanceQuerySpec` of the SDK. The number of attendees has an order too; all other fields are sorted upwards only.
_DECLARED = ("$eq", "$in", "$ne", "$nin")
_DECLARED_OF_NUMBERS = (*_DECLARED, "$gt", "$gte", "$lt", "$lte")


@cache
def declared_attendance() -> Resource:
    """The list of attendance with the fields, operators and sorts that the API declares."""
    fields = tuple(
        replace(field, takes=_DECLARED_OF_NUMBERS, descends=True)
        if field.type == "number"
        else replace(field, takes=_DECLARED, descends=False)
        for field in ATTENDANCE.fields
    )
    return replace(ATTENDANCE, fields=fields, is_strict=True)


def extended_bookings() -> Resource:
    """The list of extended bookings."""
    return _resource("extended booking", ENTITIES["booking"], _statement("bookings"), _BOOKING_FIELDS, ("id",))


def services() -> Resource:
    """The list of services."""
    return _resource("service", ENTITIES["service"], "service", (), ("id",))


def events() -> Resource:
    """The list of calendar events."""
    return _resource("event", ENTITIES["session"], _statement("events"), _EVENT_FIELDS, ("starts_at", "id"))


@cache
def _resource(name: str, entity: Entity, relation: str, made: tuple[Field, ...], key: tuple[str, ...]) -> Resource:
    return Resource(name, relation, (*fields_of(entity), *made), key, MAX_LIMIT, listed=("*",))
