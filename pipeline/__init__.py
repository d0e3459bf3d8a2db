# A package of the distribution noshow.
"""Load booking and attendance records into the database, mark attendance, export and erase.

>>> import pipeline
>>> with pipeline.open_store() as store:  # doctest: +SKIP
...     pipeline.ingest(store, ["exports/"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.calling.listing import list_calls
    from pipeline.calling.recording import Recorded, record_calls
    from pipeline.export.export import ExportedViews, export_views
    from pipeline.lake.export import Exported, export_lake
    from pipeline.load.ingestion import ingest
    from pipeline.load.outcomes import FileOutcome, Refusal
    from pipeline.load.taking_back.completing import Dates
    from pipeline.load.taking_back.unloading import Unloaded, unload
    from pipeline.mapping.reading import Mapping, read_mapping
    from pipeline.marks.deleting import bulk_delete_attendances, delete_attendance
    from pipeline.marks.marking import bulk_set_attendance, set_attendance
    from pipeline.people.erasure import Erased, erase
    from pipeline.people.other_files import OtherFiles
    from pipeline.predicting.training import forget_model, train_model
    from pipeline.pulling.pull import Pulled, pull, replay
    from pipeline.quarantine.export import export_quarantined
    from pipeline.quarantine.retry import discard_quarantined, retry_quarantined
    from pipeline.sample import write_sample
    from pipeline.settings import Settings, read_settings
    from pipeline.store.opening import Store, open_store

__all__ = [
    "Dates",
    "Erased",
    "Exported",
    "ExportedViews",
    "FileOutcome",
    "Mapping",
    "OtherFiles",
    "Pulled",
    "Recorded",
    "Refusal",
    "Settings",
    "Store",
    "Unloaded",
    "bulk_delete_attendances",
    "bulk_set_attendance",
    "delete_attendance",
    "discard_quarantined",
    "erase",
    "export_lake",
    "export_quarantined",
    "export_views",
    "forget_model",
    "ingest",
    "list_calls",
    "open_store",
    "pull",
    "read_mapping",
    "read_settings",
    "record_calls",
    "replay",
    "retry_quarantined",
    "set_attendance",
    "train_model",
    "unload",
    "write_sample",
]

# Imported on first use: pandera alone takes a second, and most commands do not need it.
_HOMES = {
    "list_calls": "pipeline.calling.listing",
    "Recorded": "pipeline.calling.recording",
    "record_calls": "pipeline.calling.recording",
    "Erased": "pipeline.people.erasure",
    "erase": "pipeline.people.erasure",
    "OtherFiles": "pipeline.people.other_files",
    "FileOutcome": "pipeline.load.outcomes",
    "Refusal": "pipeline.load.outcomes",
    "ingest": "pipeline.load.ingestion",
    "Exported": "pipeline.lake.export",
    "ExportedViews": "pipeline.export.export",
    "export_views": "pipeline.export.export",
    "export_lake": "pipeline.lake.export",
    "Dates": "pipeline.load.taking_back.completing",
    "Unloaded": "pipeline.load.taking_back.unloading",
    "unload": "pipeline.load.taking_back.unloading",
    "Mapping": "pipeline.mapping.reading",
    "read_mapping": "pipeline.mapping.reading",
    "bulk_delete_attendances": "pipeline.marks.deleting",
    "bulk_set_attendance": "pipeline.marks.marking",
    "delete_attendance": "pipeline.marks.deleting",
    "set_attendance": "pipeline.marks.marking",
    "discard_quarantined": "pipeline.quarantine.retry",
    "Pulled": "pipeline.pulling.pull",
    "pull": "pipeline.pulling.pull",
    "replay": "pipeline.pulling.pull",
    "retry_quarantined": "pipeline.quarantine.retry",
    "export_quarantined": "pipeline.quarantine.export",
    "forget_model": "pipeline.predicting.training",
    "train_model": "pipeline.predicting.training",
    "write_sample": "pipeline.sample",
    "Settings": "pipeline.settings",
    "read_settings": "pipeline.settings",
    "Store": "pipeline.store.opening",
    "open_store": "pipeline.store.opening",
}


def __getattr__(name: str) -> Any:
    # Not at the top: the command line looks first whether `queries` is its own, see `cli.installation`.
    from queries.lazy import lazy_name

    return lazy_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    from queries.lazy import all_names

    return all_names(__name__, _HOMES)
