"""Frames and circumstances go in; everything a page shows comes out, as frozen dataclasses. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from queries import Site
from reports import words
from reports.glossary import glossary
from reports.headline import Headline, headline_of
from reports.quality import Quality, quality_of
from reports.ranking import Ranking, RankingKind, ranking_of
from reports.weekly import WeeklyCourse, due_days, weekly_course

RANKINGS = (
    RankingKind("service", "service", "services", 50, "the view no_show_by_service"),
    RankingKind("series", "session series", "session series", 20, "noshow rates --by series"),
    RankingKind("session", "session", "sessions", 20, "the view no_show_by_session"),
)
DEFAULT_TITLE = "No-show report"


@dataclass(frozen=True, slots=True)
class Frames:
    """What was measured: rates over all and by grouping (name → frame), and the frames of data quality."""

    overall: pl.DataFrame
    by: dict[str, pl.DataFrame]
    waterfall: pl.DataFrame
    flags: pl.DataFrame
    quarantine: pl.DataFrame
    loads: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for the whole report: the moment (aware), the filter in English, the database and the versions.

    `filtered` says whether the filter leaves anything out.
    """

    as_of: dt.datetime
    filter: str
    database: str
    site: Site
    versions: tuple[tuple[str, str], ...]
    min_bookings: int
    filtered: bool = False
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the due bookings: its name, its rows, and where its bar begins and how wide it is (of 1,000)."""

    name: str
    rows: int
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure beside the headline, with what it counts."""

    name: str
    figure: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Foot:
    """What the figures rest on, line by line."""

    lines: tuple[tuple[str, str], ...]
    glossary: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One page. `named` says that the title is the user's, `filter` is None where nothing is filtered out."""

    title: str
    named: bool
    subtitle: str
    filter: str | None
    headline: Headline
    shares: tuple[Share, ...]
    facts: tuple[Fact, ...]
    rankings: tuple[Ranking, ...]
    weekly: WeeklyCourse
    quality: Quality
    foot: Foot


def report_content(frames: Frames, about: Circumstances) -> Report:
    """Everything the page shows, each number beside what it is a part of."""
    headline = headline_of(frames.overall)
    row = frames.overall.row(0, named=True)
    return Report(
        title=words.clean(about.title, DEFAULT_TITLE),
        named=words.clean(about.title, "") != "",
        subtitle=_subtitle(frames.by["day"], about),
        filter=words.clean(about.filter) if about.filtered else None,
        headline=headline,
        shares=_shares(headline),
        facts=_facts(row, about.site) if headline.bookings or row["cancelled_bookings"] else (),
        rankings=tuple(
            ranking_of(kind, frames.by[kind.grouping], headline.no_show_rate, about.min_bookings) for kind in RANKINGS
        ),
        weekly=weekly_course(
            frames.by["week"], frames.by["day"], headline.no_show_rate, _settled(about), about.min_bookings
        ),
        quality=quality_of(frames.waterfall, frames.flags, frames.quarantine, frames.loads),
        foot=Foot(_foot_lines(about), glossary(about.site, about.min_bookings)),
    )


def _settled(about: Circumstances) -> dt.date:
    """The local date before which every session is due."""
    return (_local(about) - dt.timedelta(hours=about.site.grace_hours)).date()


def _local(about: Circumstances) -> dt.datetime:
    return about.as_of.astimezone(ZoneInfo(about.site.time_zone))


def _subtitle(by_day: pl.DataFrame, about: Circumstances) -> str:
    days = due_days(by_day)
    if not days:
        return f"As of {words.day(_local(about).date())}"
    return f"Sessions from {words.day(days[0])} to {words.day(days[-1])}, as of {words.day(_local(about).date())}"


def _shares(headline: Headline) -> tuple[Share, ...]:
    parts = (
        ("No-show", headline.no_shows),
        ("Attended", headline.attended_bookings),
        ("Unmarked", headline.unmarked_bookings),
    )
    shares: list[Share] = []
    start = 0.0
    for name, rows in parts if headline.bookings else ():
        width = 1000 * rows / headline.bookings
        shares.append(Share(name, rows, f"{start:.1f}", f"{width:.1f}"))
        start += width
    return tuple(shares)


def _facts(row: dict[str, Any], site: Site) -> tuple[Fact, ...]:
    return (
        Fact(
            "Due bookings",
            words.count(row["bookings"]),
            f"in {words.plural(row['sessions'], 'session')}, "
            f"{words.count(row['sessions_unmarked'])} of them with an unmarked booking",
        ),
        Fact("Empty seats", words.percent(row["participant_no_show_rate"]), _seats_in_words(row, site)),
        Fact("Cancelled beforehand", words.count(row["cancelled_bookings"]), _late_in_words(row, site)),
        Fact("Walk-ins", words.count(row["walk_ins"]), "came without being booked; in no rate"),
    )


def _seats_in_words(row: dict[str, Any], site: Site) -> str:
    if not row["booked_marked"]:
        return "no marked booking yet"
    value = row["value_absent"]
    worth = "" if value is None else f"; list value {value:,.2f} {site.currency or ''}".rstrip()
    within = words.interval(row["participant_no_show_rate_low"], row["participant_no_show_rate_high"])
    counted = f"{words.of(row['absent'], row['booked_marked'])} booked participants stayed away"
    return f"{counted} ({words.INTERVAL} {within}){worth}"


def _late_in_words(row: dict[str, Any], site: Site) -> str:
    late = row["late_cancelled"]
    if late is None:
        return "bookings; how many of them late is unknown, as no cancel times are loaded"
    return f"bookings, {words.count(late)} of them late (within {site.late_hours} hours of the start); no no-shows"


def _foot_lines(about: Circumstances) -> tuple[tuple[str, str], ...]:
    return (
        ("As of", f"{words.moment(_local(about))}, {about.site.time_zone}"),
        ("Filter", words.clean(about.filter)),
        ("Database", words.clean(about.database)),
        ("Made with", ", ".join(f"{name} {version}" for name, version in about.versions)),
    )
