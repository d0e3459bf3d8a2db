"""The schema: one definition a table, from which validation, tables, their comments and flat files' headers follow.

In the order in which they are loaded.
"""

from pipeline.schema.attendance import ATTENDANCE
from pipeline.schema.booking import BOOKING
from pipeline.schema.columns import Entity
from pipeline.schema.service import SERVICE
from pipeline.schema.session import SESSION

ENTITIES = {entity.name: entity for entity in (SERVICE, SESSION, BOOKING, ATTENDANCE)}

__all__ = ["ATTENDANCE", "BOOKING", "ENTITIES", "SERVICE", "SESSION", "Entity"]
