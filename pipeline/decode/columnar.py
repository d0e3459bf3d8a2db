"""Decode the JSON records of a chunk, plain attendances all at once.

Polars reads a block of flat attendances at a tenth of the cost of decoding one record after the other. But it accepts
records that noshow refuses: it drops an unknown field, and reads the text "2" as a number. So a block goes this way
only if every record in it is plain, which is found out by counting, without looking at single records. A record that is
not plain (an unknown field, a value of the wrong type, a key given twice, an escape, a syntax error) sends its whole
block to `decode_each`, which finds the fault.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import msgspec
import polars as pl
from polars.exceptions import ComputeError

from pipeline.decode.lines import Lines, flat_objects, is_utf8
from pipeline.decode.plain import structs_in
from pipeline.decode.records import Decoded, decode_each
from pipeline.decode.shapes import shape_of
from queries.model.columns import KINDS, Entity
from queries.model.entities import ENTITIES
from queries.model.rules import HUGE

# Each record must have these, or it might be of another kind: `kind_of` recognises an attendance by them.
_REQUIRED = ("bookingId", "status")
# The size of a block, if some records of a chunk are not plain: one odd record sends 1,000 the slow way, not 40,000.
_PART = 1_000
# Control characters that JSON allows unescaped and noshow refuses: DEL, and U+0080 to U+009F in UTF-8.
_BARE_CONTROL = re.compile(rb"\x7f|\xc2[\x80-\x9f]")


def decode(raws: Sequence[bytes], records: Sequence[int], kind: str | None, fallback: str | None = None) -> Decoded:
    """Decode records as `decode_each` does, with the same outcome."""
    if kind not in (None, "attendance"):
        return decode_each(raws, records, kind, fallback)
    frame = attendance_frame(raws)
    if frame is not None:
        return _plain([frame], [records])
    frames, numbers, others = [], [], list[int]()
    for start in range(0, len(raws), _PART):
        part = slice(start, start + _PART)
        frame = attendance_frame(raws[part])
        if frame is None:
            others += range(*part.indices(len(raws)))
        else:
            frames.append(frame)
            numbers.append(records[part])
    decoded = decode_each([raws[at] for at in others], [records[at] for at in others], kind, fallback)
    plain = _plain(frames, numbers)
    made = {**plain.raw_frames, **decoded.raw_frames}
    if rows := [found.raw_frames["attendance"] for found in (plain, decoded) if "attendance" in found.raw_frames]:
        made["attendance"] = pl.concat(rows, how="diagonal")
    return replace(decoded, raw_frames=made, kinds=plain.kinds + decoded.kinds)


def _plain(frames: list[pl.DataFrame], records: list[Sequence[int]]) -> Decoded:
    if not frames:
        return Decoded()
    numbers = pl.concat(pl.Series("record", part, pl.Int64) for part in records)
    frame = pl.concat(frames, how="diagonal").insert_column(0, numbers)
    return Decoded(raw_frames={"attendance": frame}, kinds=Counter(attendance=frame.height))


def attendance_frame(raws: Sequence[bytes]) -> pl.DataFrame | None:
    """Read records that are all plain attendances into text columns, a row each, in order; None if any is not plain."""
    text = raws.text if isinstance(raws, Lines) else _join(raws)
    # Without escapes a string has no quotes inside, so quotes can be counted.
    if not text or b"\\" in text or _has_loose_colon(text) or _BARE_CONTROL.search(text) or not is_utf8(text):
        return None
    attendance = ENTITIES["attendance"]
    try:
        frame = pl.read_ndjson(text, schema=_schema(attendance))
    except ComputeError:
        return None
    if frame.height != len(raws) or not _holds_everything(frame, text) or _has_huge_text(frame, text):
        return None
    return _to_columns(frame, attendance)


@cache
def _schema(attendance: Entity) -> dict[str, type[pl.DataType]]:
    """The fields of a flat attendance, stored or not, each with the type of its JSON value.

    Fields that hold an object are left out, since a record with one is not flat.
    """
    fields = msgspec.structs.fields(shape_of("attendance"))
    schema: dict[str, type[pl.DataType]] = {f.encode_name: pl.String for f in fields if not any(structs_in(f.type))}
    numbers = [c for c in attendance.plain if KINDS[c.kind].is_number and not c.is_written_as_text]
    return schema | {path: pl.Int64 for column in numbers for path in column.spellings if path in schema}


def _join(raws: Sequence[bytes]) -> bytes:
    """Join records that are not lines of a file, such as items of an array; b"" if they cannot be plain attendances."""
    if not raws or any(b'"%s"' % name.encode() not in raws[0] for name in _REQUIRED):
        return b""
    text = b"\n".join(raws)
    return text if flat_objects(text) == len(raws) else b""


def _has_loose_colon(text: bytes) -> bool:
    """Whether there may be space between a key and its colon, as in `"id" : "a"`: keys are counted by their `":`."""
    return any(space in text and space + b":" in text for space in (b" ", b"\t", b"\r"))


def _holds_everything(frame: pl.DataFrame, text: bytes) -> bool:
    """Whether the frame holds every value of flat objects without escapes, with its type, found by counting.

    Only a key is followed by a colon, so `":` counts the keys. Each key and each string has two quotes. In

        {"bookingId":"a","status":"ATTENDED","numberOfAttendees":1}

    there are 3 keys, and the frame has 3 values, 2 of them strings: that makes 2 * (3 + 2) = 10 quotes, as in the text.

    - A fourth key, unknown (`"extra":1`) or repeated (`"status":"NOT_SET"`), is a key without a value in the frame.
    - A number in place of a string (`"bookingId":5`) is read as the string "5", and 2 quotes are missing.
    - A string in place of a number (`"numberOfAttendees":"1"`) is read as 1, and there are 2 quotes too many.
    - A key with null has no value in the frame either, so nulls are counted and added. This misses an unknown key with
      null. A key that is repeated with null after its value is looked for line by line.

    Polars itself refuses a number with a fraction, or true, in place of a whole number.
    """
    given = {name: frame.height - frame[name].null_count() for name in frame.columns}
    keys, values = text.count(b'":'), sum(given.values())
    if keys != values:
        nulls = text.count(b'":null') + text.count(b'": null')
        if keys != values + nulls or _repeats_a_null(frame.columns, text):
            return False
    strings = values - sum(given[name] for name, dtype in frame.schema.items() if dtype == pl.Int64)
    return text.count(b'"') == 2 * (keys + strings) and all(given[name] == frame.height for name in _REQUIRED)


def _repeats_a_null(names: Sequence[str], text: bytes) -> bool:
    """Whether an object of a line has one of these keys twice, once with null: `{"id":"a","id":null}`."""
    with_null = [name for name in names if any(b'"%s":%snull' % (name.encode(), gap) in text for gap in (b"", b" "))]
    if not with_null:
        return False
    lines = pl.Series(text.decode().split("\n"))
    return any(lines.str.count_matches(f'"{name}":', literal=True).gt(1).any() for name in with_null)


def _has_huge_text(frame: pl.DataFrame, text: bytes) -> bool:
    """Whether any text is longer than HUGE bytes; `decode_each` cuts such texts short."""
    if len(text) <= HUGE:
        return False
    longest = frame.select(pl.col(pl.String).str.len_bytes().max()).row(0)
    return any(length is not None and length > HUGE for length in longest)


def _to_columns(frame: pl.DataFrame, attendance: Entity) -> pl.DataFrame | None:
    """The entity's columns, each from the one spelling that occurs (`id` or `_id`); None if both spellings occur."""
    columns = []
    for column in attendance.plain:
        known = [path for path in column.spellings if path in frame.columns]
        given = [path for path in known if frame[path].null_count() < frame.height]
        if len(given) > 1:
            return None
        columns += [frame[path].cast(pl.String).alias(column.name) for path in given]
    return pl.DataFrame(columns)
