"""Planted truths: samples with a known pattern or none. The report finds the pattern, and nothing without one."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pytest

import queries
from queries.model.families import DAYPART
from reports.measured.parts import Scope, parts
from reports.measured.source import source_of
from reports.registry import SECTIONS
from reports.report import Report, needs_of, report_content
from reports.scope.circumstances import Circumstances

# Two hundred reports take a minute.
pytestmark = pytest.mark.long
AS_OF = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
SAMPLES = (Path(__file__).parent / "samples.sql").read_text(encoding="utf-8")
# The sections that make claims; the others only list.
CLAIMS = [section for section in SECTIONS if section.name in ("in_short", "headline", "where", "over_time")]
MARCH = 26  # the week of 3 March 2025


@pytest.fixture(scope="module")
def reports_of(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Reports of all samples, by name: the payment status stands for the sample that a booking belongs to."""
    import pipeline
    from pipeline.store.content_state import tracked

    made: dict[str, Report] = {}
    db = tmp_path_factory.mktemp("truths") / "attendance.duckdb"
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        con = store.connection
        con.execute(
            "create temp table samples as "
            "select 'even-' || n as part, 0.08 + 0.001 * (n % 100) as class_rate, null::bigint as bad_class, "
            "null::bigint as bad_from, null::bigint as tiny_class from range(200) as t(n) "
            "union all select 'since-march-' || n, 0.14, 7, $march, null from range(8) as t(n) "
            "union all select 'tiny-' || n, 0.15, null, null, n % 12 from range(24) as t(n)",
            {"march": MARCH},
        )
        with store.transaction(), tracked(con, "booking"), tracked(con, "attendance"):
            con.execute(SAMPLES)
        about = Circumstances(AS_OF, "all", "test", queries.site(con), (), pseudonym_key="key")
        for part in parts(source_of(con), Scope(None, AS_OF, split="payment_status"), needs_of(CLAIMS), 10):
            made[part.key] = report_content(part.frames, about, CLAIMS)
    return made


def named(made: dict[str, Report], prefix: str) -> list[Report]:
    return [report for name, report in made.items() if name.startswith(prefix)]


def test_with_no_effect_at_most_one_in_twenty_raises_a_flag(reports_of: dict[str, Report]) -> None:
    even = named(reports_of, "even-")
    assert len(even) == 200
    assert all(report.headline.marked_bookings > 2000 for report in even)
    # Measured over 600: 4.2 %, of which the whole time 3.8 %, the last 26 weeks 0.3 % and parts of the day 0.2 %.
    assert sum(bool(report.standouts.found) for report in even) <= math.ceil(0.05 * len(even))
    further = [each for report in even for each in report.standouts.found if each.lately or each.family == DAYPART]
    assert len(further) <= 0.02 * len(even)
    assert [report for report in even if report.standouts.since] == []


def test_with_no_effect_at_most_one_in_twenty_speaks_of_a_change(reports_of: dict[str, Report]) -> None:
    even = named(reports_of, "even-")
    spoken = [report for report in even if any("since" in sentence for sentence in report.in_short)]
    assert len(spoken) <= 0.05 * len(even)
    # Measured over 600: 2.0 % (0.8 % steps, 0.8 % spells, 0.3 % trends).
    assert sum(report.over_time.change.answer == "not found" for report in even) >= 0.96 * len(even)
    assert all(report.over_time.change_in_words in report.in_short for report in even)


def test_a_class_twice_as_bad_since_march_is_found_and_dated(reports_of: dict[str, Report]) -> None:
    made = named(reports_of, "since-march-")
    for report in made:
        found = {each.phrase: each for each in report.standouts.found}
        series = found["Barre, Wed 15:00, Old Town, Mia"]
        assert 1.2 < series.verdict.rate / series.verdict.rest_rate < 2.0
        assert [bool(group.flag) for group in report.rankings[1].groups if group.name.startswith("Barre, Wed")] == [
            True
        ]
    dated = [report.standouts.since for report in made if report.standouts.since]
    assert len(dated) >= 6
    assert sum(abs((since - dt.date(2025, 3, 3)).days) <= 14 for since in dated) >= 6
    assert sum("since March 2025" in report.in_short[1] for report in made) >= 4


def test_a_tiny_class_like_the_others_is_not_flagged(reports_of: dict[str, Report]) -> None:
    tiny = named(reports_of, "tiny-")
    for report in tiny:
        sizes = [group.marked for ranking in report.rankings[1:2] for group in ranking.groups]
        assert min(sizes) <= 16
    assert [each.phrase for report in tiny for each in report.standouts.found if each.verdict.rated <= 16] == []
