"""The service: what is booked. One definition of its columns: source, type, rule, meaning."""

from __future__ import annotations

import pandera.polars as pa

from pipeline.schema.columns import Entity, column, one_of

TYPES = ("APPOINTMENT", "CLASS", "COURSE")

SERVICE = Entity(
    name="service",
    meaning="Services: what can be booked",
    schema=pa.DataFrameSchema(
        {
            "id": column("guid", "id", "id of the service", required=True),
            "name": column("text", "name", "name of the service", required=True),
            "type": column("word", "type", "APPOINTMENT, CLASS or COURSE", one_of(*TYPES)),
            "default_capacity": column("whole", "defaultCapacity", "seats of a session, unless it says otherwise"),
            "updated_at": column("instant", "updatedDate", "last change at the source, UTC"),
            "revision": column("whole", "revision", "grows with each change at the source"),
        }
    ),
    key=("id",),
    version=("revision", "updated_at"),
)
