"""The proof that a line of JSON is one plain attendance, as SQL, so that DuckDB reads and types many lines at a time.

DuckDB's reader of JSON is lenient: it drops unknown and repeated keys, and makes a text of any token. But the shortest
JSON that says the values that were read is easily measured: braces, and for each field its key, quotes, colon, comma
and value. A line is never shorter. So a line of exactly this length says these values and nothing else:

    {"bookingId":"f851…","status":"ATTENDED","numberOfAttendees":1}

has 2 braces, 2 commas, 3 keys with their quotes and colons, and 36 + 8 + 1 bytes of values with 4 quotes. An unknown or
repeated key, an escape or a comment makes it longer; a syntax error cannot be read at all. Two things make it longer
and say no more, and these are counted: spaces, if no value holds one, so that all of them stand between the tokens; and
known fields with an explicit `null`.

One thing would make a line look shorter than it is: a number, `true` or an object in a field of text, whose two quotes
are counted and are not there. So each field has a rule that no such token meets: a GUID, a known status, an instant in
UTC, an id of 36 characters or more that is not a number. A number is read with its quotes, if it has any.

A line that is not proved need not be at fault: it is decoded like any other record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache

from queries.model.attendance import ATTENDANCE
from queries.model.columns import Column
from queries.model.rules import EVENT_LENGTHS
from queries.packaged import packaged_sql
from queries.statements import literal

_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?Z"
_GUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_IS_INSTANT = f"regexp_full_match(@, {literal(_INSTANT)})"
# A number in any notation, the beginning of an array or object, spaces around, a number that a spreadsheet rounded.
_NO_ID = r"^[0-9.eE+-]*$|^[\[{ ]| $|[eE]\+[0-9]"
_IS_ID = f"length(@) between {EVENT_LENGTHS[0]} and {EVENT_LENGTHS[1]} and not regexp_matches(@, {literal(_NO_ID)})"
# The kind of a column -> a condition that its values meet, as @, and that only tokens meet that are strings. For a
# number, which is read with its quotes: one that no string meets, nor a number that DuckDB writes in another way than
# it read it.
_SURE = {
    "guid": f"regexp_full_match(@, {literal(_GUID)})",
    "event": _IS_ID,
    "opaque": _IS_ID,
    "instant": f"{_IS_INSTANT} and try_cast(@ as timestamp) between $earliest::timestamp and $latest::timestamp",
    "zone": "regexp_full_match(@, '[A-Za-z_]+(/[A-Za-z_+-]+[0-9]*)+')",
    "attendees": "regexp_full_match(@::varchar, '0|[1-9][0-9]{0,4}|100000')",
}
# Fields of an attendance that are known and not stored -> the same.
NOT_STORED = {
    "createdDate": _IS_INSTANT,
    "_createdDate": _IS_INSTANT,
    "revision": """regexp_full_match(@::varchar, '[0-9]{1,15}|"[0-9]{1,19}"')""",
}
_NUMBERS = ("numberOfAttendees", "revision")
_MAY_HOLD_SPACE = ("event", "opaque")
# A record without these may be of another kind, or gets an id that is made from its key.
_NEEDED = ("id", "booking_id", "status")
_COLUMN_OF: Mapping[str, Column] = {path: column for column in ATTENDANCE.plain for path in column.spellings}
FIELDS = (*_COLUMN_OF, *NOT_STORED)


@cache
def plain_lines_sql(fields: Sequence[str]) -> str:
    """The statement that stages those lines of `json_lines` (place, record, line) that say values of these fields only.

    It binds `first_row`, `earliest` and `latest` (naive UTC, of instants), and `in_doubt`, whether some lines may not
    even be JSON.
    """
    given = {column.name: [path for path in column.spellings if path in fields] for column in ATTENDANCE.columns}
    return packaged_sql("pipeline", "load", "plain_lines").format(
        columns=",\n    ".join(ATTENDANCE.names),
        values=",\n    ".join(_value(column, given) for column in ATTENDANCE.columns),
        shape=json.dumps({path: "JSON" if path in _NUMBERS else "VARCHAR" for path in fields}),
        fields=",\n            ".join(f"given.{_quoted(path)} as {_quoted(path)}" for path in fields),
        shortest=" + ".join(["1", *(_length(path) for path in fields)]),
        is_sure="\n    and ".join([*(_is_given(given[name]) for name in _NEEDED), *map(_is_sure, fields)]),
        holds_space=" or ".join(["false", *(_holds_space(path) for path in fields if _is_free(path))]),
        nulls=" + ".join(_null(path) for path in fields),
    )


def _value(column: Column, given: Mapping[str, list[str]]) -> str:
    """The value of a column, typed, from whichever of its fields has one."""
    if column.name == "session_key":
        return _coalesced([*given["event_id"], *given["session_id"]])
    value = _coalesced(given[column.name])
    if column.name == "number_of_attendees":
        value = f"coalesce({value}::varchar, '1')"
    # Tried, since DuckDB may cast a value before it finds that the line is not proved.
    return f"try_cast({value} as {column.sql_type})"


def _coalesced(paths: Sequence[str]) -> str:
    return f"coalesce({', '.join([*map(_quoted, paths), 'null'])})"


def _is_given(paths: Sequence[str]) -> str:
    """Whether one of the spellings of a field that must be there is given, and no more than one."""
    return " + ".join(["0", *(f"({_quoted(path)} is not null)::integer" for path in paths)]) + " = 1"


def _is_sure(path: str) -> str:
    column = _COLUMN_OF.get(path)
    if column is None:
        rule = NOT_STORED[path]
    elif column.choices:
        rule = f"@ in ({', '.join(map(literal, column.choices))})"
    else:
        rule = _SURE[column.kind]
    held = rule.replace("@", _quoted(path))
    return f"({_quoted(path)} is null or {held})"


def _is_free(path: str) -> bool:
    return path in _COLUMN_OF and _COLUMN_OF[path].kind in _MAY_HOLD_SPACE


def _holds_space(path: str) -> str:
    return f"coalesce(contains({_quoted(path)}, ' '), false)"


def _length(path: str) -> str:
    """The bytes of a field with quotes, colon and comma; of all commas one too many, of the braces one too few."""
    others = len(path) + len('"":,') + (0 if path in _NUMBERS else len('""'))
    return f"coalesce(strlen({_quoted(path)}::varchar) + {others}, 0)"


def _null(path: str) -> str:
    """The bytes of the field if it is there with null."""
    said = f"{_quoted(path)}:null"
    return f"if({_quoted(path)} is null and contains(replace(line, ' ', ''), {literal(said)}), {len(said) + 1}, 0)"


def _quoted(name: str) -> str:
    return f'"{name}"'
