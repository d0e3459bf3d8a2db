"""Every entity by name, in the order in which they are loaded."""

from __future__ import annotations

from queries.model.attendance import ATTENDANCE
from queries.model.booking import BOOKING
from queries.model.columns import by_name
from queries.model.deletion import ANONYMIZE_REQUEST, DELETED_ATTENDANCE
from queries.model.fee import FEE
from queries.model.payment import PAYMENT
from queries.model.service import SERVICE
from queries.model.session import SESSION

# The entities that a source has records of.
ENTITIES = by_name((SERVICE, SESSION, BOOKING, ATTENDANCE, PAYMENT, FEE))
# Those, and the news of a source about attendance.
TABLES = ENTITIES | by_name((ANONYMIZE_REQUEST, DELETED_ATTENDANCE))
