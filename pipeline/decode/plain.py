"""Give the API's structs a field for each plain column, and read the values of plain columns out of them.

A column at `bookingSource.platform` gives a booking's struct the field `bookingSource`, an object with the field
`platform`, so that msgspec refuses a value of the wrong JSON type there and names the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

import msgspec
from msgspec import Struct

from queries.model.columns import KINDS, Column

Row = dict[str, str | None]
# Name of a column -> its texts, one for each object.
Columns = dict[str, list[str | None]]
Number = int | float
Reader = Callable[[Sequence[Any]], Columns]


def types_of(columns: Iterable[Column], within: str = "") -> dict[str, Any]:
    """Path of each plain column, with the prefix `within` -> the type of its field."""
    return {f"{within}{path}": _type_of(column) for column in columns for path in column.spellings}


def _type_of(column: Column) -> Any:
    if column.kind == "flag":
        return bool | None
    if not KINDS[column.kind].is_number:
        return str | None
    return str | Number | None if column.is_written_as_text else Number | None


def extended(shape: type[Struct], types: Mapping[str, Any]) -> type[Struct]:
    """Make a subclass of the struct `shape` with a field for each path too, in nested structs if the path has dots.

    With `{"slot.eventId": str | None}` the subclass has a `slot` that is a subclass of the slot of `shape`, or a new
    struct if it has none.
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


def reader(columns: Iterable[Column]) -> Reader:
    """Make a function that reads plain columns out of structs made by `extended`: each as texts, from the first of its
    spellings that has a value.

    The function is written from the table of columns and compiled, as `dataclasses` does with its methods: a loop over
    the columns takes twice the time, and a chunk has fifty thousand bookings of twenty columns. Paths are checked to be
    names before they become code. For a booking's `session_id` it is

        o1 = [e0.bookedEntity for e0 in o0]
        o2 = [e1 and e1.slot for e1 in o1]
        o3 = [e1 and e1.singleSession for e1 in o1]
        return {"session_id": [(e2 and e2.sessionId) or (e3 and e3.sessionId) for e2, e3 in zip(o2, o3)]}
    """
    names: dict[tuple[str, ...], int] = {(): 0}
    lines: list[str] = []
    entries = []
    for column in columns:
        places = [_place(path.split("."), names, lines) for path in column.spellings]
        values = [_of(*place) for place in places]
        first = _first_given(values) if column.wire == "id" else _first_as_text(values, _is_no_text(column))
        entries.append(f"{column.name!r}: {_over([holder for holder, _ in places], first)},")
    text = "\n    ".join(["def read(o0):", *lines, "return {", *entries, "}"])
    made: dict[str, Any] = {"as_text": as_text}
    exec(text, made)
    read: Reader = made["read"]
    return read


def _is_no_text(column: Column) -> bool:
    return column.kind == "flag" or KINDS[column.kind].is_number


def _place(path: Sequence[str], names: dict[tuple[str, ...], int], lines: list[str]) -> tuple[int, str]:
    """The number of the objects that hold the value at a path, and its field; objects on the way get a line once."""
    if not all(part.isidentifier() for part in path):
        raise ValueError(f"{'.'.join(path)} is not a path of names")
    *way, end = path
    for depth in range(1, len(way) + 1):
        if (here := tuple(way[:depth])) not in names:
            holder = names[here[:-1]]
            names[here] = len(names)
            lines.append(f"o{names[here]} = {_over([holder], _of(holder, here[-1]))}")
    return names[tuple(way)], end


def _of(holder: int, field: str) -> str:
    """The field of one object; only the whole record is never missing."""
    return f"e{holder}.{field}" if holder == 0 else f"(e{holder} and e{holder}.{field})"


def _over(holders: Iterable[int], value: str) -> str:
    """The list of a value for each record, made of the objects of these numbers."""
    each = list(dict.fromkeys(holders))
    items, lists = ", ".join(f"e{holder}" for holder in each), ", ".join(f"o{holder}" for holder in each)
    return f"[{value} for {items} in {lists if len(each) == 1 else f'zip({lists})'}]"


def _first_as_text(values: Sequence[str], is_no_text: bool) -> str:
    # `or` passes over an empty text, which is not a value. 0 and false are values, so they are texts before `or`.
    return " or ".join(f"as_text({value})" for value in values) if is_no_text else " or ".join(values)


def _first_given(values: Sequence[str]) -> str:
    """The first value that is not null: an id that is there but empty is a wrong id, not a missing one."""
    *before, last = values
    return "".join(f"{value} if {value} is not None else " for value in before) + last


def as_text(value: str | Number | None) -> str | None:
    """A number as text, without `.0` if it is whole: 1e17 breaks the rule on size, not the one on whole numbers."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)
