"""The rules that records must keep, by name, each with the message for a record that breaks it.

A quarantined row carries the rule's name; its reason code is `row.` and the name.
"""

from __future__ import annotations

MAX_ATTENDEES = 100_000
MAX_TEXT = 10_000
# Longer texts are cut before they are copied about.
HUGE = 2**20

GUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
# Tabs and line ends may stand in a text, but not in an id. The quotes and dashes of Windows-1252 become
# U+0080 to U+009F if they are read as Latin-1.
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
CONTROL_IN_ID = r"[\x00-\x1f\x7f-\x9f]"
EVENT_LENGTHS = (36, 250)

# Rule -> message; {field} is the field's name in the source's own spelling.
RULES = {
    "encoding": "not UTF-8",
    "json_syntax": "not a JSON record",
    "json_depth": "nested too deeply",
    "duplicate_key": "the same key twice in one object",
    "csv_field_count": "more or fewer fields than the header",
    "join_ambiguous": "fits several different rows of the file that is joined",
    "kind_unknown": "neither an attendance, a booking, a session nor a service",
    "field_type": "{field} has a value of the wrong type",
    "required": "{field} is missing",
    "id_format": "{field} is not a GUID",
    "rounded_id": "{field} is a number that a spreadsheet rounded: format the column as text and export again",
    "no_session_key": "neither an event id nor a session id",
    "event_id_length": "{field} has fewer than 36 or more than 250 characters",
    "text_length": f"{{field}} has more than {MAX_TEXT} characters",
    "control_char": "{field} holds control characters",
    "status_unknown": "{field} is none of the known values",
    "attendees_type": "{field} is not a whole number",
    "attendees_range": f"{{field}} is below 0 or above {MAX_ATTENDEES}",
    "flag_type": "{field} is neither true nor false",
    "number_type": "{field} is not a number of the kind expected",
    "number_range": "{field} is out of range",
    "instant_format": "{field} is not a timestamp",
    "instant_no_zone": "{field} has no zone",
    "instant_range": "{field} lies outside 2000-01-01 to five years from now",
    "local_time_nonexistent": "{field} is a local time that a clock change skips",
    "local_time_ambiguous": "{field} is a local time that a clock change repeats",
    "timezone_unknown": "{field} is not a known time zone; a mapping can translate it in [zones]",
    "weight_range": "{field} is below 1",
    "attributes_form": "{field} is not a JSON object of named texts, numbers, true or false",
    "ends_before_start": "{field} lies before the start",
    "status_contradicts_number": "the status contradicts the number of attendees",
    "more_than_booked": "more attendees than the booking has participants",
    "superseded": "a later record of the same key is in the same file",
    "duplicate_conflict": "the same key has other content elsewhere in the file, and nothing shows which is later",
    "mapping_expression": "the mapping's expression for {field} fails on this row",
}


def bounded(text: str) -> str:
    """A text short enough to be copied about: a huge one is cut.

    The cut text breaks the same rules: it is still longer than `MAX_TEXT`, and neither a number nor a date.
    """
    return text if len(text) <= HUGE else f"{text[:MAX_TEXT]}…"


def message(rule: str, field: str | None) -> str:
    """The message of a rule, with the name of the field."""
    return RULES[rule].format(field=field or "the record")
