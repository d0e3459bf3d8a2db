"""Frames and circumstances go in; everything a page shows comes out, as frozen dataclasses. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from queries import Site
from queries.gathered import Period
from queries.model.families import FAMILIES
from reports import words
from reports.courses import Courses, courses_of
from reports.facts import Fact, Share, facts_of, shares_of
from reports.funnel_plot import FunnelPlot, funnel_plot
from reports.glossary import glossary
from reports.headline import Headline, headline_of
from reports.in_short import Findings, in_short
from reports.measured import SHARED_SPLITS, Frames
from reports.options import Options
from reports.over_time import Course, course_of, due_days
from reports.participants import Participants, caller, participants_of
from reports.period import Comparison, comparison, days_in, period_before, recent
from reports.policies import counted
from reports.quality import Quality, quality_of
from reports.ranking import Ranking, RankingKind, ranking_of
from reports.registers import Registers, registers_of
from reports.sessions import Sessions, sessions_of
from reports.since import Since, changes_since
from reports.standouts import Standouts, standouts
from reports.when import When, when_of
from reports.worth import Worth, worth_of

RANKINGS = (
    RankingKind("service", "service", "services", 50, "the view no_show_by_service"),
    RankingKind("series", "session series", "session series", 25, "the view no_show_by_series"),
    RankingKind("location", "location", "locations", 50, "the view no_show_by_location"),
    RankingKind("staff", "member of staff", "members of staff", 50, "the view no_show_by_staff"),
)
_FUNNELS = (("staff", "members of staff"), ("location", "locations"))
DEFAULT_TITLE = "No-show report"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for the whole report: the moment (aware), the filter in English, the database and the versions.

    `filtered` says whether the filter leaves anything out; `part` names the part of the business, where it is one;
    `period` and `before` bound the sessions' local dates; `earlier` is an earlier report as data; `left_out` and
    `engine` are those of the source (`reports.source`).
    """

    as_of: dt.datetime
    filter: str
    database: str
    site: Site
    versions: tuple[tuple[str, str], ...]
    options: Options = field(default_factory=Options)
    filtered: bool = False
    part: str | None = None
    period: Period | None = None
    before: Period | None = None
    earlier: Mapping[str, Any] | None = None
    pseudonym_key: str = ""
    left_out: frozenset[str] = frozenset()
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class Foot:
    """What the figures rest on, line by line."""

    lines: tuple[tuple[str, str], ...]
    glossary: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One page. `named` says that the title is the user's, `filter` is None where nothing is filtered out.

    `scope` is what two reports must share to be compared; `sql` gives each figure in the shell. Sections that a
    shared report leaves out, or that have nothing to be about, are None. `source` says what a report from a lake cannot
    tell, and `left_out` names it.
    """

    title: str
    named: bool
    brand: str | None
    subtitle: str
    filter: str | None
    shared: bool
    scope: Mapping[str, Any]
    in_short: tuple[str, ...]
    headline: Headline
    change: Comparison | None
    shares: tuple[Share, ...]
    facts: tuple[Fact, ...]
    registers: Registers | None
    rankings: tuple[Ranking, ...]
    standouts: Standouts
    funnels: tuple[FunnelPlot, ...]
    when: When | None
    over_time: Course | None
    courses: Courses | None
    participants: Participants | None
    worth: Worth | None
    quality: Quality | None
    since: Since | None
    sessions: Sessions | None
    foot: Foot
    sql: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    source: str | None = None


def report_content(frames: Frames, about: Circumstances) -> Report:
    """Everything the page shows, each number beside what it is a part of."""
    options, share = about.options, about.options.share
    whole = not share or about.part is None  # of a part, when shared, the headline only is told
    few = options.min_bookings
    headline = headline_of(frames.overall, options.enough_coverage)
    row = frames.overall.row(0, named=True)
    groups = {name: rates.drop_nulls("no_shows") for name, rates in frames.by.items()}
    found = standouts(groups, frames.rows["weeks"], few, SHARED_SPLITS if share else FAMILIES)
    policies = () if share else options.policies
    course = course_of(frames.by, headline.no_show_rate, settled(about), few, policies) if whole else None
    left = about.left_out
    sessions = None if share or "sessions" in left else sessions_of(frames.rows["sessions"])
    registers = (
        None
        if share or "registers" in left
        else registers_of(frames.rows["registers"], {session.id for session in sessions.sessions} if sessions else ())
    )
    occupancy = None if "offers" in left else frames.rows["occupancy"]
    worth = (
        None
        if share or "worth" in left
        else worth_of(frames.rows["empty_seats"], occupancy, frames.by["service"], options.full_class_risk)
    )
    scope = scope_of(about)
    return Report(
        title=words.clean(options.title, DEFAULT_TITLE),
        named=words.clean(options.title, "") != "",
        brand=words.clean(options.brand_name, "") or None,
        subtitle=_subtitle(frames.by["day"], about),
        filter=words.clean(about.filter) if about.filtered else None,
        shared=share,
        scope=scope,
        in_short=in_short(Findings(headline, found, course, registers, few, worth, share)),
        headline=headline,
        change=_change(frames, about) if whole else None,
        shares=shares_of(headline),
        facts=facts_of(row, about.site, share)
        if whole and (headline.bookings != 0 or row["cancelled_bookings"] != 0)
        else (),
        registers=registers,
        rankings=tuple(
            ranking_of(
                kind,
                frames.by[kind.grouping],
                headline.no_show_rate,
                few,
                {each.key: each.lately for each in found.found if each.family == kind.grouping},
                options.enough_coverage,
            )
            for kind in RANKINGS
            if whole and (not share or kind.grouping in SHARED_SPLITS)
        ),
        standouts=found,
        funnels=tuple(
            plot
            for grouping, many in _FUNNELS
            if (not share or grouping in SHARED_SPLITS)
            and (plot := funnel_plot(frames.by[grouping], grouping, many, few)) is not None
        ),
        when=when_of(frames.counts["grid"], frames.by["lead_time"], few) if whole else None,
        over_time=course,
        courses=None
        if share or "courses" in left
        else courses_of(
            frames.rows["course_numbers"],
            frames.rows["enrolments"],
            None if "participants" in left else caller(options.names, about.pseudonym_key),
            few,
        ),
        participants=None
        if share or "participants" in left
        else participants_of(
            frames.rows["repeat_no_shows"], headline.no_shows or 0, options.names, about.pseudonym_key
        ),
        worth=worth,
        quality=_quality(frames, about) if whole else None,
        since=changes_since(about.earlier, scope, course.unit, course.points)
        if course and about.earlier is not None
        else None,
        sessions=sessions,
        foot=Foot(_foot_lines(about), glossary(about.site, options)),
        sql=frames.sql,
        left_out=tuple(sorted(left)),
        source=None if about.engine is None else lake_in_words(about.engine, left),
    )


_ENGINES = {"duckdb": "DuckDB", "polars": "Polars", "spark": "Spark"}
_LEFT_OUT = {
    "participants": "repeat no-shows and who missed courses (it does not say who booked)",
    "offers": "seats to offer (nor which sessions nobody booked)",
    "records": "flags, quarantine and files",
    "registers": "registers",
    "sessions": "single sessions",
    "courses": "courses",
    "worth": "what seats are worth",
}


def lake_in_words(engine: str, left: Collection[str]) -> str:
    """What a report from a lake leaves out, in a sentence."""
    said = words.listed([said for name, said in _LEFT_OUT.items() if name in left])
    return f"Counted by {_ENGINES[engine]} over a lake, which does not tell {said}: the database's own report does."


def _quality(frames: Frames, about: Circumstances) -> Quality:
    share = about.options.share
    quality = quality_of(frames.waterfall, frames.flags, frames.quarantine, frames.loads, frames.overall, share)
    # What a lake does not hold is unknown, not none.
    return replace(quality, quarantined=None) if "records" in about.left_out else quality


def scope_of(about: Circumstances) -> dict[str, Any]:
    """What a report is about, as data: two reports can be compared where all but `as_of` is the same."""
    return {
        "as_of": about.as_of.isoformat(),
        "filter": about.filter,
        "part": about.part,
        "from": about.period.first.isoformat() if about.period else None,
        "to": about.period.last.isoformat() if about.period else None,
        "site_zone": about.site.time_zone,
        "grace_hours": about.site.grace_hours,
        "min_bookings": about.options.min_bookings,
        "shared": about.options.share,
    }


def settled(about: Circumstances) -> dt.date:
    """The local date before which every session is due."""
    return (_local(about) - dt.timedelta(hours=about.site.grace_hours)).date()


def _local(about: Circumstances) -> dt.datetime:
    return about.as_of.astimezone(ZoneInfo(about.site.time_zone))


def _subtitle(by_day: pl.DataFrame, about: Circumstances) -> str:
    days = due_days(by_day)
    as_of = f"as of {words.day(_local(about).date())}"
    if not days:
        return as_of.capitalize()
    return f"Sessions from {words.day(days[0])} to {words.day(days[-1])}, {as_of}"


def _change(frames: Frames, about: Circumstances) -> Comparison | None:
    """The period of the report against the one before; without a period, the last four weeks against their before.

    Not told to others: the four weeks, which weeks told could be subtracted from, and what is withheld.
    """
    if about.period and about.before:
        return _change_of_periods(frames, about.period, about.before)
    if about.options.share:
        return None
    now = recent(settled(about))
    before = period_before(now, about.options.compare)
    counts_now, counts_before = (counted(days_in(frames.by["day"], period)) for period in (now, before))
    return comparison(now, counts_now, before, counts_before) if counts_now[0] else None


def _change_of_periods(frames: Frames, now: Period, before: Period) -> Comparison | None:
    """The rate over all against that of the period before; None where a count of them is withheld."""
    frames_told = [frame for frame in (frames.overall, frames.before) if frame is not None]
    if any(frame["marked_bookings"].has_nulls() or frame["no_shows"].has_nulls() for frame in frames_told):
        return None
    return comparison(now, counted(frames.overall), before, (0, 0) if frames.before is None else counted(frames.before))


def _foot_lines(about: Circumstances) -> tuple[tuple[str, str], ...]:
    return (
        ("As of", f"{words.moment(_local(about))}, {about.site.time_zone}"),
        ("Filter", words.clean(about.filter)),
        *(() if about.options.share else (("Database", words.clean(about.database)),)),
        ("Made with", ", ".join(f"{name} {version}" for name, version in about.versions)),
    )
