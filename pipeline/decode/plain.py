"""Plain columns on the wire: their paths become fields of the API's structs, and their values are read out of them.

A column at `bookingSource.platform` gives a booking's struct the field `bookingSource`, an object with the field
`platform`, so that msgspec refuses a value of the wrong JSON type there and names the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, get_args

import msgspec
from msgspec import Struct

from queries.model.columns import KINDS, Column

Row = dict[str, str | None]
Number = int | float
Reader = Callable[[Struct], Row]


def types_of(columns: Iterable[Column], within: str = "") -> dict[str, Any]:
    """Path of each plain column, behind that of the object it is `within` -> the type of its field."""
    return {f"{within}{path}": _type_of(column) for column in columns for path in column.spellings}


def _type_of(column: Column) -> Any:
    if not KINDS[column.kind].is_number:
        return str | None
    return str | Number | None if column.is_written_as_text else Number | None


def extended(shape: type[Struct], types: Mapping[str, Any]) -> type[Struct]:
    """A struct like `shape` that has a field of its own for each path too, in objects within it if need be.

    `{"slot.eventId": str | None}` makes a subclass whose `slot` is a subclass of the slot there was, or a new struct.
    """
    fields: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for path, leaf in types.items():
        name, _, rest = path.partition(".")
        if rest:
            nested.setdefault(name, {})[rest] = leaf
        else:
            fields[name] = leaf
    known = {field.encode_name: field.type for field in msgspec.structs.fields(shape)}
    for name, inner in nested.items():
        held = next(structs_in(known[name]), None) if name in known else None
        fields[name] = _with_struct(known.get(name), held, extended(held or _named(name), inner))
    required = {field.name for field in msgspec.structs.fields(shape) if field.required}
    made = [(name, hint) if name in required else (name, hint, None) for name, hint in fields.items()]
    return msgspec.defstruct(shape.__name__, made, bases=(shape,), kw_only=True, module=shape.__module__)


def _named(name: str) -> type[Struct]:
    return msgspec.defstruct(name[:1].upper() + name[1:], [])


def _with_struct(hint: Any, old: type[Struct] | None, new: type[Struct]) -> Any:
    """The type of a field with one struct in the place of another: `Slot | str | None`."""
    if old is None:
        return new | None
    if hint is old:
        return new
    others = [option for option in get_args(hint) if option is not old]
    made: Any = new
    for option in others:
        made = made | option
    return made


def structs_in(hint: Any) -> Iterator[type[Struct]]:
    """The structs among the types that a field may have."""
    options: Iterable[Any] = get_args(hint) or (hint,)
    return (option for option in options if isinstance(option, type) and issubclass(option, Struct))


def reader(columns: Sequence[Column]) -> Reader:
    """A function that reads plain columns out of a struct made by `extended`: each as text, in its first spelling
    that has a value.

    It asks each object once for all of its fields, since a chunk has fifty thousand bookings of twenty columns.
    """
    parts = _parts(path for column in columns for path in column.spellings)
    place = {path: at for at, path in enumerate(path for part in parts for path in part.paths)}
    names = [column.name for column in columns]
    first = itemgetter(*(place[column.spellings[0]] for column in columns))
    further = [(c.name, [place[path] for path in c.spellings[1:]]) for c in columns if len(c.spellings) > 1]
    numbers = [column.name for column in columns if KINDS[column.kind].is_number]

    def read(value: Struct) -> Row:
        objects: list[Any] = [value]
        values: list[Any] = []
        for part in parts:
            held = objects[part.holder]
            found = None if held is None else part.of(held)
            objects.append(found)
            values += part.nothing if found is None else part.fields(found)
        row = dict(zip(names, first(values), strict=True))
        for name, others in further:
            if row[name] is None or row[name] == "":
                row[name] = next((text for at in others if (text := values[at]) is not None and text != ""), None)
        for name in numbers:
            if row[name] is not None:
                row[name] = as_text(row[name])
        return row

    return read


@dataclass(frozen=True, slots=True)
class _Part:
    """An object on the way to plain columns: which object holds it, how it is got from that, and its fields from it.

    The whole is number 0, and the first part too: it is got from itself.
    """

    holder: int
    of: Callable[[Any], Any]
    fields: Callable[[Any], tuple[Any, ...]]
    paths: tuple[str, ...]
    nothing: tuple[None, ...]


def _parts(paths: Iterable[str]) -> list[_Part]:
    """The objects that hold the paths, each behind the one that holds it."""
    fields: dict[tuple[str, ...], list[str]] = {(): []}
    for path in paths:
        *way, end = path.split(".")
        for depth in range(1, len(way) + 1):
            fields.setdefault(tuple(way[:depth]), [])
        fields[tuple(way)].append(end)
    ways = sorted(fields, key=len)
    number = {way: at for at, way in enumerate(ways, 1)}
    return [
        _Part(
            number[way[:-1]] if way else 0,
            attrgetter(way[-1]) if way else _itself,
            _fields(fields[way]),
            tuple(".".join((*way, end)) for end in fields[way]),
            (None,) * len(fields[way]),
        )
        for way in ways
    ]


def _itself(value: Any) -> Any:
    return value


def _fields(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What `attrgetter` does, with a tuple for one name and for none too."""
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda value: (getattr(value, names[0]),)) if names else lambda _: ()


def as_text(value: str | Number) -> str:
    """Whole floats as such: 1e17 is a number too large, not one that is not whole."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
