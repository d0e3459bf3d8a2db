"""The schema: one definition a table, from which validation, tables, their comments and flat files' headers follow.

In the order in which they are loaded.
"""

from pipeline.schema.attendance import ATTENDANCE
from pipeline.schema.booking import BOOKING
from pipeline.schema.columns import Entity
from pipeline.schema.deletion import ANONYMIZE_REQUEST, DELETED_ATTENDANCE
from pipeline.schema.service import SERVICE
from pipeline.schema.session import SESSION

ENTITIES = {entity.name: entity for entity in (SERVICE, SESSION, BOOKING, ATTENDANCE)}
# Those, and what is said about them, in the order in which they are loaded.
TABLES = ENTITIES | {entity.name: entity for entity in (ANONYMIZE_REQUEST, DELETED_ATTENDANCE)}

__all__ = ["ATTENDANCE", "BOOKING", "ENTITIES", "SERVICE", "SESSION", "TABLES", "Entity"]
