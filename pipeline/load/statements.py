"""Fill in the statements in `merging/`, which stage, settle and merge the rows of one entity.

A name in braces in one of those files stands for a name, a column list or a comparison made here from the model.
Values are always bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pipeline.store.tables import CONTENT_HASH
from queries.model.columns import Entity
from queries.packaged import packaged_sql

_SESSION_IDS = ("event_id", "session_id", "session_key")
# The columns of an attendance inside an extended booking; it gets its ids from the booking.
_SAID_BESIDE_A_BOOKING = ("id", "booking_id", *_SESSION_IDS, "status", "number_of_attendees")


@cache
def merge_sql(name: str, entity: Entity, key: tuple[str, ...] = ()) -> str:
    """The statement `merging/<name>.sql` for an entity, over the columns of `key`, by default the entity's own key."""
    return packaged_sql("pipeline", "load", "merging", name).format(**_replacements(entity, key or entity.key))


@cache
def insert_sql(entity: Entity, *, every: bool) -> str:
    """The statement `merging/insert.sql` for the rows judged as loaded, or for `every` staged row, if all of them are.

    Then none is looked up: the table for it took half the memory of a load of millions of new rows.
    """
    names = _replacements(entity, entity.key)
    chosen = "true" if every else f"staged_row in ({names['loaded']})"
    return packaged_sql("pipeline", "load", "merging", "insert").format(**names, chosen=chosen)


def hashed_rows_sql(entities: Iterable[Entity]) -> str:
    """The staged rows of some entities: record, and the hash `h` of entity and columns."""
    return " union all ".join(
        f"select record, hash('{entity.name}', {', '.join(entity.names)}) as h from staged_{entity.name}"
        for entity in entities
    )


def _replacements(entity: Entity, key: tuple[str, ...]) -> dict[str, str]:
    """The SQL for each name in braces."""
    return {
        "entity": entity.name,
        "columns": _listed(entity.names),
        "typed_columns": _listed([f"{name} {entity.sql_type(name)}" for name in entity.names]),
        "cast_columns": _listed([f"{name}::{entity.sql_type(name)}" for name in entity.names]),
        "key": ", ".join(key),
        "row_key": row_key(entity),
        "common_version": _common_version(entity, key),
        "newest_first": _newest_first(entity, key),
        "first_of_key": key[0],
        "same_key": " and ".join(f"t.{name} = s.{name}" for name in entity.key),
        "other_key": " or ".join(f"t.{name} is distinct from s.{name}" for name in entity.key),
        "is_same": " and ".join(f"t.{name} is not distinct from s.{name}" for name in entity.names),
        "is_older": _is_older(entity),
        "is_dated": _is_dated(entity),
        "content": content(entity),
        "differing": ", ".join(_differing(entity, name) for name in entity.names if name not in entity.key),
        "loaded": f"select staged_row from verdict where entity = '{entity.name}' and verdict = 'loaded'",
        "content_hash": CONTENT_HASH,
        "ids_as_stored": _listed(_ids_as_stored(entity)),
    }


def row_key(entity: Entity) -> str:
    """The SQL for the key of a row as one text, as quarantine and history keep it: `booking/session` for a mark."""
    return "concat_ws('/', " + ", ".join(f"{name}::varchar" for name in entity.key) + ")"


def content(entity: Entity) -> str:
    """The fields of a row as its history keeps them, every value as a text."""
    return ", ".join(f"{name} := {name}::varchar" for name in entity.names)


def _listed(items: tuple[str, ...] | list[str]) -> str:
    return ",\n    ".join(items)


def _common_version(entity: Entity, key: tuple[str, ...]) -> str:
    """Clauses for the first version column that all rows of a key have, as a number.

    All of them, so that two rows are never ordered by different columns: if one has a revision and a date and the other
    a date only, the dates decide.
    """
    over = f"over (partition by {', '.join(key)})"
    return "\n            ".join(
        f"when count({name}) {over} = count(*) {over} then {_as_number(entity, name)}" for name in entity.version
    )


def _newest_first(entity: Entity, key: tuple[str, ...]) -> str:
    """The order of versions of a row, the newest first: by the sequence of events if rows share an id.

    A sequence counts the events of one attendance, so it says nothing about rows with different ids.
    """
    by_sequence = (entity.sequence,) if entity.sequence and key == ("id",) else ()
    return "".join(f"{name} desc nulls last, " for name in (*by_sequence, *entity.version))


def _is_older(entity: Entity) -> str:
    """Whether the staged row s is older than the stored row t: by sequence, or by the first version both have."""
    sequence = (
        f"when s.{entity.sequence} is not null and t.{entity.sequence} is not null and s.id = t.id "
        f"then s.{entity.sequence} < t.{entity.sequence} "
        if entity.sequence
        else ""
    )
    both = (f"when s.{name} is not null and t.{name} is not null then s.{name} < t.{name}" for name in entity.version)
    return f"(case {sequence}{' '.join(both)} else false end)"


def _is_dated(entity: Entity) -> str:
    """Whether something says which of the staged row s and the stored row t is newer."""
    both = [f"(s.{name} is not null and t.{name} is not null)" for name in entity.version]
    if name := entity.sequence:
        both.append(f"(s.{name} is not null and t.{name} is not null and s.id = t.id)")
    return " or ".join(both)


def _differing(entity: Entity, name: str) -> str:
    """A struct of the column, the value of t as a text, and whether it differs from that of s."""
    return (
        f"{{'place': '{entity.name}.{name}', 'value': coalesce(t.{name}::varchar, ''), "
        f"'differs': t.{name} is distinct from s.{name}}}"
    )


def _ids_as_stored(entity: Entity) -> list[str]:
    """Assignments for an attendance that came beside its booking: stored ids, and stored values it lacks."""
    left_out = [name for name in entity.names if name not in _SAID_BESIDE_A_BOOKING]
    return [
        *(f"{name} = t.{name}" for name in _SESSION_IDS),
        *(f"{name} = coalesce(s.{name}, t.{name})" for name in left_out),
    ]


def _as_number(entity: Entity, name: str) -> str:
    return f"epoch_us({name})" if entity.kind(name) == "instant" else name
