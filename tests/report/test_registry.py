"""The registry: everything that follows from a section's row, shown with a made-up section that no file knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.records import Make
from support.report_frames import about, counts, draw, frames, rates, report

import reports
from queries.lake.gathered import left_out
from reports import registry
from reports.data import report_data
from reports.drawing.bands import Band, band_chart
from reports.drawing.charts import Size
from reports.measured.frames import Needs
from reports.page.statements import statements_of
from reports.registry import SECTIONS
from reports.report import lake_in_words, left_out_of, needs_of
from reports.scope.options import Options
from reports.sections.section import Inputs, Section

AS_OF = "2026-06-01T00:00:00Z"
TEMPLATE = """
{% from "page/templates/pieces.html.j2" import chart with context %}
<section aria-labelledby="kinds">
  <h2 id="kinds">Kinds of sessions</h2>
  <p>There are {{ report.kinds.number | plural("kind") }}.</p>
{{ chart("kinds") }}
</section>
"""


@dataclass(frozen=True, slots=True)
class Kinds:
    """How many kinds of sessions there are."""

    number: int


def kinds(inputs: Inputs) -> Kinds:
    return Kinds(inputs.frames.by["service_type"].height)


def draw_kinds(contents: Mapping[str, Any], size: Size) -> Mapping[str, str | None]:
    bands = [Band(name, 2, 20, 0.1, 0.05, 0.2) for name in ("class", "course")]
    return {"kinds": band_chart(bands, size, "kinds"), "too_little": None}


ROW = Section(
    "kinds",
    "Kinds",
    of={"kinds": kinds},
    needs=Needs(by=("service_type",), rows=("weeks",)),
    left_out_of_lakes={"kinds": "kinds of sessions"},
    template=TEMPLATE,
    draw_charts=draw_kinds,
    statements={"service_type": "Rates by kind"},
)


def register(monkeypatch: pytest.MonkeyPatch, row: Section) -> None:
    at = 1 + [section.name for section in SECTIONS].index("where")
    monkeypatch.setattr(registry, "SECTIONS", (*SECTIONS[:at], row, *SECTIONS[at:]))


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Section:
    """The made-up section, after `where`."""
    register(monkeypatch, ROW)
    return ROW


def headings(page: str) -> list[str]:
    return re.findall(r'<h2 id="([^"]+)">', page)


def test_a_new_section_is_in_navigation_page_charts_and_data(added: Section) -> None:
    made = report()
    page = draw(made)
    assert re.search('<li><b><a href="#where">Where</a></b>.*\n<li><b><a href="#kinds">Kinds</a></b></li>', page)
    at = headings(page).index("kinds")
    assert headings(page)[at - 1 : at + 2] == ["where", "kinds", "when"]
    section = page[page.index('<h2 id="kinds">') : page.index('<h2 id="when">')]
    assert "There are 0\u00a0kinds." in section
    assert [section.count(f'class="chart chart-{size}"') for size in ("wide", "narrow")] == [1, 1]
    assert "class: 10.0\u00a0%, 2 of 20" in section
    assert report_data(made)["kinds"] == {"number": 0}
    keys = list(report_data(made))
    assert keys.index("funnels") < keys.index("kinds") < keys.index("when")
    assert made.kinds == Kinds(0)


@pytest.mark.long
def test_a_new_section_is_measured_and_its_statements_are_shown(
    added: Section, load: Any, make: type[Make], con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    load(*(make.booking(number) for number in range(1, 4)), *(make.attendance(number) for number in range(1, 4)))
    made = reports.the_report(con, as_of=AS_OF)
    assert made.kinds == Kinds(1)
    assert "service_type" in made.sql["service_type"]
    reports.build_report(con, tmp_path / "report.html", as_of=AS_OF)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "There are 1\u00a0kind." in page
    statements = page[page.index('<details id="sql-kinds">') : page.index('<details id="sql-when">')]
    assert "<p>Rates by kind</p>" in statements
    assert '<a href="#sql-kinds"' in page
    shared = reports.the_report(con, as_of=AS_OF, options=reports.Options(share=True))
    assert shared.kinds is None


@pytest.mark.parametrize(
    ("may_be_shared", "part", "is_shared"),
    [
        ("never", None, False),
        ("never", "Harbour", False),
        ("whole", None, True),
        ("whole", "Harbour", False),
        ("parts", None, True),
        ("parts", "Harbour", True),
    ],
)
def test_a_new_section_is_shared_only_if_its_row_allows_it(
    monkeypatch: pytest.MonkeyPatch, may_be_shared: Any, part: str | None, is_shared: bool
) -> None:
    row = replace(ROW, may_be_shared=may_be_shared)
    register(monkeypatch, row)
    made = report({"share": True, "part": part})
    assert (made.kinds is not None) == is_shared
    assert ("kinds" in headings(draw(made))) == is_shared
    assert ("service_type" in needs_of(registry.SECTIONS, about(share=True, part=part)).by) == is_shared
    assert report({"part": part}).kinds is not None


def test_a_lake_leaves_out_a_new_section_and_says_so(added: Section) -> None:
    assert "kinds" in left_out_of(registry.SECTIONS, "polars")
    assert "kinds" not in left_out_of(registry.SECTIONS, None)
    made = report({"engine": "polars", "left_out": left_out_of(registry.SECTIONS, "polars")})
    assert made.kinds is None
    assert "kinds" not in headings(draw(made))
    assert "kinds of sessions" in (made.source or "")
    assert "kinds" in made.left_out


def test_the_page_has_the_statements_of_its_own_figures_only() -> None:
    sql = {name: f"from {name};" for name in ("registers", "silent_markers", "week", "month", "attributes.reminder")}
    name = "attributes.reminder"
    reminded = {name: rates([({name: "true"}, counts(20, 2))], {name: pl.String})}
    made = replace(report({"options": Options(attributes=("reminder",))}, **reminded), sql=sql)
    found = {name: [each.subject for each in some] for name, some in statements_of(made).by_section.items()}
    assert found == {
        "registers": ["Registers to fill in"],
        "attributes": ["Rates by the attribute reminder"],
        "over_time": ["Rates by week"],
    }


def test_content_reaches_no_report_by_a_detour() -> None:
    shared = Inputs(frames(), about(share=True), (ROW,))
    assert shared.content(kinds) is None
    assert Inputs(frames(), about(), ()).content(kinds) is None


def test_a_content_is_made_once(added: Section) -> None:
    inputs = Inputs(frames(), about(), (ROW,))
    assert inputs.content(kinds) is inputs.content(kinds)


def test_names_keys_and_anchors_are_used_once() -> None:
    for used in (
        [section.name for section in SECTIONS],
        [section.id for section in SECTIONS],
        [key for section in SECTIONS for key in section.of],
    ):
        assert len(used) == len(set(used))


def test_every_section_has_a_folder_a_row_and_a_test() -> None:
    folder = resources.files("reports.sections")
    names = {each.name for each in folder.iterdir() if each.is_dir() and each.name != "__pycache__"}
    assert names == {section.name for section in SECTIONS}
    for section in SECTIONS:
        assert folder.joinpath(section.name, "section.html.j2").is_file()
        assert folder.joinpath(section.name, "chart.py").is_file() == (section.draw_charts is not None)
        assert (Path(__file__).parent / f"test_{section.name}.py").is_file()


def test_the_navigation_leads_to_every_section_behind_the_first_page() -> None:
    page = draw(report())
    navigation = re.findall(r"<nav.*?</nav>", page, re.DOTALL)
    assert len(navigation) == 1
    links = re.findall(r'<a href="#([^"]+)">', navigation[0])
    first = [section.id for section in SECTIONS if section.is_first_page]
    assert [heading for heading in headings(page) if heading not in (*first, "about")] == links


@pytest.mark.parametrize("engine", ["duckdb", "polars", "spark"])
def test_a_lake_leaves_out_what_queries_cannot_read_there(engine: str) -> None:
    assert left_out_of(SECTIONS, engine) == left_out(engine)


def test_the_sentence_about_a_lake_names_what_no_lake_has_first() -> None:
    said = lake_in_words(SECTIONS, "spark", left_out("spark"))
    assert said.removeprefix("Counted by Spark over a lake, which does not show ") == (
        "how few people make the no-shows, repeat no-shows and who missed courses (it does not say who booked), the "
        "week ahead, seats to offer (nor which sessions nobody booked), fees and payments, flags, records set "
        "aside and files, whether calls helped, registers, single sessions, factors that go with no-shows (so groups "
        "are not compared with similar bookings), courses and the worth of seats: the database's own report does."
    )
