"""Decode JSON records one by one into flat rows by entity, with faults and the names of ignored fields."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from pipeline.decode.kinds import kind_of
from pipeline.decode.layouts import Layout, layout_of
from pipeline.decode.lines import is_utf8
from pipeline.decode.plain import Row, structs_in
from pipeline.decode.rows import Decoding, Rows, decoding_of
from pipeline.decode.shapes import shape_of
from pipeline.faults import Fault, Refused
from pipeline.typing.typed_rows import pointer
from queries.model.rules import CONTROL, MAX_ATTENDEES, MAX_TEXT, bounded
from queries.model.vocabularies import RECORD_KINDS

_LOOSE_COLON = re.compile(rb'"[ \t\r\n]+:')
# A control character as an escape, or one that JSON allows as it is: DEL, and U+0080 to U+009F in UTF-8.
_ESCAPED_CONTROL = re.compile(
    rb"\\(?:u00(?:0[0-8bcefBCEF]|1[0-9a-fA-F]|7[fF]|[89][0-9a-fA-F])|[bf])|\x7f|\xc2[\x80-\x9f]"
)
_CONTROL = re.compile(CONTROL)
# A whole number of JSON: the text behind the number out of range was not checked.
_NUMBER_OF_ATTENDEES = re.compile(rb'"numberOfAttendees"\s*:\s*(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?=[\s,}\]])')
_AT = re.compile(r" - at `\$\.?(.*)`$")
_TYPE_RULES = {"numberOfAttendees": "attendees_type", "status": "status_unknown"}
MAX_DEPTH = 64
# The rules on JSON itself, which are checked before the kind of a record is known.
SYNTAX_RULES = frozenset({"encoding", "json_syntax", "json_depth", "number_range", "attendees_range"})
# Fewer records are decoded in less time than a layout takes to make.
WORTH_A_LAYOUT = 500
_SAMPLE = 50
# An event may turn out to be none only when its rows are made.
_WITHOUT_LAYOUT = "attendance-event"
_decoder = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Decoded:
    """Decoded records: raw frames by entity, some still as rows, the faults, and counts of ignored fields and kinds.

    `keys` are the entity and key of records at fault that are in no frame, as far as they can be read.
    """

    rows: dict[str, list[tuple[int, Row]]] = field(default_factory=dict)
    raw_frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    keys: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add(self, number: int, rows: Rows) -> None:
        """Add the rows of a record."""
        for entity, row in rows.items():
            self.rows.setdefault(entity, []).append((number, row))

    def frames(self) -> dict[str, pl.DataFrame]:
        """Raw frames by entity: `record` (Int64) and text columns."""
        parts = {entity: [frame] for entity, frame in self.raw_frames.items()}
        for entity, rows in self.rows.items():
            parts.setdefault(entity, []).append(_frame(rows))
        return {entity: pl.concat(frames, how="diagonal") for entity, frames in parts.items()}


def decode_each(
    raws: Sequence[bytes], records: Iterable[int], kind: str | None, fallback: str | None = None
) -> Decoded:
    """Decode records, given with their numbers, as records of `kind`, or of the kind that the keys of each show.

    A record whose keys fit no kind is decoded as `fallback`, the kind of the file's other records. Raises `Refused` if
    the keys of a record show another kind than the `kind` given.
    """
    decoded = Decoded()
    decodings = {known: decoding_of(known) for known in RECORD_KINDS}
    layout = _layout_for(raws, kind)
    alike = []
    for number, raw in zip(records, raws, strict=True):
        read = layout.read(raw) if layout and len(raw) <= MAX_TEXT and not _may_hold_control(raw) else None
        if layout is None or read is None:
            _decode_one(raw, number, kind, fallback, decoded, decodings)
        else:
            alike.append(read)
            decoded.kinds[layout.kind] += 1
            decoded.add(number, decodings[layout.kind].rows(read))
    if layout:
        decoded.ignored.update(layout.ignored(alike))
    return decoded


def _layout_for(raws: Sequence[bytes], kind: str | None) -> Layout | None:
    """The layout of most of these records, if they are many, and of the kind that is given, if one is."""
    if len(raws) < WORTH_A_LAYOUT:
        return None
    sample = raws[:: len(raws) // _SAMPLE]
    values = [value for value, rule in map(parsed, sample) if not rule and isinstance(value, dict)]
    kinds = Counter(map(kind_of, values))
    commonest = max(kinds, key=kinds.__getitem__, default=None)
    if commonest in (None, _WITHOUT_LAYOUT) or kind not in (None, commonest):
        return None
    layout = layout_of([value for value in values if kind_of(value) == commonest], shape_of(commonest))
    if layout and 2 * sum(layout.read(raw) is not None for raw in sample) > len(sample):
        return layout
    return None


def parsed(raw: bytes) -> tuple[Any, str | None]:
    """Decode JSON: the value and None, or None and the broken rule; for a value nested too deeply, both."""
    try:
        value = _decoder.decode(raw)
    except msgspec.ValidationError:
        return None, "number_range"
    except RecursionError:
        return None, "json_depth"
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, "json_syntax" if is_utf8(raw) else "encoding"
    return value, "json_depth" if _too_deep(raw, value) else None


def _too_deep(raw: bytes, value: Any) -> bool:
    # Level by level instead of by recursion, which would itself fail on a value nested too deeply.
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return False
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        held = (v.values() if isinstance(v, dict) else v for v in level if isinstance(v, dict | list))
        level = [inner for values in held for inner in values]
    return bool(level)


def _decode_one(
    raw: bytes,
    number: int,
    kind: str | None,
    fallback: str | None,
    decoded: Decoded,
    decodings: Mapping[str, Decoding],
) -> None:
    value, rule = parsed(raw)
    if rule:
        given = _NUMBER_OF_ATTENDEES.search(raw) if rule == "number_range" else None
        at_number = given and abs(float(given.group(1))) > MAX_ATTENDEES
        place = ("attendees_range", "/numberOfAttendees") if at_number else (rule, "")
        decoded.faults.append(Fault(number, *place))
        return
    by_keys = kind_of(value) if isinstance(value, dict) else None
    if kind and by_keys not in (None, kind):
        raise wrong_kind(kind, f"record {number + 1}", str(by_keys))
    record_kind = (kind or by_keys or fallback) if isinstance(value, dict) else None
    if record_kind is None:
        decoded.faults.append(Fault(number, "kind_unknown"))
        return
    decoded.kinds[record_kind] += 1
    if broken := _broken_text(raw, value):
        decoded.faults.append(Fault(number, *broken))
        return
    decoding = decodings[record_kind]
    try:
        rows = decoding.rows(msgspec.convert(value, decoding.shape))
    except msgspec.ValidationError as error:
        decoded.faults.append(_type_fault(number, error))
        return
    decoded.ignored.update(_ignored(value, decoding.shape))
    decoded.add(number, _bounded(rows) if len(raw) > MAX_TEXT else rows)


def _bounded(rows: Rows) -> Rows:
    return {
        entity: {name: None if text is None else bounded(text) for name, text in row.items()}
        for entity, row in rows.items()
    }


def wrong_kind(given: str, place: str, actual: str) -> Refused:
    """The refusal of a file that is not of the kind given with --kind."""
    return Refused(
        "file.wrong_kind",
        f"--kind says {given}, but {place} is of kind {actual}",
        f"Use --kind {actual}, or leave it out",
    )


def _broken_text(raw: bytes, value: dict[str, Any]) -> tuple[str, str] | None:
    """A fault that the strict decoder lets pass: a key given twice, or a control character in any text."""
    # A text that is the same when its value is written again has each key once: most records of the API are.
    if raw != _encode(value) and _may_repeat_key(raw, value) and _has_duplicate_key(raw):
        return "duplicate_key", ""
    if _may_hold_control(raw):
        return next((("control_char", path) for path, text in _texts(value) if _CONTROL.search(text)), None)
    return None


def _may_hold_control(raw: bytes) -> bool:
    return (b"\\" in raw or b"\x7f" in raw or b"\xc2" in raw) and _ESCAPED_CONTROL.search(raw) is not None


def _may_repeat_key(raw: bytes, value: dict[str, Any]) -> bool:
    """Whether the colons of the text are not as many as the keys of the value: `{"a":1,"a":2}` has two and one.

    Looking for a repeated key itself takes a second decoder. A text with `":` in it only costs time.
    """
    return raw.count(b'":') != _keys_in(value) or _LOOSE_COLON.search(raw) is not None


def _keys_in(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_keys_in(inner) for inner in value.values() if isinstance(inner, dict | list))
    return sum(_keys_in(inner) for inner in value if isinstance(inner, dict | list))


def _has_duplicate_key(raw: bytes) -> bool:
    is_repeated = False

    def check(pairs: list[tuple[str, Any]]) -> None:
        nonlocal is_repeated
        is_repeated = is_repeated or len({name for name, _ in pairs}) < len(pairs)

    json.loads(raw, object_pairs_hook=check)
    return is_repeated


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield path, name
            yield from _texts(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}/{index}")


def _type_fault(number: int, error: msgspec.ValidationError) -> Fault:
    place = _AT.search(str(error))
    path = re.sub(r"\[(\w*)\]", "", place.group(1)) if place else ""
    missing = re.search(r"missing required field `(\w+)`", str(error))
    if missing:
        return Fault(number, "required", pointer(f"{path}.{missing.group(1)}".lstrip(".")))
    return Fault(number, _TYPE_RULES.get(path.rsplit(".", 1)[-1], "field_type"), pointer(path) if path else "")


def _ignored(value: Mapping[str, Any], shape: type[msgspec.Struct], path: str = "") -> Iterator[str]:
    """Names (with dots) of the fields of an object that its shape does not have."""
    known = _nested(shape)
    for name, inner in value.items():
        if name not in known:
            yield path + name
        elif (nested := known[name]) and isinstance(inner, dict):
            yield from _ignored(inner, nested, f"{path}{name}.")


_shapes: dict[type[msgspec.Struct], dict[str, type[msgspec.Struct] | None]] = {}


def _nested(shape: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct] | None]:
    """The names of a shape's fields, each with the shape of the object it holds, if it holds one."""
    if shape not in _shapes:
        fields = msgspec.structs.fields(shape)
        _shapes[shape] = {field.encode_name: next(structs_in(field.type), None) for field in fields}
    return _shapes[shape]


def _frame(rows: list[tuple[int, Row]]) -> pl.DataFrame:
    forms = dict.fromkeys(tuple(row) for _, row in rows)
    columns = {name: pl.String for form in forms for name in form}
    # Rows of one form, as nearly all are, are turned into columns by `zip`, in a fifth of the time.
    values: Iterable[Sequence[str | None]] = (
        zip(*(row.values() for _, row in rows), strict=True)
        if len(forms) == 1
        else ([row.get(name) for _, row in rows] for name in columns)
    )
    data = dict(zip(columns, values, strict=True))
    return pl.DataFrame({"record": [number for number, _ in rows], **data}, schema={"record": pl.Int64, **columns})
