"""Rename the columns of a CSV or Parquet file to those of its entity, and count the columns that are ignored."""

from __future__ import annotations

from collections import Counter

import polars as pl

from pipeline.decode.kinds import kind_unknown
from pipeline.decode.records import Decoded
from pipeline.faults import Fault, Refused
from queries.model.columns import Entity
from queries.model.entities import ENTITIES
from queries.model.rules import CONTROL
from queries.model.vocabularies import ENTITY_OF_KIND, KIND_OF_ENTITY

# A file is of the entity that explains most of its columns, among those here whose columns it all has; of two that
# explain as many, of the first.
_SIGNATURES = (
    ("attendance", {"booking_id", "status"}),
    ("session", {"id", "schedule_id", "starts_at"}),
    ("booking", {"id", "status", "starts_at"}),
    ("booking", {"id", "status", "participants"}),
    ("booking", {"id", "status", "contact_id"}),
    ("service", {"id", "name"}),
    ("fee", {"booking_id", "amount"}),
    ("payment", {"booking_id", "paid"}),
    ("payment", {"booking_id", "total"}),
)
# The columns without which no row can be of the entity: required, and neither made of others nor given a default.
_NEEDED = {
    "attendance": ("booking_id", "status"),
    "session": ("id", "starts_at"),
    "booking": ("id", "status"),
    "service": ("id", "name"),
    "payment": ("booking_id",),
    "fee": ("booking_id", "amount"),
}
# The column that noshow's tables have besides those of their entity.
_OF_OUR_TABLES = "load_id"
_LOCAL = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$"


def decode_flat(flat: pl.DataFrame, kind: str | None) -> Decoded:
    """Rename the columns of a flat frame (`record` and text columns) to the entity's own.

    The entity is that of `kind`, or else recognised by the columns. A row with a control character in any column gets a
    fault. Raises `Refused` if the columns fit no entity, or if those that `kind` needs are missing.
    """
    names = [name for name in flat.columns if name != "record"]
    entity = ENTITIES[ENTITY_OF_KIND[kind]] if kind else _entity_of(names)
    columns = _columns(names, entity)
    if kind:
        _require_columns(names, columns, entity, kind)
    faults = _control_characters(flat, names)
    broken = [fault.record for fault in faults]
    raw = flat.filter(~pl.col("record").is_in(broken)).select("record", **{c: pl.col(n) for n, c in columns.items()})
    is_ours = _is_our_table(names, entity)
    ignored = [name for name in names if name not in columns and not (is_ours and name == _OF_OUR_TABLES)]
    return Decoded(
        raw_frames={entity.name: _with_zones(raw, entity) if is_ours else raw},
        faults=faults,
        ignored=Counter(dict.fromkeys(ignored, flat.height)),
        kinds=Counter({kind or KIND_OF_ENTITY[entity.name]: flat.height}),
    )


def _columns(names: list[str], entity: Entity) -> dict[str, str]:
    """Column of the file -> column of the entity; of two with the same meaning, the first."""
    columns: dict[str, str] = {}
    for name in names:
        column = entity.field_named(name)
        if column and column not in columns.values():
            columns[name] = column
    return columns


def entity_of_columns(names: list[str]) -> str | None:
    """The entity that explains most of these columns, or None if they are of none."""
    explained = {entity: set(_columns(names, ENTITIES[entity]).values()) for entity, _ in _SIGNATURES}
    fitting = [entity for entity, needed in _SIGNATURES if needed <= explained[entity]]
    return max(fitting, key=lambda entity: len(explained[entity]), default=None)


def _entity_of(names: list[str]) -> Entity:
    recognised = entity_of_columns(names)
    if recognised is None:
        raise _no_entity(names)
    return ENTITIES[recognised]


def _require_columns(names: list[str], columns: dict[str, str], entity: Entity, kind: str) -> None:
    missing = [column for column in _NEEDED[entity.name] if column not in columns.values()]
    if not missing:
        return
    recognised = entity_of_columns(names)
    seen = f"; by its columns it is of kind {recognised}" if recognised else ""
    remedy = f"Use --kind {recognised}, or leave it out" if recognised else "Rename the columns, or give a --mapping"
    lacking = " and ".join(entity.wire(column).rsplit(".", 1)[-1] for column in missing)
    raise Refused("file.wrong_kind", f"--kind says {kind}, but the file lacks {lacking}{seen}", remedy)


def _no_entity(names: list[str]) -> Refused:
    return kind_unknown(f"its columns ({', '.join(names[:6])}…) are of no attendance, booking, session or service")


def _is_our_table(names: list[str], entity: Entity) -> bool:
    """Whether these are the columns of one of noshow's own tables, as `copy booking to 'booking.csv'` writes them."""
    return _OF_OUR_TABLES in names and set(_NEEDED[entity.name]) <= set(names) and set(entity.key) <= set(names)


def _with_zones(raw: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    """Mark the instants of our own tables as UTC: there they have no zone, elsewhere such a time is a local one."""
    instants = [name for name in raw.columns if name != "record" and entity.kind(name) == "instant"]
    return raw.with_columns(
        pl.when(pl.col(name).str.contains(_LOCAL)).then(pl.col(name) + "Z").otherwise(name).alias(name)
        for name in instants
    )


def _control_characters(flat: pl.DataFrame, names: list[str]) -> list[Fault]:
    """A fault for each row with a control character in any column, known or not."""
    faults = []
    for name in names:
        broken = flat.filter(pl.col(name).str.contains(CONTROL))["record"]
        faults += [Fault(record, "control_char", f"/{name}") for record in broken]
    return faults
