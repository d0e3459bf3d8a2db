"""The path of every row: the steps to the rate, other definitions, flags, records set aside and files."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from queries.measures.alternatives import alternatives
from reports.drawing import words
from reports.scope.circumstances import Circumstances, scope_of
from reports.sections.headline import content as headline
from reports.sections.over_time import content as over_time
from reports.sections.quality.in_words import oddities_in_words, rates_in_words
from reports.sections.quality.records import Finding, SetAside, findings_of, set_aside_of
from reports.sections.quality.since import Since, changes_since
from reports.sections.section import Inputs

MOST_FILES = 30
# The fates of a file's records, as column of the loads and in words. The first is the sum of the others.
FATES = (
    ("read", "read"),
    ("loaded", "loaded"),
    ("unchanged", "unchanged"),
    ("duplicate", "duplicate"),
    ("stale", "older than stored"),
    ("quarantined", "set aside"),
)
# Fates that are listed only if they befell any record.
RARE_FATES = (("left_out", "left out by the mapping"), ("superseded", "loaded later"), ("discarded", "discarded"))
_BAR_WIDTH = 200
# Definitions of unmarked bookings.
_OF_UNMARKED = ("unmarked_as_missed", "unmarked_as_shown")
# Steps that few sources need: left out if no row takes them.
_SELDOM = ("presumed_attended", "presumed_missed", "excused")


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the waterfall: rows at an indentation, and a bar as long as its share of the first line."""

    label: str
    rows: int | None
    level: int
    bar: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Rows that were loaded and deserve a look at the source."""

    name: str
    meaning: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Records turned away by one rule, with one message as an example."""

    kind: str
    rule: str
    example: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file of the ledger; `counts` are in the order of the section's `fates`."""

    name: str
    kind: str
    counts: tuple[int, ...]
    finished: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same data under a definition that others use: its key, its words, the fraction and the rate."""

    definition: str
    meaning: str
    part: int | None
    whole: int | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """The path of every row. `totals` are over all files, shown or not, in the order of `fates`: words for each.

    `is_presumed`: a source records one side only, so that all of the other side is unmarked. `sums` says so
    if some rows of the source stand for several bookings each. `reconcile` is the command that compares another number
    with the report's own; if the report `is_filtered`, its filter has to be added.
    """

    steps: tuple[Step, ...]
    flags: tuple[Flag, ...]
    reasons: tuple[Reason, ...]
    quarantined: int | None
    files: tuple[LoadedFile, ...]
    totals: tuple[int, ...]
    fates: tuple[str, ...]
    cap: str | None
    is_loaded: bool
    alternatives: tuple[Alternative, ...] = ()
    findings: tuple[Finding, ...] = ()
    sums: str | None = None
    is_presumed: bool = False
    reconcile: str = ""
    is_filtered: bool = False

    @property
    def counted_otherwise(self) -> str:
        """The range of the rate by the definitions that others use; empty if there is no rate.

        It is without those that take the unmarked for one side: they give the possible range once more.
        """
        rates = {
            each.definition: each.rate
            for each in self.alternatives
            if each.rate is not None and each.definition not in _OF_UNMARKED
        }
        return rates_in_words(list(rates.values()) if "headline" in rates else [])

    @property
    def shown_alternatives(self) -> tuple[Alternative, ...]:
        """The definitions of the table: if outcomes are presumed, without those that take the unmarked for one side."""
        return tuple(each for each in self.alternatives if not self.is_presumed or each.definition not in _OF_UNMARKED)

    @property
    def flags_title(self) -> str:
        """How many flags there are, of how many kinds."""
        return oddities_in_words([flag.rows for flag in self.flags], "flag")

    @property
    def findings_title(self) -> str:
        """How many records were loaded although something was odd."""
        return oddities_in_words([each.records for each in self.findings], "oddity", "oddities")


def content(inputs: Inputs) -> Quality:
    """The section of a report."""
    frames, about = inputs.frames, inputs.about
    records = frames.records
    quality = quality_of(
        frames.rows["waterfall"],
        records["flags"],
        records["quarantine_by_rule"],
        records["loads"],
        frames.overall,
        about.options.share,
    )
    quality = replace(quality, findings=findings_of(records["findings"]), sums=_sums(frames.rows["regimes"]))
    quality = replace(quality, is_presumed=headline.content(inputs).is_presumed)
    quality = replace(quality, reconcile=_reconcile(about), is_filtered=about.filtered)
    # A lake does not hold the quarantine: how much is in it is unknown, not 0.
    return replace(quality, quarantined=None) if "records" in about.left_out else quality


def set_aside(inputs: Inputs) -> SetAside | None:
    """The records that were set aside; None in a shared report or one from a lake, which hold no loads."""
    records, accepted = inputs.frames.records, inputs.about.options.max_quarantined_share
    return set_aside_of(records["loads"], records["quarantine_by_rule"], accepted, inputs.about.filtered)


def _reconcile(about: Circumstances) -> str:
    """The command for the figure of this report, to be copied into a shell: nothing in it needs quotes."""
    period = f" --from {about.period.first} --to {about.period.last}" if about.period else ""
    return f"noshow reconcile --says 8.1%{period} --as-of {about.as_of.isoformat()}"


def _sums(regimes: pl.DataFrame) -> str | None:
    """Says so if rows stand for many; a shared report has no number of them (null) and says nothing."""
    if "summed_bookings" not in regimes.columns or not (summed := int(regimes["summed_bookings"].sum())):
        return None
    whole = int(regimes["bookings"].sum())
    return (
        f"Some figures come from sums: {words.of(summed, whole)} bookings stand in rows of the source for several "
        "each. Such rows name nobody, so they give no repeat no-shows."
    )


def since(inputs: Inputs) -> Since | None:
    """The periods whose figures changed since an earlier report; None without one, or without a course."""
    course, earlier = inputs.content(over_time.content), inputs.about.earlier
    if course is None or earlier is None:
        return None
    return changes_since(
        earlier, scope_of(inputs.about), course.unit, course.points, headline.content(inputs).is_presumed
    )


def quality_of(
    waterfall: pl.DataFrame,
    flags: pl.DataFrame,
    quarantine: pl.DataFrame,
    loads: pl.DataFrame,
    overall: pl.DataFrame | None = None,
    share: bool = False,
) -> Quality:
    """The section from the frames of `queries`; flags without rows are left out.

    If shared there are no steps and no files, and no definitions whose rate is unknown or withheld.
    """
    fates = (*FATES, *(fate for fate in RARE_FATES if loads[fate[0]].sum()))
    others = () if overall is None else tuple(Alternative(*row) for row in alternatives(overall).rows())
    return Quality(
        alternatives=tuple(each for each in others if not share or each.rate is not None),
        steps=() if share else _steps(waterfall),
        flags=tuple(
            Flag(words.clean(flag), words.clean(meaning), rows)
            for flag, meaning, rows in flags.select("flag", "meaning", "rows").rows()
            if rows != 0
        ),
        reasons=tuple(
            Reason(words.clean(kind), words.clean(rule), words.clean(message, missing=""), rows)
            for kind, rule, message, rows in quarantine.select("kind", "rule", "message", "rows").rows()
        ),
        quarantined=None if quarantine["rows"].has_nulls() else int(quarantine["rows"].sum()),
        files=tuple(_file(row, fates) for row in loads.head(MOST_FILES).to_dicts()),
        totals=tuple(int(loads[column].sum()) for column, _ in fates),
        fates=tuple(fate for _, fate in fates),
        cap=_cap(loads.height),
        is_loaded=share or loads.height > 0 or bool(waterfall["rows"].sum()),
    )


def _steps(waterfall: pl.DataFrame) -> tuple[Step, ...]:
    taken = waterfall.filter(~pl.col("step").is_in(_SELDOM) | (pl.col("rows") != 0))
    rows = taken.select("label", "rows", "level").rows()
    whole = max((count or 0 for _, count, _ in rows), default=0) or 1
    return tuple(Step(label, count, level, f"{_BAR_WIDTH * (count or 0) / whole:.1f}") for label, count, level in rows)


def _file(row: dict[str, object], fates: Sequence[tuple[str, str]]) -> LoadedFile:
    finished = row["finished_at"]
    return LoadedFile(
        name=file_name(str(row["file"])),
        kind=words.clean(str(row["kind"])),
        counts=tuple(int(str(row[column])) for column, _ in fates),
        finished=f"{finished:%Y-%m-%d %H:%M} UTC" if isinstance(finished, dt.datetime) else "",
    )


def file_name(path: str) -> str:
    """The last part of a path: a report that is passed on does not name its author's folders."""
    return words.clean(re.split(r"[/\\]", path.rstrip("/\\"))[-1])


def _cap(files: int) -> str | None:
    if files <= MOST_FILES:
        return None
    return f"The newest {words.of(MOST_FILES, files)} files shown; the rest: table load_ledger"
