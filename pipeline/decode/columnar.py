"""Raw frames by entity, and faults, of the JSON records of one chunk, with plain attendances decoded at once.

That is a tenth of the cost of a record at a time. A record that is not plain (a field that is not known, a value of
the wrong type, a key given twice, an escape, a syntax error) sends those around it the way of `decode_each`, which
knows what is wrong with each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import msgspec
import polars as pl
from polars.exceptions import ComputeError

from pipeline.decode.lines import Lines, flat_objects
from pipeline.decode.plain import structs_in
from pipeline.decode.records import Decoded, decode_each
from pipeline.decode.shapes import shape_of
from queries.model.columns import KINDS, Entity
from queries.model.entities import ENTITIES
from queries.model.rules import HUGE

# Ids and statuses must be there, so that every record is an attendance by its keys.
_REQUIRED = ("bookingId", "status")
# Where some records of a chunk are not plain, so many are decoded with each of them.
_PART = 1_000


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
    return replace(decoded, raw_frames=plain.raw_frames, kinds=plain.kinds + decoded.kinds)


def _plain(frames: list[pl.DataFrame], records: list[Sequence[int]]) -> Decoded:
    if not frames:
        return Decoded()
    numbers = pl.concat(pl.Series("record", part, pl.Int64) for part in records)
    frame = pl.concat(frames, how="diagonal").insert_column(0, numbers)
    return Decoded(raw_frames={"attendance": frame}, kinds=Counter(attendance=frame.height))


def attendance_frame(raws: Sequence[bytes]) -> pl.DataFrame | None:
    """The text columns of the attendance for each record, in order; None where any record is not a plain one."""
    text = raws.text if isinstance(raws, Lines) else _joined(raws)
    if not text or b"\\" in text or b"\x7f" in text or _has_loose_colon(text):
        return None
    attendance = ENTITIES["attendance"]
    try:
        frame = pl.read_ndjson(text, schema=_schema(attendance))
    except ComputeError:
        return None
    if frame.height != len(raws) or not _tells_all(frame, text) or _has_huge_text(frame, text):
        return None
    return _columns(frame, attendance)


@cache
def _schema(attendance: Entity) -> dict[str, type[pl.DataType]]:
    """The fields of a flat attendance, those that are never stored too, each with the type of its JSON value.

    An object in it makes the record less than flat, and its key one that is not known here.
    """
    fields = msgspec.structs.fields(shape_of("attendance"))
    schema: dict[str, type[pl.DataType]] = {f.encode_name: pl.String for f in fields if not any(structs_in(f.type))}
    numbers = [c for c in attendance.plain if KINDS[c.kind].is_number and not c.is_written_as_text]
    return schema | {path: pl.Int64 for column in numbers for path in column.spellings if path in schema}


def _joined(raws: Sequence[bytes]) -> bytes:
    """Records that were lines of nothing, as lines; nothing where the first is no attendance or any is not flat."""
    if not raws or any(b'"%s"' % name.encode() not in raws[0] for name in _REQUIRED):
        return b""
    text = b"\n".join(raws)
    return text if flat_objects(text) == len(raws) else b""


def _has_loose_colon(text: bytes) -> bool:
    """Whether space may stand between a key and its colon, where keys are counted by what ends them."""
    return any(space in text and space + b":" in text for space in (b" ", b"\t", b"\r"))


def _tells_all(frame: pl.DataFrame, text: bytes) -> bool:
    """Whether the frame has all that flat objects without escapes say, as what they say it.

    Each key and each string has two quotes, and only a key is followed by a colon. So a key that is not known or stands
    in a record twice is one too many, and what is no string where one belongs is two quotes too few. Polars itself
    refuses what is no whole number where one belongs.
    """
    given = {name: frame.height - frame[name].null_count() for name in frame.columns}
    keys, told = text.count(b'":'), sum(given.values())
    if keys != told and keys != told + text.count(b'":null') + text.count(b'": null'):
        return False
    strings = told - sum(given[name] for name, dtype in frame.schema.items() if dtype == pl.Int64)
    return text.count(b'"') == 2 * (keys + strings) and all(given[name] == frame.height for name in _REQUIRED)


def _has_huge_text(frame: pl.DataFrame, text: bytes) -> bool:
    """Whether any text is so long that it would not be copied about whole."""
    if len(text) <= HUGE:
        return False
    longest = frame.select(pl.col(pl.String).str.len_bytes().max()).row(0)
    return any(length is not None and length > HUGE for length in longest)


def _columns(frame: pl.DataFrame, attendance: Entity) -> pl.DataFrame | None:
    """The entity's columns, each from the one spelling that occurs; None where a field is spelt in two ways."""
    columns = []
    for column in attendance.plain:
        known = [path for path in column.spellings if path in frame.columns]
        given = [path for path in known if frame[path].null_count() < frame.height]
        if len(given) > 1:
            return None
        columns += [frame[path].cast(pl.String).alias(column.name) for path in given]
    return pl.DataFrame(columns)
