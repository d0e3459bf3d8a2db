"""The work of each step. A step that is done returns its exit code and its work in words; else it raises an error."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import reports
from pipeline.cli.exits import CHECK_FAILED, say
from pipeline.cli.lake import SourceOptions, opened
from pipeline.cli.nightly.night import Night
from pipeline.cli.report import ReportOptions, options_of, read_earlier, scope_of
from pipeline.load.outcomes import FileOutcome
from pipeline.settings import Settings
from pipeline.settings.nightly import OWN_NAMES, NightlyIngest, NightlyReport, NightlyUpcoming
from queries.errors import NoshowError, UsageError
from queries.files import make_folder, write_atomically
from reports.forms import FORMS
from reports.measured.source import source_of

T = TypeVar("T")


class Done(NamedTuple):
    """The exit code of a step that was done, and its work in words."""

    code: int
    said: str


def pull(db: Path, wait: float, night: Night) -> Done:
    """Fetch the changes and load them."""
    from pipeline.cli.pull import load

    outcomes, code = load(None, False, False, False, wait, db)
    return Done(code, _loaded(outcomes))


def ingest(asked: NightlyIngest, db: Path, wait: float, night: Night) -> Done:
    """Load a file or folder."""
    from pipeline.cli.ingest import IngestOptions, load

    options = IngestOptions(
        asked.kind,
        asked.format,
        Path(asked.mapping) if asked.mapping else None,
        asked.encoding,
        asked.complete,
        dates=asked.dates,
    )
    outcomes, code = load([Path(asked.path)], options, False, wait, db)
    return Done(code, _loaded(outcomes))


def _loaded(outcomes: Sequence[FileOutcome]) -> str:
    new = [outcome for outcome in outcomes if not outcome.already_loaded and not outcome.refused]
    read, loaded, aside = (sum(getattr(each, name) for each in new) for name in ("read", "loaded", "quarantined"))
    refused = [f"{outcome.file} was refused: {outcome.refused.code}" for outcome in outcomes if outcome.refused]
    known = sum(outcome.already_loaded for outcome in outcomes)
    before = [f"{known:,} {'file' if known == 1 else 'files'} loaded before"] if known else []
    return "; ".join([f"{read:,} records read, {loaded:,} loaded, {aside:,} set aside", *before, *refused])


def check(limits: Mapping[str, Any], whole: str | None, db: Path, night: Night) -> Done:
    """Compare figures and loads with limits, and write the answer as JSON.

    A signal is new if the report of the night before does not have it; `whole` names that on the whole business.
    """
    from pipeline.cli.check import checked, in_json
    from pipeline.cli.json_output import json_text

    since = _last_before(night, whole) if whole else None
    options = ReportOptions(as_of=night.as_of.isoformat(), since_report=since, source=SourceOptions(db))
    gates = _compared(options, lambda asked: checked(asked, limits))
    _write(night.path("check", ".json"), json_text(in_json(gates)) + "\n")
    failed = [f"{gate.check}: {gate.message}" for gate in gates if not gate.passed]
    if not failed:
        return Done(0, f"{len(gates):,} checks passed")
    return Done(CHECK_FAILED, f"{len(failed):,} of {len(gates):,} checks failed: {'; '.join(failed)}")


def report(asked: NightlyReport, settings: Settings, db: Path, night: Night) -> Done:
    """Write a report in its forms, and as JSON, which the next night's is compared with."""
    options = ReportOptions(
        where=json.dumps(asked.where) if asked.where else None,
        as_of=night.as_of.isoformat(),
        compare=asked.compare,
        names=asked.names,
        share=asked.share,
        title=asked.title,
        since_report=None if asked.by else _last_before(night, asked.name),
        by=asked.by,
        source=SourceOptions(db),
    )
    with opened(options.source, settings.memory_limit) as source:
        made = options_of(options, settings, source_of(source).site)
        write = _report_parts if asked.by else _report_whole
        return write(source, asked, options, made, night)


def _report_parts(source: Any, asked: NightlyReport, options: ReportOptions, made: Any, night: Night) -> Done:
    folder = night.path(asked.name, "")
    written: Sequence[Any] = ()
    for form in asked.formats:
        written = reports.build_reports(source, folder, str(asked.by), options=made, format=form, **scope_of(options))
    return Done(0, f"{len(written):,} reports by {asked.by} in {folder}")


def _report_whole(source: Any, asked: NightlyReport, options: ReportOptions, made: Any, night: Night) -> Done:
    """Each form that can be made; raises the first error once the others are written."""
    earlier, found = _compared(options, lambda asked: _with_earlier(source, asked, made))
    failed: list[NoshowError] = []
    for form in dict.fromkeys((*asked.formats, "json")):
        try:
            content = FORMS[form].make(found, made, earlier)
        except NoshowError as error:
            failed.append(error)
            continue
        _write(night.path(asked.name, f".{FORMS[form].suffix}"), content)
    if failed:
        raise failed[0]
    return Done(0, found.headline.text)


def _with_earlier(source: Any, options: ReportOptions, made: Any) -> tuple[Mapping[str, Any] | None, Any]:
    """The report of the night before as data, None without one, and tonight's."""
    earlier = read_earlier(options)
    return earlier, reports.the_report(source, options=made, earlier=earlier, **scope_of(options))


def _compared(options: ReportOptions, make: Callable[[ReportOptions], T]) -> T:
    """Make something of a report and the one before; without that if the two cannot be compared, which is said."""
    try:
        return make(options)
    except UsageError as error:
        if not error.code.startswith("since."):
            raise
        say(f"{options.since_report}: not compared with: {error}")
        return make(replace(options, since_report=None))


def _last_before(night: Night, name: str) -> Path | None:
    """The report as data of the last night before this one."""
    found = {date: path for path in night.folder.glob(f"{name}-????-??-??.json") if (date := _date_of(path, (name,)))}
    earlier = [date for date in found if date < night.date]
    return found[max(earlier)] if earlier else None


def upcoming(asked: NightlyUpcoming, db: Path, night: Night) -> Done:
    """Write the days ahead."""
    from pipeline.cli.upcoming import UpcomingOptions, run

    path = night.path("upcoming", f".{asked.format}")
    make_folder(path.parent)
    as_of = night.as_of.isoformat()
    run(UpcomingOptions(asked.days, asked.by, asked.format, None, as_of, asked.names, path, db))
    return Done(0, str(path))


def lake(folder: Path, db: Path, wait: float, night: Night) -> Done:
    """Export the lake; only changed months are written."""
    from pipeline.lake.export import export_lake

    done = export_lake(db, folder, wait=wait)
    return Done(0, f"{len(done.written):,} partitions written, {len(done.kept):,} kept, {len(done.removed):,} removed")


def clean(names: Sequence[str], keep_days: int, night: Night) -> Done:
    """Remove the files of earlier nights, by the dates in the names; other files stay."""
    first = night.date - dt.timedelta(days=keep_days)
    dated = {path: _date_of(path, (*names, *OWN_NAMES)) for path in sorted(night.folder.glob("*"))}
    old = [path for path, date in dated.items() if date and date < first]
    for path in old:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return Done(0, f"{len(old):,} old {'file' if len(old) == 1 else 'files'} removed")


def _date_of(path: Path, names: Sequence[str]) -> dt.date | None:
    """The date in the name of something that a night made, None of anything else: `report-2026-03-01.html`."""
    found = re.fullmatch(r"(.+)-(\d{4}-\d{2}-\d{2})(\.(?:slack\.)?[a-z]+)?", path.name)
    if not found or found[1] not in names:
        return None
    try:
        return dt.date.fromisoformat(found[2])
    except ValueError:
        return None


def _write(path: Path, content: str | bytes) -> None:
    make_folder(path.parent)
    write_atomically(path, content)
