"""Name all that affects a file's outcome besides its bytes: if it changes, a file loaded before is read again."""

from __future__ import annotations

import hashlib

from pipeline.load.validating import Reading
from pipeline.mapping.sections import SITE
from pipeline.settings.stored import site_zone
from pipeline.store.opening import Store
from queries.model.entities import TABLES

_BEFORE_COLUMNS = "+"


def treatment_of(reading: Reading, store: Store) -> str:
    """A hash of options, mapping and settings, then one of the columns of the tables: `3f…a1+9c…04`.

    After an upgrade that adds columns the second part differs, and a file that is offered again is read once more.
    Earlier versions of noshow wrote the first part alone.
    """
    settings = store.settings
    parts = (
        reading.kind,
        reading.format,
        reading.encoding,
        reading.mapping.digest if reading.mapping else None,
        settings.contradictions,
        settings.more_than_booked,
        *([reading.stated_at.isoformat()] if reading.stated_at else []),
        *([reading.dates] if reading.dates else []),
        *([site_zone(store.connection)] if reading.mapping and reading.mapping.zone == SITE else []),
    )
    columns = {name: entity.names for name, entity in TABLES.items()}
    return f"{_hash(parts)}{_BEFORE_COLUMNS}{_hash(columns)}"


def options_of(treatment: str) -> str:
    """The part of a treatment that the options, the mapping and the settings decide."""
    return treatment.split(_BEFORE_COLUMNS)[0]


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
