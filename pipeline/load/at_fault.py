"""Describe records at fault, in words a user can act on: entity, key, field and value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.decode.kinds import kind_of
from pipeline.decode.records import parsed
from pipeline.faults import Fault
from pipeline.mapping.model import Mapping as FieldMapping
from pipeline.sources import Chunk
from pipeline.typing.typed_rows import pointer
from queries.model.entities import ENTITIES, TABLES
from queries.model.rules import GUID, HUGE
from queries.model.vocabularies import ENTITY_OF_KIND

MAX_VALUE = 200
# Long enough to recognise a value by, in a message of one line.
_IN_A_MESSAGE = 80
# The key of a record is that of the first entity here that it feeds.
KEYED = ("booking", "attendance", "session", "service", "deleted_attendance", "payment", "fee")
_ABOUT_A_CONTACT = ("contactDetails", "formInfo")
_FORMAT = re.compile(r"strptime\s*\(.*?,\s*'([^']*)'", re.IGNORECASE | re.DOTALL)
_TEXT_IN_SQL = re.compile(r"'(?:[^']|'')*'")

Rows = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class AtFault:
    """A record at fault: the entity and key it is about, the field and value at fault, the reason.

    `reason` follows the value: "not a timestamp". `message` is the whole fault in words, for a fault without a value.
    """

    entity: str | None = None
    row_key: str | None = None
    field: str = ""
    value: str | None = None
    reason: str = ""
    message: str = ""

    def in_words(self, of: str = "") -> str:
        """The fault in words: "startDate is '02.03.2026 10h', not a timestamp"; `of` goes behind the field."""
        if self.value is None:
            return self.message
        text = self.value if len(self.value) <= _IN_A_MESSAGE else f"{self.value[:_IN_A_MESSAGE]}…"
        return f"{self.field}{of} is {text!r}, {self.reason}"


def at_fault(
    chunk: Chunk,
    raw: Mapping[str, pl.DataFrame],
    typed: Mapping[str, pl.DataFrame],
    faults: Iterable[Fault],
    mapping: FieldMapping | None = None,
    read: Mapping[int, tuple[str, str]] | None = None,
) -> dict[int, AtFault]:
    """Describe the first fault of each record of a chunk, by the record's number.

    `raw` and `typed` are the frames by entity, as decoded and as typed: keys are compared with those of stored rows, so
    they are taken from the typed ones. `read` are the keys of records that are in no frame.
    """
    first: dict[int, Fault] = {}
    for fault in faults:
        first.setdefault(fault.record, fault)
    if not first:
        return {}
    wanted = list(first)
    keys = {**_keys(typed, wanted), **(read or {})}
    raws = {name: _rows(frame, wanted) for name, frame in raw.items()}
    flat = _rows(chunk.flat, wanted) if chunk.flat is not None else None
    places = {record: at for at, record in enumerate(chunk.records) if record in first} if flat is None else {}
    found = {}
    for record, fault in first.items():
        value = _json(chunk.raws[places[record]]) if record in places else None
        entity, key = keys.get(record) or _key_in_json(value)
        found[record] = _described(fault, entity, key, raws, (flat or {}).get(record), value, mapping)
    return found


def _described(
    fault: Fault,
    entity: str | None,
    key: str | None,
    raws: Mapping[str, Rows],
    flat: Mapping[str, Any] | None,
    value: Any,
    mapping: FieldMapping | None,
) -> AtFault:
    if fault.rule == "mapping_expression":
        return _failed_expression(fault, entity, key, flat, mapping)
    if _may_name_someone(fault):
        return AtFault(entity, key, fault.field, None, "", fault.message)
    found = _value(fault, raws, flat, value)
    message = f"{fault.message} ({fault.detail})" if fault.detail else fault.message
    reason = message.removeprefix(f"{fault.field} ")
    if reason == message or fault.rule == "required":
        return AtFault(entity, key, fault.field, None, "", message)
    reason = reason[3:] if reason.startswith("is ") else f"which {reason}"
    return AtFault(entity, key, fault.field, found, reason, message)


def _failed_expression(
    fault: Fault, entity: str | None, key: str | None, flat: Mapping[str, Any] | None, mapping: FieldMapping | None
) -> AtFault:
    """The fault of a mapping's expression: the value of the first column of the file that the expression reads."""
    _, section, column = fault.pointer.split("/", 2) if fault.pointer.count("/") > 1 else ("", "", "")
    field_text = _field(mapping, section, column)
    expression = _written_out(mapping, field_text)
    message = fault.detail or (f"{fault.message}: {expression}" if expression else fault.message)
    field = TABLES[section].wire(column).rsplit(".", 1)[-1] if column in _names(section) else fault.field
    if column in _names(section) and TABLES[section].column(column).is_personal:
        return AtFault(entity, key, field, None, "", f"{fault.message}: {expression}")
    read = [name for name in _columns_read(expression, flat or {}) if (flat or {})[name] is not None]
    if not read:
        return AtFault(entity, key, field, None, "", message)
    # In words the format is that of the owner; the SQL made of them has others.
    in_words = mapping.said.get(field_text) if mapping else None
    wanted = None if in_words else _FORMAT.search(expression)
    expression = in_words or expression
    reason = f"which is not {wanted[1]!r}" if wanted else f"on which the mapping's expression fails: {expression}"
    return AtFault(entity, key, field, str((flat or {})[read[0]])[:MAX_VALUE], reason, message)


def _names(section: str) -> tuple[str, ...]:
    return TABLES[section].names if section in TABLES else ()


def _field(mapping: FieldMapping | None, section: str, column: str) -> str:
    """The expression of a field as the mapping has it, or an empty text."""
    if mapping is None:
        return ""
    fields = {"when": mapping.when.get(section, ""), **mapping.fields.get(section, {})}
    attributes = {f"attributes/{name}": text for name, text in mapping.attributes.items()}
    return (fields | attributes).get(column, "")


def _written_out(mapping: FieldMapping | None, expression: str) -> str:
    """An expression with the named ones that it uses written out."""
    if mapping is None:
        return ""
    for name, meaning in reversed(mapping.let.items()):
        named = re.compile(rf'"{re.escape(name)}"|(?<![\w"]){re.escape(name)}(?![\w"(])', re.IGNORECASE)
        expression = named.sub(lambda _, meaning=meaning: meaning, expression)  # type: ignore[misc]
    return expression


def _columns_read(expression: str, columns: Iterable[str]) -> list[str]:
    """The columns of the file that an expression names, in its order."""
    text = _TEXT_IN_SQL.sub(lambda found: " " * len(found[0]), expression)
    places = {}
    for name in columns:
        found = re.search(rf'"{re.escape(name)}"|(?<![\w"]){re.escape(name)}(?![\w"(])', text, re.IGNORECASE)
        if found and name != "record":
            places[name] = found.start()
    return sorted(places, key=places.__getitem__)


def _keys(typed: Mapping[str, pl.DataFrame], wanted: list[int]) -> dict[int, tuple[str, str]]:
    """The entity and key of each record whose key can be read, of the first entity that it feeds."""
    keys: dict[int, tuple[str, str]] = {}
    for name in KEYED:
        if name not in typed:
            continue
        entity = TABLES[name]
        known = [pl.col(part).is_not_null() for part in entity.key]
        known += [pl.col(part).str.contains(GUID) for part in entity.key if entity.kind(part) == "guid"]
        rows = typed[name].filter(pl.col("record").is_in(wanted), *known).select("record", *entity.key)
        for record, *parts in rows.iter_rows():
            keys.setdefault(record, (name, "/".join(parts)))
    return keys


def _rows(frame: pl.DataFrame, wanted: list[int]) -> dict[int, Mapping[str, Any]]:
    """The wanted rows by record; of several of one record the values that all have, since any may be at fault."""
    rows: dict[int, Mapping[str, Any]] = {}
    for row in frame.filter(pl.col("record").is_in(wanted)).iter_rows(named=True):
        known = rows.setdefault(row["record"], row)
        if known is not row:
            rows[row["record"]] = {name: value if row[name] == value else None for name, value in known.items()}
    return rows


def _value(fault: Fault, raws: Mapping[str, Rows], flat: Mapping[str, Any] | None, value: Any) -> str | None:
    """The value at fault as a text, from the raw row of its entity, the file's own column, or the JSON record."""
    own = raws.get(fault.entity, {}).get(fault.record, {})
    column = _column_at(fault.entity, fault.pointer)
    if column is not None and column in own:
        # Nothing is a value too: another entity's status is not the one at fault.
        return None if own[column] is None else str(own[column])[:MAX_VALUE]
    for name in raws:
        row = raws.get(name, {}).get(fault.record, {})
        column = _column_at(name, fault.pointer) if row else None
        if column and row.get(column) is not None:
            return str(row[column])[:MAX_VALUE]
    if flat is not None:
        found = flat.get(fault.field)
        return None if found is None else str(found)[:MAX_VALUE]
    return _at(value, fault.pointer)


def _column_at(entity: str, place: str) -> str | None:
    if entity not in TABLES:
        return None
    return next((name for name in TABLES[entity].names if pointer(TABLES[entity].wire(name)) == place), None)


def _may_name_someone(fault: Fault) -> bool:
    """Whether the field is about a contact, or not one that noshow knows: lists and messages leave its value out."""
    if any(f"/{part}" in fault.pointer for part in _ABOUT_A_CONTACT):
        return True
    columns = [(entity, entity.field_named(fault.field)) for entity in TABLES.values()]
    known = [entity.column(name) for entity, name in columns if name]
    return not known or any(column.is_personal for column in known)


def _json(raw: bytes) -> Any:
    return parsed(raw)[0] if len(raw) <= HUGE else None


def _at(value: Any, place: str) -> str | None:
    """The scalar at a JSON pointer, as a text; None if there is none."""
    for part in place.split("/")[1:] if place else [""]:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    if value is None:
        return None
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:MAX_VALUE]


def _key_in_json(value: Any) -> tuple[str | None, str | None]:
    """The entity and key of a JSON record that could not be decoded into rows, as far as they can be read."""
    if not isinstance(value, dict):
        return None, None
    kind = kind_of(value)
    inner = value.get("booking") if kind == "extended-booking" else value
    if kind in (None, "attendance-event") or not isinstance(inner, dict):
        return None, None
    entity = ENTITY_OF_KIND[str(kind)]
    if entity == "attendance":
        parts = [_text(inner, "bookingId").lower(), _text(inner, "eventId") or _text(inner, "sessionId")]
    elif entity == "payment":
        parts = [_text(inner, "bookingId").lower()]
    else:
        id = _text(inner, "id") or _text(inner, "_id")
        parts = [id.lower() if ENTITIES[entity].kind("id") == "guid" else id]
    return (entity, "/".join(parts)) if all(parts) else (None, None)


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found.strip() if isinstance(found, str) else ""
