"""The tables in a real browser: five thousand rows with hostile names sort, narrow, page, link and download."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from reports.page.render import content_security_policy

HOSTILE = ('<script>alert("x")</script>', 'say "yes", no', '=HYPERLINK("x")', "-1", "@sum", "+2", "Zoë's \u202eclass")
ROWS = [(f"2026-01-{n % 28 + 1:02d} Mon {n:05d}", HOSTILE[n % 7], f"Place {n % 3}", n % 11) for n in range(5000)]
HEADS = ["Session", "Service", "Location", "No-shows"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assets = resources.files("reports.page").joinpath("assets")
    css = "".join(assets.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "tables.css"))
    js = "".join(assets.joinpath(name).read_text(encoding="utf-8") for name in ("cards.js", "report.js"))
    rows = "\n".join(
        f"<tr id=session-{at}>" + "".join(f"<td>{html.escape(str(cell))}" for cell in row)
        for at, row in enumerate(ROWS)
    )
    path = tmp_path_factory.mktemp("tables") / "page.html"
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tables</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{content_security_policy(css, js)}">'
        f'<link rel="icon" href="data:,"><style>{css}</style></head><body><main><h1>Tables</h1>'
        f'<p><a href="#session-4320">one of them</a></p><div class="scroll" role="region" tabindex="0" aria-label="t">'
        f'<table class="sessions" data-sortable data-filter="sessions" data-choose="1,2" data-page="25" '
        f'data-rest="the other 7 sessions" '
        f'data-download="sessions.csv"><caption>Sessions</caption><thead><tr>'
        + "".join(f'<th scope="col">{head}</th>' for head in HEADS)
        + f"</tr></thead><tbody>{rows}</tbody></table></div></main><script>{js}</script></body></html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def visit(browser: Any, written: Path) -> Iterator[Callable[..., Any]]:
    """Open the page; any error it reports fails the test."""
    said: list[str] = []
    contexts: list[Any] = []

    def at(width: int = 1280, scheme: str = "light", anchor: str = "", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(written.as_uri() + anchor)
        return page

    yield at
    for context in contexts:
        context.close()
    assert said == []


def shown(page: Any) -> list[list[str]]:
    script = (
        "[...document.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
    )
    return [list(row) for row in page.evaluate(script)]


def texts(row: tuple[Any, ...]) -> list[str]:
    return [str(cell) for cell in row]


@pytest.mark.long
def test_a_page_is_shown_and_the_next_one(visit: Callable[..., Any]) -> None:
    page = visit()
    assert shown(page) == [texts(row) for row in ROWS[:25]]
    assert page.get_by_text("1 to 25 of 5,000", exact=True).is_visible()
    assert page.get_by_role("button", name="Previous").is_disabled()
    page.get_by_role("button", name="Next").click()
    assert shown(page) == [texts(row) for row in ROWS[25:50]]


def test_all_rows_are_sorted_not_the_page(visit: Callable[..., Any]) -> None:
    page = visit()
    button = page.get_by_role("button", name="No-shows")
    button.click()
    assert {row[3] for row in shown(page)} == {"0"}
    button.click()
    assert {row[3] for row in shown(page)} == {"10"}
    assert page.locator("th[aria-sort=descending]").count() == 1


def test_search_and_choices_narrow_together(visit: Callable[..., Any]) -> None:
    page = visit()
    page.get_by_label("Location").select_option("Place 1")
    page.get_by_label("Find in these sessions").fill("hyperlink")
    expected = [texts(row) for row in ROWS if row[2] == "Place 1" and "HYPERLINK" in row[1]]
    assert shown(page) == expected[:25]
    assert page.locator("output").inner_text() == f"{len(expected)} of 5,000 (not searched: the other 7 sessions)"
    page.get_by_label("Find in these sessions").fill("nothing like it")
    assert shown(page) == []


# The text typed, and whether a row (day, service, place, number) is one of those that it means.
SOUGHT: dict[str, Callable[[tuple[str, str, str, int]], bool]] = {
    "place yes": lambda row: "yes" in row[1],
    "1 JAN": lambda row: row[0].startswith("2026-01-01"),
    "january 2026, Place": lambda row: True,
    "zoe 26 January 2026": lambda row: row[0].startswith("2026-01-26") and "Zoë" in row[1],
    "2026-01-09 hyper": lambda row: row[0].startswith("2026-01-09") and "HYPER" in row[1],
    "+2 (": lambda row: False,
}


def test_words_are_found_in_any_order_and_dates_as_they_are_written(visit: Callable[..., Any]) -> None:
    page = visit()
    for sought, is_meant in SOUGHT.items():
        page.get_by_label("Find in these sessions").fill(sought)
        expected = [texts(row) for row in ROWS if is_meant(row)]
        assert shown(page) == expected[:25], sought
        said = page.locator(".paging-said").inner_text()
        assert said.split(" of ")[-1] == (f"{len(expected):,}" if expected else "none")


def test_the_download_holds_what_is_shown_on_every_page(visit: Callable[..., Any]) -> None:
    page = visit()
    page.get_by_label("Location").select_option("Place 2")
    page.get_by_role("button", name="No-shows").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    assert started.value.suggested_filename == "sessions.csv"
    raw = Path(started.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    head, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert head == HEADS
    expected = sorted((row for row in ROWS if row[2] == "Place 2"), key=lambda row: row[3])
    assert [row[0] for row in rows] == [row[0] for row in expected]
    services = {row[1] for row in rows}
    assert services == {*HOSTILE[:2], "'" + HOSTILE[2], "-1", "'@sum", "'+2", HOSTILE[6]}


@pytest.mark.long
def test_a_link_brings_its_row_into_view_whatever_is_filtered(visit: Callable[..., Any]) -> None:
    page = visit()
    page.get_by_label("Find in these sessions").fill("hyperlink")
    page.get_by_role("link", name="one of them").click()
    row = page.locator("#session-4320")
    row.wait_for()
    assert row.locator("td").first.inner_text() == ROWS[4320][0]
    assert page.evaluate("document.activeElement.id") == "session-4320"
    assert page.get_by_label("Find in these sessions").input_value() == ""
    page.get_by_role("button", name="Next").click()
    assert page.locator("#session-4320").count() == 0
    page.get_by_role("link", name="one of them").click()
    row.wait_for()
    again = visit(anchor="#session-4999")
    assert again.locator("#session-4999").is_visible()


def test_only_one_page_is_printed_and_it_says_so(visit: Callable[..., Any]) -> None:
    page = visit()
    page.emulate_media(media="print")
    assert len(shown(page)) == 25
    assert page.get_by_text("Rows 1 to 25 of 5,000; the rest is in the file itself.").is_visible()
    assert not page.get_by_role("button", name="Next").is_visible()


@pytest.mark.long
def test_without_script_every_row_is_there(visit: Callable[..., Any]) -> None:
    page = visit(java_script_enabled=False)
    assert page.locator("tbody tr").count() == 5000
    assert page.get_by_role("button").count() == 0


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing_and_the_page_keeps_its_width(visit: Callable[..., Any], width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = visit(width, scheme, bypass_csp=True)
    results = axe.Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
