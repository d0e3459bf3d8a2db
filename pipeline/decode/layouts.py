"""Read records that look like most of their file straight into structs, with a proof that nothing of them is lost.

`records` decodes each record into dicts, writes it again to find keys that are there twice, converts it into structs,
and looks for fields that nobody knows. Records of one system have the same keys in nearly every line. So a few of them
are looked at, and a layout is made of their keys: the structs of the kind with a field for each key that was seen,
known or not. A record that is read by it and written again is the shortest JSON of the values that were read. A record
is never shorter; so one with no more bytes, spaces aside, says these values and nothing else:

    {"id": "a", "status": "CONFIRMED", "note": "x y"}     as it came, 2 + 3 spaces around tokens, 1 in a value
    {"id":"a","status":"CONFIRMED","note":"x y"}          written again

A key that the layout does not have, a key that is there twice, an escape that JSON does not need and a `null` that the
other records leave out all make a record longer. A number with a fraction may be written longer than it came (1e5 as
100000.0), and hide one of these. So no field of a layout takes one.

A record that a layout does not read need not be at fault: it is decoded like any other record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from pipeline.decode.kinds import kind_between
from pipeline.decode.plain import structs_in

# Records of more keys hold tables of their own, with other keys in the next record, or are made to take time: msgspec
# looks for a key among the fields of a struct one by one, from the one found last.
_MAX_KEYS = 1_000
_MAX_KEYS_OF_AN_OBJECT = 128
_NOT_IN_A_NAME = frozenset('"\\') | {chr(code) for code in range(0x20)}
_SCALAR = str | int | bool | None
_encode = msgspec.json.Encoder().encode


class Form(NamedTuple):
    """The values at one place of some records: the keys of objects among them, and the form of the items of lists.

    Each key stands with whether all of the objects have it, and with the form of its values.
    """

    fields: tuple[tuple[str, bool, Form], ...] = ()
    is_object: bool = False
    items: Form | None = None


class _Level(NamedTuple):
    """The object at one place of a record: the names on the way to it, and the fields in it that nobody knows.

    Each field has its path as it is counted, its name in the struct, and whether every object has it.
    """

    way: tuple[str, ...]
    unknown: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The structs for records of one kind that have the same keys, and how to read a record into them."""

    kind: str
    decoder: msgspec.json.Decoder[Struct]
    levels: tuple[_Level, ...]

    def read(self, raw: bytes) -> Struct | None:
        """The record, if it says nothing else than the struct holds; else None."""
        try:
            read = self.decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        text = _encode(read)
        is_all = len(text) == len(raw) or len(text) - text.count(b" ") == len(raw) - raw.count(b" ")
        return read if is_all else None

    def ignored(self, read: Sequence[Struct]) -> Counter[str]:
        """The names (with dots) of the fields that nobody knows, with the number of records that have each."""
        counts: Counter[str] = Counter()
        for way, unknown in self.levels:
            holders = read
            for name in way:
                holders = [inner for holder in holders if isinstance(inner := getattr(holder, name), Struct)]
            for path, name, is_always in unknown:
                found = len(holders) if is_always else sum(getattr(holder, name) is not None for holder in holders)
                counts.update({path: found} if found else {})
        return counts


def layout_of(records: Sequence[Any], shape: type[Struct]) -> Layout | None:
    """A layout for the records of a kind, from the values of some; None if they are of no form that others will have.

    `shape` is the struct of the kind.
    """
    form = form_of(records)
    parts = list(_parts(form))
    keys = [name for part in parts for name, _, _ in part.fields]
    is_large = len(keys) > _MAX_KEYS or any(len(part.fields) > _MAX_KEYS_OF_AN_OBJECT for part in parts)
    return None if is_large or any(_NOT_IN_A_NAME & {*name} for name in keys) else _layout(form, shape)


def form_of(values: Sequence[Any]) -> Form:
    """The form that some values of JSON have together."""
    objects = [value for value in values if isinstance(value, dict)]
    lists = [value for value in values if isinstance(value, list)]
    held: dict[str, list[Any]] = {}
    for one in objects:
        for name, inner in one.items():
            held.setdefault(name, []).append(inner)
    fields = tuple((name, len(held[name]) == len(objects), form_of(held[name])) for name in held)
    items = [item for one in lists for item in one]
    return Form(fields, bool(objects), form_of(items) if lists else None)


@lru_cache(maxsize=16)
def _layout(form: Form, shape: type[Struct]) -> Layout | None:
    made = _struct(shape, form)
    fields = msgspec.structs.fields(made)
    needed = {field.encode_name for field in fields if field.required}
    kind = kind_between(needed, {field.encode_name for field in fields})
    return Layout(kind, msgspec.json.Decoder(made), tuple(_levels(shape, made, ()))) if kind else None


def _parts(form: Form) -> Iterator[Form]:
    yield form
    for inner in (*(inner for _, _, inner in form.fields), *([form.items] if form.items else [])):
        yield from _parts(inner)


def _struct(shape: type[Struct] | None, form: Form) -> type[Struct]:
    """A struct for objects of a form, as a subclass of the struct that noshow knows for them, if it knows one.

    A field that all objects have must be there, so that it is written again even if it is null. The fields are in the
    order of the keys, in which msgspec finds them fastest.
    """
    known = {field.name: field for field in msgspec.structs.fields(shape)} if shape else {}
    seen = {name: (is_always, inner) for name, is_always, inner in form.fields}
    names = {name: name if name in known else f"unknown_{at}" for at, name in enumerate(seen)}
    fields: list[Any] = []
    for name in {**seen, **known}:
        is_always, inner = seen.get(name, (False, Form()))
        hint = _known_type(known[name].type, inner) if name in known else _seen_type(inner)
        is_needed = is_always or (name in known and known[name].required)
        fields.append((names.get(name, name), hint) if is_needed else (names.get(name, name), hint, None))
    return msgspec.defstruct(
        shape.__name__ if shape else "Unknown",
        fields,
        bases=(shape,) if shape else None,
        kw_only=True,
        omit_defaults=True,
        # Decoded values hold no cycles, and looking for some takes a quarter of the time.
        gc=False,
        rename={made: name for name, made in names.items()},
    )


def _known_type(hint: Any, form: Form) -> Any:
    """The type of a field that noshow knows, without numbers with a fraction, and with the fields seen in objects."""
    return reduce(or_, (_known_option(option, form) for option in _options(hint) if option is not float))


def _known_option(option: Any, form: Form) -> Any:
    if option is Any:
        return _seen_type(form)
    if get_origin(option) is list:
        return list[_known_type(get_args(option)[0], form.items or Form())]  # type: ignore[misc]
    if get_origin(option) is dict:
        return dict[str, _known_type(get_args(option)[1], Form())]  # type: ignore[misc]
    return _struct(option, form) if _is_struct(option) else option


def _seen_type(form: Form) -> Any:
    """The type of a field that nobody knows: any value but a number with a fraction, with the objects seen."""
    made: Any = _SCALAR
    if form.is_object:
        made |= _struct(None, form)
    return made | list[_seen_type(form.items)] if form.items else made  # type: ignore[misc]


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _is_struct(option: Any) -> bool:
    return isinstance(option, type) and issubclass(option, Struct)


def _levels(shape: type[Struct], made: type[Struct], way: tuple[str, ...]) -> Iterator[_Level]:
    """The objects of a record that have fields which nobody knows; not those in lists, as `records` counts them."""
    known = {field.name: next(structs_in(field.type), None) for field in msgspec.structs.fields(shape)}
    fields = msgspec.structs.fields(made)
    unknown = [(".".join((*way, f.encode_name)), f.name, f.required) for f in fields if f.name not in known]
    if unknown:
        yield _Level(way, tuple(unknown))
    for field in fields:
        if held := known.get(field.name):
            yield from _levels(held, next(filter(_is_struct, _options(field.type))), (*way, field.name))
