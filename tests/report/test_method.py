"""The foot of the page: the basis of the figures, and the words explained."""

from __future__ import annotations

from support.report_frames import draw, report
from support.seen import text_of

from reports.drawing.terms import TERMS


def test_the_foot_says_what_the_figures_rest_on() -> None:
    seen = text_of(draw(report({"filter": "service is Yoga", "filtered": True})))
    assert "as of 2 March 2026 Only where service is Yoga No-show rate 25.0 %" in seen
    assert "As of 2 March 2026, 10:30 (UTC+01:00), Europe/Madrid" in seen
    assert "Filter service is Yoga Database attendance.duckdb Made with noshow 0.1.0, duckdb 2.0.0" in seen


def test_a_shared_report_explains_blanks_and_names_no_database() -> None:
    foot = report({"share": True}).foot
    assert [term for term, _ in foot.glossary][:2] == ["Withheld", "Left out"]
    assert "Database" not in dict(foot.lines)
    assert "Withheld" not in dict(report().foot.glossary)


def test_the_glossary_explains_every_word_of_statistics_that_is_on_hover() -> None:
    explained = " ".join(meaning.lower().replace("\u00a0", " ") for _, meaning in report().foot.glossary)
    assert [said for said in TERMS.values() if said.replace("\u00a0", " ").lower() not in explained] == []
