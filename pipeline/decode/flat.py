"""Raw frames of the flat rows of a CSV or Parquet file, with the names of the columns that are ignored."""

from __future__ import annotations

from collections import Counter

import polars as pl

from pipeline.decode.records import Decoded, wrong_kind
from pipeline.faults import Fault, Refused
from queries.model.entities import ENTITIES
from queries.model.rules import CONTROL
from queries.model.vocabularies import ENTITY_OF_KIND

# The columns that tell an entity: all of one set.
_TELLING = (
    ("attendance", {"booking_id", "status"}),
    ("session", {"id", "schedule_id", "starts_at"}),
    ("booking", {"id", "status", "starts_at"}),
    ("booking", {"id", "status", "participants"}),
    ("booking", {"id", "status", "contact_id"}),
    ("service", {"id", "name"}),
)


def decode_flat(flat: pl.DataFrame, kind: str | None) -> Decoded:
    """Rename the columns of a flat frame (`record` and text columns) to the entity's own.

    The entity is told by `kind`, else by the columns. Raises `Refused` where they fit none, or not the `kind` given.
    """
    names = [name for name in flat.columns if name != "record"]
    told = _entity_of(names)
    if kind and told not in (None, ENTITY_OF_KIND[kind]):
        raise wrong_kind(kind, "every row", str(told))
    entity = ENTITY_OF_KIND[kind] if kind else told
    if entity is None:
        raise _no_entity(names)
    columns = _columns(names, entity)
    faults = _control_characters(flat, names)
    broken = [fault.record for fault in faults]
    raw = flat.filter(~pl.col("record").is_in(broken)).select("record", **{c: pl.col(n) for n, c in columns.items()})
    ignored = Counter({name: flat.height for name in names if name not in columns})
    return Decoded(
        raw_frames={entity: raw}, faults=faults, ignored=ignored, kinds=Counter({kind or entity: flat.height})
    )


def _columns(names: list[str], entity: str) -> dict[str, str]:
    """Column of the file -> column of the entity; of two that mean the same, the first."""
    columns: dict[str, str] = {}
    for name in names:
        column = ENTITIES[entity].field_named(name)
        if column and column not in columns.values():
            columns[name] = column
    return columns


def _entity_of(names: list[str]) -> str | None:
    return next((entity for entity, telling in _TELLING if telling <= set(_columns(names, entity).values())), None)


def _no_entity(names: list[str]) -> Refused:
    return Refused(
        "file.kind_unknown",
        f"its columns ({', '.join(names[:6])}…) are of no attendance, booking, session or service",
        "Say what it is with --kind, or give a --mapping for another system's file",
    )


def _control_characters(flat: pl.DataFrame, names: list[str]) -> list[Fault]:
    """A fault for each row with a control character in any column, known or not."""
    faults = []
    for name in names:
        broken = flat.filter(pl.col(name).str.contains(CONTROL))["record"]
        faults += [Fault(record, "control_char", f"/{name}") for record in broken]
    return faults
