"""Every closed list of words noshow uses, each written once.

The API's own words are upper case, as its public reference spells them; noshow's own are lower case.
"""

from __future__ import annotations

from collections.abc import Sequence


def in_words(words: Sequence[str]) -> str:
    """The words in a sentence: early, late or unknown."""
    return f"{', '.join(words[:-1])} or {words[-1]}"


BOOKING_STATUSES = ("CREATED", "CONFIRMED", "CANCELED", "PENDING", "DECLINED", "WAITING_LIST")
PAYMENT_STATUSES = ("UNDEFINED", "NOT_PAID", "PAID", "PARTIALLY_PAID", "REFUNDED", "EXEMPT", "FAILED")
CANCELED_BY = ("CUSTOMER", "BUSINESS")
BOOKING_PLATFORMS = ("WEB", "MOBILE_APP")

SESSION_STATUSES = ("CONFIRMED", "CANCELLED")
SERVICE_TYPES = ("APPOINTMENT", "CLASS", "COURSE")
ATTENDANCE_STATUSES = ("NOT_SET", "ATTENDED", "NOT_ATTENDED")

# The API's words for a fee. NOT_ATTENDED also stands for a cancellation after the last window.
FEE_STATUSES = ("UNKNOWN_STATUS", "PREVIEW", "NOT_YET_APPLIED_TO_ORDER", "APPLIED_TO_ORDER")
FEE_TRIGGERS = ("UNKNOWN_TRIGGER", "BOOKING_CANCELED", "NOT_ATTENDED")
# The figures of the money of missed bookings, in the order of the answer, and how it may contradict their outcomes.
MONEY_FIGURES = (
    "list_value",
    "paid",
    "owed",
    "refunded",
    "fees_due",
    "fees_applied",
    "fees_collected",
    "fees_waived",
    "fees_unknown",
    "fees_previewed",
)
MONEY_CONTRADICTIONS = ("fee_without_no_show", "no_show_without_fee", "fee_twice")

# The tag on a booking -> the type of its service.
TYPE_OF_TAG = {"INDIVIDUAL": "APPOINTMENT", "GROUP": "CLASS", "COURSE": "COURSE"}
TAG_OF_TYPE = {type: tag for tag, type in TYPE_OF_TAG.items()}

BOOKED_ENTITIES = ("slot", "schedule")
OUTCOMES = ("attended", "not_attended", "unmarked", "presumed_attended", "presumed_missed", "excused")
CANCELLATIONS = ("early", "late", "business", "unknown")
# How an absent mark is to be read: the source records both sides, only who stayed away, only who came, or everybody as
# attended until somebody says otherwise.
MARKS = ("both", "no_shows", "arrivals", "default")
# Where a row of the roster stands: confirmed, or the first reason to leave it out of the rates.
PLACES = ("confirmed", "cancelled", "session_cancelled", "other_status", "no_session", "nobody_booked")

# The kinds of records a file can hold, and the entity each is counted as.
ENTITY_OF_KIND = {
    "attendance": "attendance",
    "booking": "booking",
    "extended-booking": "booking",
    "session": "session",
    "service": "service",
    "attendance-event": "attendance",
    "booking-fee": "fee",
    "payment": "payment",
}
RECORD_KINDS = tuple(ENTITY_OF_KIND)
# The kind of a record that is of one entity alone: the first of its kinds.
KIND_OF_ENTITY = {entity: kind for kind, entity in reversed(ENTITY_OF_KIND.items())}

# The ending of a file's name -> the format it is written in.
FORMAT_OF_SUFFIX = {
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
}
SOURCE_FORMATS = tuple(dict.fromkeys(FORMAT_OF_SUFFIX.values()))

# How day and month are ordered in a text such as 05/10/2026.
DATE_ORDERS = ("day-first", "month-first")

TABLE_FORMATS = ("table", "csv", "json", "parquet", "xlsx")
# Four that hold the rows of the views, two that describe the views to another tool.
EXPORT_FORMATS = ("parquet", "csv", "sqlite", "duckdb", "datasette", "dbt")
REPORT_FORMATS = ("html", "json", "md", "eml", "slack", "xlsx", "pdf")
PRINTED_FORMATS = ("table", "json")
# `--format` of `noshow ingest` was the format of its files once, and still is for words that no output has.
INGEST_FORMATS = (*PRINTED_FORMATS, *(word for word in SOURCE_FORMATS if word not in PRINTED_FORMATS))
SHELL_FORMATS = ("table", "csv", "json")
PERIODS_COMPARED = ("previous", "year")
LAKE_ENGINES = ("duckdb", "polars", "spark")
# The groups that the days ahead are listed by.
UPCOMING_BY = ("session", "service", "staff", "location", "booking")
# How bookings are chosen for a list of calls, and their states there.
CALL_ORDERS = ("middle", "risk", "soonest")
CALL_ARMS = ("call", "held_back")
QUERIED = ("attendance", "sessions")
