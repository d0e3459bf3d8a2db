"""The steps of a night in their order, made from the settings; each names those that it cannot do without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import queries
from pipeline.cli.nightly import steps
from pipeline.cli.nightly.night import Night
from pipeline.settings import Settings
from pipeline.settings.nightly import Nightly, NightlyCheck
from queries.errors import UsageError


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its name, its work in words, its settings, and the function that does it.

    `loads` says that it brings records in, `reads` that it reads the snapshot: it is done again if that has changed.
    Those that need the loads (`needs_loads`) are not run if a load failed.
    """

    name: str
    words: str
    asked: Mapping[str, Any]
    do: Callable[[Night], steps.Done]
    loads: bool = False
    reads: bool = False
    needs_loads: bool = False


def plan(settings: Settings, db: Path, wait: float) -> tuple[Step, ...]:
    """The steps of a night. Raises `UsageError` without any, `QueryError` for a filter that is none."""
    nightly = settings.nightly
    if nightly is None or nightly == Nightly(folder=nightly.folder, keep_days=nightly.keep_days):
        raise UsageError(
            "nightly.nothing",
            "the settings have no work for the night",
            "Write a table [nightly] into noshow.toml, for example with: ingest = ['exports']",
        )
    for report in nightly.reports:
        queries.filter_in_english(report.where)  # refuses unknown fields before anything is done
    return (*_loads(nightly, db, wait), *_readers(nightly, settings, db, wait), _clean(nightly))


def _loads(nightly: Nightly, db: Path, wait: float) -> list[Step]:
    found = [Step("pull", "fetch changes from the API", {}, partial(steps.pull, db, wait), loads=True)]
    return (found if nightly.pull else []) + [
        Step(
            f"ingest {each.path}",
            f"load {each.path}",
            each.model_dump(mode="json"),
            partial(steps.ingest, each, db, wait),
            loads=True,
        )
        for each in nightly.ingest
    ]


def _readers(nightly: Nightly, settings: Settings, db: Path, wait: float) -> list[Step]:
    found = []
    if nightly.check != NightlyCheck():
        limits = nightly.check.model_dump(mode="json", exclude_defaults=True)
        words = f"compare with {', '.join(limits)}"
        # Without the loads, too: it is the check that says so if records stay away.
        whole = next((each.name for each in nightly.reports if not (each.by or each.where or each.share)), None)
        found.append(Step("check", words, limits, partial(steps.check, limits, whole, db), reads=True))
    for report in nightly.reports:
        words = f"write {', '.join(report.formats)}{f' by {report.by}' if report.by else ''}"
        asked = report.model_dump(mode="json")
        do = partial(steps.report, report, settings, db)
        found.append(Step(f"report {report.name}", words, asked, do, reads=True, needs_loads=True))
    if ahead := nightly.upcoming:
        asked, words = ahead.model_dump(mode="json"), f"write {ahead.days:g} days ahead by {ahead.by}"
        found.append(Step("upcoming", words, asked, partial(steps.upcoming, ahead, db), reads=True, needs_loads=True))
    if nightly.lake:
        do = partial(steps.lake, Path(nightly.lake), db, wait)
        found.append(
            Step("lake", f"export to {nightly.lake}", {"lake": nightly.lake}, do, reads=True, needs_loads=True)
        )
    return found


def _clean(nightly: Nightly) -> Step:
    names = tuple(report.name for report in nightly.reports)
    words = f"remove files of the night older than {nightly.keep_days} days"
    asked = {"keep_days": nightly.keep_days, "names": list(names)}
    return Step("clean", words, asked, partial(steps.clean, names, nightly.keep_days))
