"""The sections of the report, in reading order.

To add one: a folder `reports/sections/<name>/` with `content.py`, `section.html.j2` and, if it has charts, `chart.py`;
a row here; a test `tests/report/test_<name>.py`. Navigation, page, data, statements, sharing and the list of sections
that a lake leaves out follow from the row.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from queries.model.attributes import PREFIX
from queries.model.factors import COMPARED
from queries.model.families import FAMILIES
from reports.measured.frames import Needs
from reports.sections.actions import content as actions
from reports.sections.attributes import content as attributes
from reports.sections.attributes import finding as attributes_finding
from reports.sections.benchmarks import content as benchmarks
from reports.sections.calls import content as calls
from reports.sections.calls import finding as calls_finding
from reports.sections.courses import content as courses
from reports.sections.courses import finding as courses_finding
from reports.sections.factors import content as factors
from reports.sections.headline import content as headline
from reports.sections.headline import finding as headline_finding
from reports.sections.in_short import content as in_short
from reports.sections.in_short import doors
from reports.sections.in_short import factors as factors_finding
from reports.sections.method import content as method
from reports.sections.method import finding as method_finding
from reports.sections.money import content as money
from reports.sections.money import finding as money_finding
from reports.sections.number import cautions
from reports.sections.number import content as number
from reports.sections.over_time import content as over_time
from reports.sections.over_time import finding as over_time_finding
from reports.sections.participants import content as participants
from reports.sections.participants import finding as participants_finding
from reports.sections.picture import content as picture
from reports.sections.quality import content as quality
from reports.sections.quality import finding as quality_finding
from reports.sections.registers import content as registers
from reports.sections.registers import finding as registers_finding
from reports.sections.section import DrawCharts, Section
from reports.sections.sessions import content as sessions
from reports.sections.sessions import finding as sessions_finding
from reports.sections.week_ahead import content as week_ahead
from reports.sections.week_ahead import finding as week_ahead_finding
from reports.sections.when import content as when
from reports.sections.when import finding as when_finding
from reports.sections.where import content as where
from reports.sections.where import finding as where_finding
from reports.sections.worth import content as worth
from reports.sections.worth import finding as worth_finding
from reports.sharing.rounding import SHARED_SPLITS

if TYPE_CHECKING:
    from reports.drawing.charts import Size


def _charts(name: str) -> DrawCharts:
    """The function `draw_charts` of a section's `chart.py`, imported when a page is drawn: Altair takes 0.6 s."""

    def draw_charts(contents: Mapping[str, Any], size: Size) -> Mapping[str, str | None]:
        draw: DrawCharts = pkgutil.resolve_name(f"reports.sections.{name}.chart:draw_charts")
        return draw(contents, size)

    return draw_charts


SECTIONS: Sequence[Section] = (
    Section(
        "number",
        "No-show rate",
        of={"number": number.content, "cautions": cautions.cautions},
        needs=Needs(by=("day",), rows=("regimes",)),
        may_be_shared="parts",
        is_first_page=True,
    ),
    Section("actions", "What to do", of={"actions": actions.content}, is_first_page=True),
    Section("picture", "Chart", of={"picture": picture.content}, may_be_shared="whole", is_first_page=True),
    Section(
        "benchmarks",
        "Is that good?",
        of={"benchmarks": benchmarks.content},
        may_be_shared="whole",
        is_first_page=True,
    ),
    Section(
        "in_short",
        "In short",
        of={"in_short": in_short.content, "doors": doors.doors},
        anchor="in-short",
        may_be_shared="parts",
        is_first_page=True,
    ),
    Section(
        "headline",
        "Figures",
        of={
            "headline": headline.content,
            "change": headline.change,
            "shares": headline.shares,
            "facts": headline.facts,
            "notice": headline.notice,
            "notice_title": headline.notice_title,
        },
        needs=Needs(by=("day", "notice"), rows=("regimes",), records=("loads",)),
        may_be_shared="parts",
        finding=headline_finding.finding,
        statements={"overall": "The rate", "day": "Counts and rates by day", "notice": "Cancellations by notice"},
    ),
    Section(
        "registers",
        "Registers",
        of={"registers": registers.content},
        needs=Needs(rows=("registers", "sessions", "silent_markers", "one_click_registers")),
        left_out_of_spark={"registers": "registers"},
        finding=registers_finding.finding,
        statements={
            "registers": "Registers to fill in",
            "silent_markers": "Who marks",
            "one_click_registers": "Registers worth asking about",
        },
        unused_statements={
            "silent_markers": lambda content: not content.silent,
            "one_click_registers": lambda content: not content.one_click,
        },
    ),
    Section(
        "where",
        "Where",
        of={
            "rankings": where.rankings,
            "standouts": where.standouts,
            "funnels": where.funnels,
            "like_for_like": where.like_for_like,
        },
        inner=(where.verdicts, where.compared),
        needs=Needs(by=(*FAMILIES, "day"), rows=("weeks", "halves"), shared=SHARED_SPLITS),
        may_be_shared="parts",
        draw_charts=_charts("where"),
        finding=where_finding.finding,
        statements={kind.grouping: f"Rates by {kind.one}" for kind in where.RANKINGS},
        unused_statements={
            "series": lambda rankings: all(ranking.kind.grouping != "series" for ranking in rankings),
        },
    ),
    Section(
        "when",
        "When",
        of={"when": when.content},
        needs=Needs(
            by=("lead_time", "visit_number", "day"),
            counts={"grid": ("local_weekday", "local_hour")},
            shared=("lead_time", "grid"),
        ),
        may_be_shared="whole",
        draw_charts=_charts("when"),
        finding=when_finding.finding,
        statements={
            "grid": "Counts and rates by weekday and hour",
            "lead_time": "Rates by days booked ahead",
            "visit_number": "Rates by the number of the visit",
        },
        unused_statements={"grid": lambda content: not content.grid},
    ),
    # Its frames follow from the options: see `reports.report.needs_of`.
    Section(
        "attributes",
        "Attributes",
        of={"attributes": attributes.content},
        finding=attributes_finding.finding,
        statements={PREFIX: "Rates by the attribute"},
    ),
    Section(
        "factors",
        "Factors",
        of={"factors": factors.content, "concentration": factors.concentrated},
        inner=(factors.modelled,),
        needs=Needs(by=(*COMPARED, "lead_time", "local_weekday", "day"), rows=("cells", "concentration")),
        left_out_of_lakes={"concentration": "how few people make the no-shows"},
        left_out_of_spark={
            "factors": "factors that go with no-shows (so groups are not compared with similar bookings)"
        },
        finding=factors_finding.finding,
        statements={
            "cells": "Bookings by all factors at once",
            "concentration": "People by bookings and no-shows",
        },
    ),
    Section(
        "over_time",
        "Over time",
        of={"over_time": over_time.content},
        anchor="over-time",
        needs=Needs(by=("week", "month", "day"), rows=("halves",), shared=("week", "month")),
        may_be_shared="whole",
        draw_charts=_charts("over_time"),
        finding=over_time_finding.finding,
        statements={"week": "Rates by week", "month": "Rates by month"},
        unused_statements={
            "week": lambda content: content.unit != "week",
            "month": lambda content: content.unit != "month",
        },
    ),
    Section(
        "courses",
        "Courses",
        of={"courses": courses.content},
        needs=Needs(rows=("course_numbers", "enrolments")),
        left_out_of_spark={"courses": "courses"},
        draw_charts=_charts("courses"),
        finding=courses_finding.finding,
        statements={"course_numbers": "Counts by session of the course", "enrolments": "All enrolments"},
    ),
    Section(
        "participants",
        "Who",
        of={"participants": participants.content},
        anchor="who",
        needs=Needs(rows=("repeat_no_shows", "concentration")),
        left_out_of_lakes={
            "participants": "repeat no-shows and who missed courses (it does not say who booked)",
        },
        finding=participants_finding.finding,
        statements={"repeat_no_shows": "Repeat no-shows, by id and name"},
    ),
    Section(
        "week_ahead",
        "The week ahead",
        of={"week_ahead": week_ahead.content},
        anchor="week-ahead",
        needs=Needs(rows=("sessions_ahead", "week_ahead", "occupancy"), records=("model",)),
        left_out_of_lakes={"week_ahead": "the week ahead"},
        finding=week_ahead_finding.finding,
        statements={
            "sessions_ahead": "Sessions of the next 7 days",
            "week_ahead": "The next 7 days together",
            "model": "The card of the model",
        },
        unused_statements={"model": lambda content: content.model is None},
    ),
    Section(
        "calls",
        "Calls",
        of={"calls": calls.content},
        needs=Needs(records=("calls",)),
        left_out_of_lakes={"calls": "whether calls helped"},
        finding=calls_finding.finding,
        statements={"calls": "Bookings on lists of calls"},
    ),
    Section(
        "worth",
        "Worth",
        of={"worth": worth.content},
        needs=Needs(by=("service",), rows=("occupancy", "empty_seats")),
        left_out_of_lakes={"offers": "seats to offer (nor which sessions nobody booked)"},
        left_out_of_spark={"worth": "the worth of seats"},
        finding=worth_finding.finding,
        statements={"empty_seats": "No-shows at list price", "occupancy": "How full sessions are"},
    ),
    Section(
        "money",
        "Money",
        of={"money": money.content},
        needs=Needs(rows=("money", "money_contradictions")),
        left_out_of_lakes={"money": "fees and payments"},
        finding=money_finding.finding,
        statements={"money": "Money of missed bookings", "money_contradictions": "Money that contradicts outcomes"},
        unused_statements={"money_contradictions": lambda content: not content.contradictions},
    ),
    Section(
        "quality",
        "Trust",
        of={"quality": quality.content, "since": quality.since, "set_aside": quality.set_aside},
        anchor="trust",
        needs=Needs(rows=("waterfall",), records=("flags", "quarantine_by_rule", "findings", "loads")),
        may_be_shared="whole",
        left_out_of_lakes={"records": "flags, records set aside and files"},
        finding=quality_finding.finding,
        statements={
            "waterfall": "From bookings to the rate",
            "flags": "Flagged rows",
            "findings": "Oddities found while loading",
            "quarantine_by_rule": "Records set aside by rule",
            "loads": "Files loaded",
        },
    ),
    Section(
        "sessions",
        "Every session",
        of={"sessions": sessions.content},
        needs=Needs(rows=("sessions",)),
        left_out_of_spark={"sessions": "single sessions"},
        finding=sessions_finding.finding,
        statements={"sessions": "Every session"},
    ),
    Section(
        "method",
        "Method",
        of={"foot": method.content},
        finding=method_finding.finding,
        may_be_shared="parts",
        is_foot=True,
    ),
)
