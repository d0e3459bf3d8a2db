"""Decode JSON records one by one into flat rows by entity, with faults and the names of ignored fields."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from pipeline.decode.kinds import kind_of
from pipeline.decode.layouts import Layout, layout_of
from pipeline.decode.lines import is_utf8
from pipeline.decode.plain import Columns, structs_in
from pipeline.decode.rows import decoding_of
from pipeline.decode.shapes import shape_of
from pipeline.faults import Fault, Refused
from pipeline.typing.typed_rows import pointer
from queries.model.rules import CONTROL, HUGE, MAX_ATTENDEES, MAX_TEXT, bounded

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
# The objects of so many records stay in the cache of a processor until columns are made of them.
_PART = 500
# An event may turn out to be none only when its rows are made.
_WITHOUT_LAYOUT = "attendance-event"
_decoder = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Decoded:
    """Decoded records: raw frames by entity (`record`, Int64, and text columns), faults, ignored fields and kinds.

    `keys` are the entity and key of records at fault that are in no frame, as far as they can be read.
    """

    raw_frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    keys: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Sound:
    """The records of one kind that are read into structs, each with its place among all records."""

    places: list[int] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    has_huge: bool = False

    def add(self, place: int, record: Any, raw: bytes) -> None:
        self.places.append(place)
        self.records.append(record)
        self.has_huge = self.has_huge or len(raw) > HUGE


def decode_each(
    raws: Sequence[bytes], records: Sequence[int], kind: str | None, fallback: str | None = None
) -> Decoded:
    """Decode records, given with their numbers, as records of `kind`, or of the kind that the keys of each show.

    A record whose keys fit no kind is decoded as `fallback`, the kind of the file's other records. Raises `Refused` if
    the keys of a record show another kind than the `kind` given.
    """
    if len(raws) != len(records):
        raise ValueError(f"{len(records)} numbers for {len(raws)} records")
    decoded, layout = Decoded(), _layout_for(raws, kind)
    frames: defaultdict[str, list[pl.DataFrame]] = defaultdict(list)
    for start in range(0, len(raws), _PART):
        sound: defaultdict[str, _Sound] = defaultdict(_Sound)
        alike = []
        for place, raw in enumerate(raws[start : start + _PART], start):
            read = layout.read(raw) if layout and len(raw) <= MAX_TEXT and not _may_hold_control(raw) else None
            if layout and read is not None:
                alike.append(read)
                decoded.kinds[layout.kind] += 1
                sound[layout.kind].add(place, read, raw)
            elif found := _decode_one(raw, records[place], kind, fallback, decoded):
                sound[found[0]].add(place, found[1], raw)
        if layout:
            decoded.ignored.update(layout.ignored(alike))
        for entity, frame in _frames(sound):
            frames[entity].append(frame)
    numbers = pl.Series("record", records, pl.Int64)
    made = {entity: _in_order(parts, numbers) for entity, parts in frames.items()}
    # As the records bring them: the rule of a record with faults in several entities is that of the first one.
    decoded.raw_frames = dict(sorted(made.items(), key=lambda item: int(item[1]["record"][0])))
    return decoded


def _frames(sound: Mapping[str, _Sound]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The entity and rows of records that are read: their places as `record`, and text columns."""
    for kind, of in sound.items():
        for entity, places, columns in decoding_of(kind).parts(of.records):
            texts = _bounded(columns) if of.has_huge else columns
            numbers = {"record": [of.places[place] for place in places]}
            yield entity, pl.DataFrame({**numbers, **texts}, {"record": pl.Int64, **dict.fromkeys(texts, pl.String)})


def _in_order(parts: Sequence[pl.DataFrame], numbers: pl.Series) -> pl.DataFrame:
    """The rows of an entity in the order of the records, with the number of each record for its place."""
    rows = pl.concat(parts, how="diagonal")
    ordered = rows if rows["record"].is_sorted() else rows.sort("record", maintain_order=True)
    return ordered.with_columns(numbers.gather(ordered["record"]))


def _layout_for(raws: Sequence[bytes], kind: str | None) -> Layout | None:
    """The layout of most of these records, if they are many, and of the kind that is given, if one is."""
    if len(raws) < WORTH_A_LAYOUT:
        return None
    # Longer records are not read by a layout, and might be as large as the file.
    sample = [raw for raw in raws[:: len(raws) // _SAMPLE] if len(raw) <= MAX_TEXT]
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
) -> tuple[str, Any] | None:
    """The kind of a record and the record as its `Decoding` makes rows of it; or None, with a fault added."""
    value, rule = parsed(raw)
    if rule:
        given = _NUMBER_OF_ATTENDEES.search(raw) if rule == "number_range" else None
        at_number = given and abs(float(given.group(1))) > MAX_ATTENDEES
        place = ("attendees_range", "/numberOfAttendees") if at_number else (rule, "")
        decoded.faults.append(Fault(number, *place))
        return None
    by_keys = kind_of(value) if isinstance(value, dict) else None
    if kind and by_keys not in (None, kind):
        raise wrong_kind(kind, f"record {number + 1}", str(by_keys))
    record_kind = (kind or by_keys or fallback) if isinstance(value, dict) else None
    if record_kind is None:
        decoded.faults.append(Fault(number, "kind_unknown"))
        return None
    decoded.kinds[record_kind] += 1
    if broken := _broken_text(raw, value):
        decoded.faults.append(Fault(number, *broken))
        return None
    decoding = decoding_of(record_kind)
    try:
        record = decoding.checked(msgspec.convert(value, decoding.shape))
    except msgspec.ValidationError as error:
        decoded.faults.append(_type_fault(number, error))
        return None
    decoded.ignored.update(_ignored(value, decoding.shape))
    return record_kind, record


def _bounded(columns: Columns) -> Columns:
    return {name: [None if text is None else bounded(text) for text in texts] for name, texts in columns.items()}


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
