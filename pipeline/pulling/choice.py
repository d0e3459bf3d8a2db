"""The saved pulls and what is wanted go in; the pull to make comes out: one that was begun, or a new one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pipeline.store.saved_pulls import SavedPull, Terms, begin, saved_pulls
from queries.errors import UsageError

# Clocks differ: a pull that goes on from the last one looks back a little further.
OVERLAP = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """The pull to make, whether an earlier run had begun it, and whether none came to its end before it."""

    saved: SavedPull
    gone_on: bool
    is_first: bool


def chosen(path: Path, wanted: Terms, full: bool) -> Choice:
    """The last pull, where it is not finished and was to fetch the same, or else a new one.

    Raises `UsageError` where only what changed is wanted while a pull of everything is not finished.
    """
    pulls = [pull for pull in saved_pulls(path) if pull.terms.site == wanted.site]
    last = next((pull for pull in reversed(pulls) if pull.terms.finished_at), None)
    begun = pulls[-1] if pulls and pulls[-1] is not last else None
    if begun and (begun.terms.since == wanted.since if full or wanted.since else True):
        return Choice(begun, gone_on=True, is_first=last is None)
    if begun and wanted.since and begun.terms.since is None:
        # Once a newer pull is finished, nothing would go on with this one.
        hint = f"Finish it first with `noshow pull`, or give it up: remove the folder {begun.folder}"
        raise UsageError("pull.unfinished", "a pull of everything is begun and not finished", hint)
    known_to = last.terms.next_since if last else None
    since = wanted.since or (None if full or known_to is None else known_to - OVERLAP)
    # What changed between the last pull and a later `--since` is for the next one to fetch.
    whole_to = known_to if since and known_to and since > known_to else None
    saved = begin(path, Terms(wanted.started_at, wanted.site, since, whole_to=whole_to))
    return Choice(saved, gone_on=False, is_first=last is None)
