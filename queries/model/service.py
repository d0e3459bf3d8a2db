"""The service: an appointment, a class or a course on offer."""

from __future__ import annotations

from queries.model.columns import Asked, Column, Entity
from queries.model.vocabularies import SERVICE_TYPES

SERVICE = Entity(
    name="service",
    meaning="Services: what can be booked",
    columns=(
        Column("id", "guid", "id", "id of the service", required=True, asked=Asked("id")),
        Column("name", "text", "name", "name of the service", required=True, asked=Asked("name")),
        Column("type", "word", "type", "APPOINTMENT, CLASS or COURSE", choices=SERVICE_TYPES, asked=Asked("type")),
        Column("default_capacity", "whole", "defaultCapacity", "seats of a session, unless it says otherwise"),
        Column("updated_at", "instant", "updatedDate", "last change at the source, UTC", asked=Asked("last change")),
        Column("revision", "whole", "revision", "grows with each change at the source", is_written_as_text=True),
    ),
    key=("id",),
    version=("revision", "updated_at"),
)
