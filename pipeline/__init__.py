"""The whole batch run: source files go in, the published database and the report come out.

>>> import pipeline
>>> with pipeline.open_store() as store:  # doctest: +SKIP
...     pipeline.ingest(store, ["exports/"])
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.erasure import Erased, erase
    from pipeline.ingestion import FileOutcome, Refusal, ingest
    from pipeline.lake import Exported, export_lake
    from pipeline.mapping import Mapping, read_mapping
    from pipeline.marking import (
        bulk_delete_attendances,
        bulk_set_attendance,
        delete_attendance,
        set_attendance,
    )
    from pipeline.pulling.pull import Pulled, pull, replay
    from pipeline.quarantine import discard_quarantined, retry_quarantined
    from pipeline.quarantine_file import export_quarantined
    from pipeline.sample import write_sample
    from pipeline.settings import Settings, read_settings
    from pipeline.store import Store, open_store

__all__ = [
    "Erased",
    "Exported",
    "FileOutcome",
    "Mapping",
    "Pulled",
    "Refusal",
    "Settings",
    "Store",
    "bulk_delete_attendances",
    "bulk_set_attendance",
    "delete_attendance",
    "discard_quarantined",
    "erase",
    "export_lake",
    "export_quarantined",
    "ingest",
    "open_store",
    "pull",
    "read_mapping",
    "read_settings",
    "replay",
    "retry_quarantined",
    "set_attendance",
    "write_sample",
]

# Imported when first asked for: validation alone takes a second, which no command should wait for in vain.
_HOMES = {
    "Erased": "pipeline.erasure",
    "erase": "pipeline.erasure",
    "FileOutcome": "pipeline.ingestion",
    "Refusal": "pipeline.ingestion",
    "ingest": "pipeline.ingestion",
    "Exported": "pipeline.lake",
    "export_lake": "pipeline.lake",
    "Mapping": "pipeline.mapping",
    "read_mapping": "pipeline.mapping",
    "bulk_delete_attendances": "pipeline.marking",
    "bulk_set_attendance": "pipeline.marking",
    "delete_attendance": "pipeline.marking",
    "set_attendance": "pipeline.marking",
    "discard_quarantined": "pipeline.quarantine",
    "Pulled": "pipeline.pulling.pull",
    "pull": "pipeline.pulling.pull",
    "replay": "pipeline.pulling.pull",
    "retry_quarantined": "pipeline.quarantine",
    "export_quarantined": "pipeline.quarantine_file",
    "write_sample": "pipeline.sample",
    "Settings": "pipeline.settings",
    "read_settings": "pipeline.settings",
    "Store": "pipeline.store",
    "open_store": "pipeline.store",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
