"""Rename the columns of a CSV or Parquet file to those of its entity, and count the columns that are ignored."""

from __future__ import annotations

from collections import Counter

import polars as pl

from pipeline.decode.records import Decoded, wrong_kind
from pipeline.faults import Fault, Refused
from queries.model.entities import ENTITIES
from queries.model.rules import CONTROL
from queries.model.vocabularies import ENTITY_OF_KIND

# A file is of the first entity here whose columns it all has.
_SIGNATURES = (
    ("attendance", {"booking_id", "status"}),
    ("session", {"id", "schedule_id", "starts_at"}),
    ("booking", {"id", "status", "starts_at"}),
    ("booking", {"id", "status", "participants"}),
    ("booking", {"id", "status", "contact_id"}),
    ("service", {"id", "name"}),
)


def decode_flat(flat: pl.DataFrame, kind: str | None) -> Decoded:
    """Rename the columns of a flat frame (`record` and text columns) to the entity's own.

    The entity is that of `kind`, or else recognised by the columns. A row with a control character in any column gets a
    fault. Raises `Refused` if the columns fit no entity, or another one than that of `kind`.
    """
    names = [name for name in flat.columns if name != "record"]
    recognised = _entity_of(names)
    if kind and recognised not in (None, ENTITY_OF_KIND[kind]):
        raise wrong_kind(kind, "every row", str(recognised))
    entity = ENTITY_OF_KIND[kind] if kind else recognised
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
    """Column of the file -> column of the entity; of two with the same meaning, the first."""
    columns: dict[str, str] = {}
    for name in names:
        column = ENTITIES[entity].field_named(name)
        if column and column not in columns.values():
            columns[name] = column
    return columns


def _entity_of(names: list[str]) -> str | None:
    return next((entity for entity, needed in _SIGNATURES if needed <= set(_columns(names, entity).values())), None)


def _no_entity(names: list[str]) -> Refused:
    return Refused(
        "file.kind_unknown",
        f"its columns ({', '.join(names[:6])}…) are of no attendance, booking, session or service",
        "Name its kind with --kind, or give a --mapping for another system's file",
    )


def _control_characters(flat: pl.DataFrame, names: list[str]) -> list[Fault]:
    """A fault for each row with a control character in any column, known or not."""
    faults = []
    for name in names:
        broken = flat.filter(pl.col(name).str.contains(CONTROL))["record"]
        faults += [Fault(record, "control_char", f"/{name}") for record in broken]
    return faults
