"""Choose the pull to make: go on with one that was begun, or begin a new one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pipeline.store.saved_pulls import SavedPull, Terms, begin, saved_pulls
from queries.errors import UsageError

# Our clock and the API's may differ, so a pull looks back a little further than the start of the last one.
OVERLAP = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """The pull to make, whether an earlier run began it, and whether no pull was finished before it."""

    saved: SavedPull
    gone_on: bool
    is_first: bool


def chosen(path: Path, wanted: Terms, full: bool) -> Choice:
    """Go on with the last pull if it is unfinished and has the wanted scope; begin a new one otherwise.

    Raises `UsageError` if changes since a moment are wanted while a pull of everything is unfinished.
    """
    pulls = [pull for pull in saved_pulls(path) if pull.terms.site == wanted.site and not _is_ahead(pull, wanted)]
    last = next((pull for pull in reversed(pulls) if pull.terms.finished_at), None)
    begun = pulls[-1] if pulls and pulls[-1] is not last else None
    if begun and (begun.terms.since == wanted.since if full or wanted.since else True):
        return Choice(begun, gone_on=True, is_first=last is None)
    if begun and wanted.since and begun.terms.since is None:
        # Only the last pull is ever gone on with, so a newer one would leave this one unfinished for good.
        hint = f"Finish it first with `noshow pull`, or give it up: remove the folder {begun.folder}"
        raise UsageError("pull.unfinished", "a pull of everything has begun and is not finished", hint)
    known_to = last.terms.next_since if last else None
    since = wanted.since or (None if full or known_to is None else known_to - OVERLAP)
    # A `--since` later than the last pull leaves a gap. If the last pull is whole up to Monday and this one fetches
    # from Wednesday on, `whole_to` stays Monday, and the next pull fetches from there.
    whole_to = known_to if since and known_to and since > known_to else None
    saved = begin(path, Terms(wanted.started_at, wanted.site, since, whole_to=whole_to))
    return Choice(saved, gone_on=False, is_first=last is None)


def _is_ahead(pull: SavedPull, wanted: Terms) -> bool:
    """Whether a finished pull says that it was made after this one: its clock, or this one, is wrong.

    After a pull with the clock at 2100, the next ones would ask for the changes since 2100.
    """
    return pull.terms.finished_at is not None and pull.terms.next_since > wanted.started_at
