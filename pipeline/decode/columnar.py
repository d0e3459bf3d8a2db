"""The JSON records of one chunk go in; raw frames by entity and faults come out, plain attendances decoded at once.

That is a tenth of the cost of a record at a time. A record that is not plain (a field that is not known, a value of
the wrong type, a key given twice, an escape, a syntax error) sends those around it the way of `decode_each`, which
knows what is wrong with each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Annotated

import msgspec
import polars as pl
from msgspec import UNSET, UnsetType

from pipeline.decode.lines import Lines, flat_objects
from pipeline.decode.records import Decoded, decode_each
from pipeline.decode.rows import ATTENDANCE_FIELDS
from pipeline.decode.shapes import Attendance

# Ids and statuses must be there, so that every record is an attendance by its keys.
_REQUIRED = ("bookingId", "status")
_FIELDS = {field.name: field.encode_name for field in msgspec.structs.fields(Attendance)}
_Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_PLAIN = {"numberOfAttendees": _Int64 | UnsetType | None}
_Flat = msgspec.defstruct(
    "_Flat",
    [(name, str) for name in _REQUIRED]
    + [
        (name, _PLAIN.get(name, str | UnsetType | None), msgspec.field(name=wire, default=UNSET))
        for name, wire in _FIELDS.items()
        if name not in _REQUIRED
    ],
    forbid_unknown_fields=True,
    gc=False,
)
_decoder = msgspec.json.Decoder(_Flat)
_Column = list[str | int | None]
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
    try:
        rows = _decoder.decode_lines(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if len(rows) != len(raws):
        return None
    columns = _columns(rows, text.count(b'":'))
    return _frame(columns) if columns else None


def _joined(raws: Sequence[bytes]) -> bytes:
    """Records that were lines of nothing, as lines; nothing where the first is not plain."""
    try:
        _decoder.decode(raws[0] if raws else b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return b""
    text = b"\n".join(raws)
    return text if flat_objects(text) == len(raws) else b""


def _has_loose_colon(text: bytes) -> bool:
    """Whether space may stand between a key and its colon, where keys are counted by what ends them."""
    return any(space in text and space + b":" in text for space in (b" ", b"\t", b"\r"))


def _columns(rows: list[msgspec.Struct], keys: int) -> dict[str, _Column] | None:
    """The fields that any record has, missing ones as None, where they account for every key that the text has.

    A key that stands in a record twice is one too many. Those of the first record come first: mostly they are all.
    """
    columns: dict[str, _Column] = {}
    found = 0
    for name in sorted(_FIELDS, key=lambda name: getattr(rows[0], name) is UNSET):
        if found == keys:
            break
        values = list(map(attrgetter(name), rows))
        missing = values.count(UNSET)
        found += len(rows) - missing
        if missing < len(rows):
            columns[name] = [None if value is UNSET else value for value in values] if missing else values
    return columns if found == keys else None


def _frame(fields: dict[str, _Column]) -> pl.DataFrame | None:
    """The entity's columns, each from the one spelling that occurs; None where a field is spelt in two ways."""
    columns = {}
    for column, spellings in ATTENDANCE_FIELDS.items():
        given = [name for name in spellings if name in fields]
        if len(given) > 1:
            return None
        if given:
            dtype = pl.Int64 if given[0] in _PLAIN else pl.String
            columns[column] = pl.Series(fields[given[0]], dtype=dtype).cast(pl.String)
    return pl.DataFrame(columns)
