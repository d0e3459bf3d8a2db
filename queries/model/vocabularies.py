"""Every closed list of words noshow uses, each written once.

The API's own words are upper case, as its public reference spells them; noshow's own are lower case.
"""

from __future__ import annotations

BOOKING_STATUSES = ("CREATED", "CONFIRMED", "CANCELED", "PENDING", "DECLINED", "WAITING_LIST")
PAYMENT_STATUSES = ("UNDEFINED", "NOT_PAID", "PAID", "PARTIALLY_PAID", "REFUNDED", "EXEMPT", "FAILED")
CANCELED_BY = ("CUSTOMER", "BUSINESS")
SESSION_STATUSES = ("CONFIRMED", "CANCELLED")
SERVICE_TYPES = ("APPOINTMENT", "CLASS", "COURSE")
ATTENDANCE_STATUSES = ("NOT_SET", "ATTENDED", "NOT_ATTENDED")

# The tag on a booking -> the type of its service.
TYPE_OF_TAG = {"INDIVIDUAL": "APPOINTMENT", "GROUP": "CLASS", "COURSE": "COURSE"}
TAG_OF_TYPE = {type: tag for tag, type in TYPE_OF_TAG.items()}

BOOKED_ENTITIES = ("slot", "schedule")
OUTCOMES = ("attended", "not_attended", "unmarked")
CANCELLATIONS = ("early", "late", "business", "unknown")

# The kinds of records a file can hold, and the entity each is counted as.
ENTITY_OF_KIND = {
    "attendance": "attendance",
    "booking": "booking",
    "extended-booking": "booking",
    "session": "session",
    "service": "service",
    "attendance-event": "attendance",
}
RECORD_KINDS = tuple(ENTITY_OF_KIND)

# The ending of a file's name -> the format it is written in.
FORMAT_OF_SUFFIX = {".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}
SOURCE_FORMATS = tuple(dict.fromkeys(FORMAT_OF_SUFFIX.values()))

TABLE_FORMATS = ("table", "csv", "json", "parquet")
REPORT_FORMATS = ("html", "json")
SETTINGS_FORMATS = ("table", "json")
PERIODS_COMPARED = ("previous", "year")
LAKE_ENGINES = ("duckdb", "polars", "spark")
QUERIED = ("attendance", "sessions")
