"""The page in a real browser: no errors, no sideways scroll, accessible in light and dark, sorting and filtering."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import draw, report
from support.samples import few

import queries
import reports

LONG = "Restorative yoga for everyone, Mon 18:00, The old harbour master's house, Anastasia von Reyes"
SCREENS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full page: 12 services to sort, long names, a chart with a gap, low coverage, flags and quarantine."""
    monday = dt.date(2026, 1, 5)
    weeks = [(monday + dt.timedelta(weeks=n), build.counts(20 + n, 4, 3)) for n in range(16) if n != 7]
    services = [(f"{LONG} {n}", build.counts(10 + n, n + 1, n)) for n in range(11)]
    flags = build.quality_flags(("walk_in", "more attendees than were booked", 4))
    content = report(
        overall=build.rates([({}, build.counts(200, 60, 90))], {}),
        service=build.named("service", *services, ("Talk", build.counts(1, 1))),
        series=build.named("series", (LONG, build.counts(24, 8, 2)), ("x" * 200, build.counts(12, 1))),
        week=build.dated("week", *weeks),
        day=build.dated("day", *weeks),
        flags=flags,
        quarantine=build.quarantine(("booking", "required", "bookingId is missing", 3)),
    )
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(draw(content), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser: Any, written: Path) -> Iterator[Callable[..., Any]]:
    """Open the page at a width and in a colour scheme; any error it reports fails the test."""
    said: list[str] = []
    contexts: list[Any] = []

    def at(width: int = 1280, scheme: str = "light", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if request.url != written.as_uri() else None)
        page.goto(written.as_uri())
        return page

    yield at
    for context in contexts:
        context.close()
    assert [text for text in said if text != "data:,"] == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_never_scrolls_sideways(visit: Callable[..., Any], width: int) -> None:
    page = visit(width)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shown = page.evaluate("[...document.querySelectorAll('.chart')].filter((c) => c.checkVisibility()).length")
    assert shown == 2


CUT = """() => [...document.querySelectorAll('.scroll')].flatMap((box) => {
  const frame = box.getBoundingClientRect();
  return [...box.querySelectorAll('tr')].flatMap((row) => {
    const drawn = [...row.cells].filter((cell) => cell.checkVisibility() && /\\d/.test(cell.textContent));
    const placed = drawn.map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return [cell.textContent.trim(), [...range.getClientRects()].filter((each) => each.width > 1)];
    });
    const cut = placed.filter(([, rects]) => rects.some(({ left, right }) =>
      left < frame.left - 1 || right > Math.min(frame.right, innerWidth) + 1));
    const meet = (a, b) =>
      a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const over = placed.filter(([, rects], at) =>
      placed.slice(at + 1).some(([, others]) => rects.some((a) => others.some((b) => meet(a, b)))));
    return [...cut, ...over].map(([text]) => text);
  });
})"""


@pytest.fixture(params=few(["whole", "written", "one_sided"], 1))
def drawn(request: pytest.FixtureRequest) -> Path:
    """A page with tables that others do not have."""
    path: Path = request.getfixturevalue(request.param)
    return path


@pytest.mark.long
def test_no_number_in_a_table_is_cut_off_or_covered_at_any_width(browser: Any, drawn: Path) -> None:
    page = browser.new_page()
    page.goto(drawn.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    for width in (320, 360, 390, 480, 600, 768, 900, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate(CUT) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


# The height of each row that is drawn as a card, by its cells that are shown, and whether a drawing shows in a head.
CARDS = """() => {
  const shown = (node) => node.getClientRects().length > 0;
  const cards = [...document.querySelectorAll(".stacked:not(.grid) tbody tr")].filter(shown);
  return [
    cards.map((card) => card.getBoundingClientRect().height / [...card.cells].filter(shown).length),
    [...document.querySelectorAll(".stacked thead .axis")].some(shown),
  ];
}"""


def test_cards_are_short_and_show_no_drawing_of_the_head(visit: Callable[..., Any]) -> None:
    """A phone's page was 57,000 pixels long, since a fourth column dropped to a line of its own in each card."""
    heights, has_axis = visit(360).evaluate(CARDS)
    assert len(heights) > 5
    assert sorted(heights)[len(heights) // 2] < 45
    assert not has_axis


@pytest.mark.parametrize("has_script", [True, False])
def test_a_long_table_is_folded_on_a_phone_and_whole_elsewhere(visit: Callable[..., Any], has_script: bool) -> None:
    page = visit(390, java_script_enabled=has_script)
    rows = page.locator("[aria-labelledby=by-service-caption] tbody tr:visible")
    assert rows.count() == 6
    terms = page.locator(".glossary > div:visible")
    folded = terms.count()
    page.locator("[aria-labelledby=by-service-caption] summary").click()
    assert rows.count() == 12
    page.locator("[aria-labelledby=by-service-caption] summary").click()
    page.emulate_media(media="print")
    assert (rows.count(), folded) == (12, 6)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert rows.count() == 12
    assert terms.count() > folded


def test_a_row_that_is_linked_to_is_not_folded_away(visit: Callable[..., Any]) -> None:
    page = visit(390)
    last = page.locator("[aria-labelledby=by-service-caption] tbody tr").last
    assert not last.is_visible()
    page.evaluate("(id) => { location.hash = id }", last.get_attribute("id"))
    assert last.is_visible()


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_axe_finds_nothing(visit: Callable[..., Any], width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = visit(width, scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    results = axe.Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_dark_and_light_differ_and_print_is_always_light(visit: Callable[..., Any]) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light, dark = visit(scheme="light"), visit(scheme="dark")
    paper = light.evaluate(colour)
    assert dark.evaluate(colour) != paper
    dark.emulate_media(media="print")
    assert dark.evaluate(colour) == paper


def names(page: Any) -> list[str]:
    rows = page.locator("table.ranking").first.locator("tbody tr:visible th")
    return list(rows.all_inner_texts())


def test_a_column_sorts_by_number_and_what_is_unknown_stays_last(visit: Callable[..., Any]) -> None:
    page = visit()
    table = page.locator("table.ranking").first
    button = table.get_by_role("button", name="No-shows of marked")
    button.click()
    assert names(page)[:2] == [f"{LONG} 0", "Talk"]
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    button.click()
    assert names(page)[0] == f"{LONG} 10"
    rate = table.get_by_role("button", name="Rate, likely range")
    rate.focus()
    for _ in range(2):
        page.keyboard.press("Enter")
        assert names(page)[-1] == "Talk"


def test_a_table_filters_by_text(visit: Callable[..., Any]) -> None:
    page = visit()
    page.get_by_label("Find in these services").fill("talk")
    assert names(page) == ["Talk"]
    assert page.locator("output").first.inner_text() == "1 of 12"


def test_without_script_every_row_is_there(visit: Callable[..., Any]) -> None:
    page = visit(java_script_enabled=False)
    assert len(names(page)) == 12
    assert page.get_by_role("button").count() == 0


@pytest.fixture(scope="module")
def whole(sample_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sample: every section, with a year's policy and a brand."""
    folder = tmp_path_factory.mktemp("whole")
    policies = (reports.Policy(dt.date(2026, 6, 10), "reminders"),)
    con = queries.connect(sample_db)
    options = reports.Options(title="Sample", policies=policies, brand_colour="#7a2048")
    reports.build_report(con, folder / "report.html", as_of="2026-07-01T00:00:00Z", options=options)
    con.close()
    return folder / "report.html"


@pytest.fixture(scope="module")
def one_sided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every table that only some sources have: presumed, excused, attributes, notice, visits, findings."""
    presumed = build.counts(0, 40, 0, bookings=420, rated_bookings=400, presumed_attended=300, presumed_missed=20)
    presumed |= {"excused": 20, "attended_bookings": 40, "register_marked": 0, "register_no_shows": 0}
    marks = [{"marks": "no_shows", "bookings": 300}, {"marks": "arrivals", "bookings": 120, "summed_bookings": 60}]
    silent = {"kept_by": "location", "keeper": LONG, "bookings": 300, "marks_made": 2, "last_mark": dt.date(2026, 1, 5)}
    one_click = {"staff_id": "a", "staff": LONG, "sessions": 8, "bookings": 40, "rest_no_shows": 40, "chance": 1e-4}
    names = {"notice": ("under 2 hours", "over 7 days"), "visit_number": ("first", "6 and more")}
    frames = {
        name: build.rates(
            [({name: band}, build.counts(18, 2, cancelled_bookings=3)) for band in bands], {name: pl.String}
        )
        for name, bands in (names | {"attributes.reminder": ("true", None)}).items()
    }
    found = [{"finding": "unmet_value", "place": "Result", "records": 9, "value": value} for value in ("x" * 90, "no")]
    load = (*build.ONE_LOAD[:3], 90, 78, 0, 0, 0, 12, 0, 0, build.ONE_LOAD[-1])
    content = report(
        {"options": reports.Options(attributes=("reminder",))},
        overall=build.rates([({}, presumed)], {}),
        regimes=build.rows("regimes", *marks),
        silent_markers=build.rows("silent_markers", silent, {"keeper": "Ana", "bookings": 3}),
        one_click_registers=build.rows("one_click_registers", one_click | {"rest_rated_bookings": 200}),
        findings=pl.DataFrame(found, schema=build.NO_FINDINGS.schema),
        loads=build.loads(load),
        **frames,
    )
    path = tmp_path_factory.mktemp("one_sided") / "report.html"
    path.write_text(draw(content), encoding="utf-8")
    return path


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_tables_that_few_sources_have_are_accessible_and_keep_their_width(
    browser: Any, one_sided: Path, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(one_sided.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    for anchor in ("silent-table-caption", "one-click", "notice-caption", "visits", "attributes", "findings"):
        assert page.locator(f"#{anchor}").count() == 1, anchor
    results = axe.Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    context.close()


SECTIONS = [
    "number",
    "actions",
    "picture",
    "benchmarks",
    "in-short",
    "headline",
    "registers",
    "where",
    "when",
    "factors",
    "over-time",
    "courses",
    "who",
    "week-ahead",
    "worth",
    "trust",
]


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_whole_report_has_no_error_no_violation_and_keeps_its_width(
    browser: Any, whole: Path, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    said: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, bypass_csp=True
    )
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(whole.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    headings = page.locator("main h2").evaluate_all("(found) => found.map((heading) => heading.id)")
    assert headings == [*SECTIONS, "sessions"]
    results = axe.Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert said == []
    context.close()


@pytest.fixture(scope="module")
def lately(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of thirty sessions of two teachers, of which ten have a register to fill in."""
    start = dt.datetime(2026, 2, 2, 18)  # noqa: DTZ001 local times have no zone
    sessions = [
        {"session_id": f"s{n}", "local_start": start + dt.timedelta(hours=n), "service": "Spinning"}
        | {"location": "Harbour", "staff": f"Ana {n % 2}", "bookings": 8, "unmarked_bookings": n % 3 // 2}
        for n in range(30)
    ]
    content = report(
        sessions=build.rows("sessions", *(one | {"all_sessions": 30} for one in sessions)),
        registers=build.rows("registers", *(one for one in sessions if one["unmarked_bookings"])),
    )
    path = tmp_path_factory.mktemp("lately") / "report.html"
    path.write_text(draw(content), encoding="utf-8")
    return path


def test_links_tables_and_download_of_the_report(browser: Any, lately: Path) -> None:
    page = browser.new_page()
    page.goto(lately.as_uri())
    page.get_by_text("Session by session").click()
    link = page.locator("#registers ~ details a").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    assert page.locator(f"#{target}").inner_text().startswith(link.inner_text())
    page.locator(".choice select").last.select_option(index=1)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    lines = Path(started.value.path()).read_text(encoding="utf-8-sig").splitlines()
    (said,) = page.locator(".paging-said").all_inner_texts()
    assert said.endswith(f" of {len(lines) - 1}")
    assert lines[0].startswith("Session,Service,Location,Staff,Bookings")
    page.close()


# A screen of 1280 by 900 px, twice; the text areas of A4 and of Letter within margins of 12 mm, in CSS pixels.
TWO_SCREENS = 1800
PAPERS = ((703, 1032), (725, 964))


def test_the_first_page_is_two_screens_and_one_sheet_of_paper(browser: Any, whole: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(whole.as_uri())
    bottom = "document.querySelector('.short').getBoundingClientRect().bottom + scrollY"
    assert page.evaluate(bottom) <= TWO_SCREENS
    assert page.locator(".chart").first.is_visible()
    page.emulate_media(media="print")
    for width, height in PAPERS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(bottom) <= height
    assert page.evaluate("getComputedStyle(document.querySelector('.hero')).breakBefore") == "page"
    page.close()


# Chromium repeats a head without its boxes, a foot before the rows it sums up, and leaves backgrounds to the printer.
PRINTED = {
    "thead button": ("display", "contents"),
    "tfoot": ("display", "table-row-group"),
    ".grid td": ("print-color-adjust", "exact"),
    "main h2, main h3, caption, thead": ("break-after", "avoid"),
    "caption, tr, p": ("break-inside", "avoid"),
    "tbody tr:first-child": ("break-before", "avoid"),
}
# Each shade of the heat map with its brightness in greyscale (ITU-R BT.601).
SHADES = """(found) => [...new Map(found.map((cell) => {
  const [r, g, b] = getComputedStyle(cell).backgroundColor.match(/\\d+/g).map(Number);
  return [cell.className, 0.299 * r + 0.587 * g + 0.114 * b];
}))]"""


def test_the_report_prints_to_few_pages_in_light_colours(browser: Any, whole: Path) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(whole.as_uri())
    pdf = page.pdf(format="A4")
    assert 3 < pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 12
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for selector, (style, printed) in PRINTED.items():
        script = f"(found) => [...new Set(found.map((each) => getComputedStyle(each)[{style!r}]))]"
        assert page.locator(selector).evaluate_all(script) == [printed], selector
    shades = page.locator(".grid td[class^=shade]").evaluate_all(SHADES)
    assert [shade for shade, _ in sorted(shades)] == [shade for shade, _ in sorted(shades, key=lambda each: -each[1])]
    page.close()


def test_without_script_a_print_has_the_newest_sessions_and_says_so(browser: Any, lately: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(lately.as_uri())
    page.emulate_media(media="print")
    assert page.locator(".sessions tbody tr:visible").count() == 25
    assert page.get_by_text("25 of the sessions are printed").is_visible()
    assert not page.locator(".statements").is_visible()
    context.close()
