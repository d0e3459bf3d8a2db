"""The page: names do no harm, nothing is fetched, and it reads well even if there is little to say."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
import re
from html.parser import HTMLParser

import pytest
from support import report_frames as build
from support.report_frames import about, draw, report
from support.seen import text_of

from reports.registry import SECTIONS
from reports.report import report_content

START = dt.datetime(2026, 2, 16, 18)  # noqa: DTZ001 local times have no zone
HOSTILE = "<script>alert(1)</script>\" onload='x' \u202eevil\u202c &amp;"
REPEAT = {"participant_id": HOSTILE, "participant_name": HOSTILE, "last_no_show": START.date()}
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Outline(HTMLParser):
    """Collects tags with their attributes, and fails if they do not nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        while (tag == "td" and self.open[-1] == "td") or (tag == "tr" and self.open[-1] in ("td", "tr")):
            self.open.pop()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while tag in ("tbody", "table") and self.open[-1] in ("td", "tr"):
            self.open.pop()  # end tags that HTML lets us leave out
        assert self.open.pop() == tag

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def test_hostile_names_are_shown_and_do_nothing() -> None:
    page = draw(
        report(
            {"title": HOSTILE, "filter": f"service is {HOSTILE}", "database": HOSTILE},
            service=build.named("service", (HOSTILE, build.counts(15, 5))),
            series=build.named("series", (HOSTILE, build.counts(15, 5))),
            staff=build.named("staff", (HOSTILE, build.counts(15, 5))),
            sessions=build.rows("sessions", {"session_id": HOSTILE, "service": HOSTILE, "local_start": START}),
            repeat_no_shows=build.rows("repeat_no_shows", REPEAT),
            loads=build.loads((1, f"/x/{HOSTILE}.json", HOSTILE, 1, 1, 0, 0, 0, 0, 0, 0, None)),
        )
    )
    outline = Outline(page)
    assert outline.count("script") == 1
    assert "alert(1)</script>" not in page
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
    assert not any(name.startswith("on") or name == "style" for _, attrs in outline.tags for name in attrs)
    assert text_of(page).count("<script>alert(1)</script>\" onload='x' evil &amp;") >= 5


def test_nothing_is_fetched() -> None:
    page = draw(report())
    assert "http:" not in page
    assert "https:" not in page
    assert "@import" not in page
    links = [attrs[name] for _, attrs in Outline(page).tags for name in ("href", "src", "xlink:href") if name in attrs]
    assert links
    assert all(link == "data:," or (link or "").startswith("#") for link in links)


def test_the_policy_allows_this_style_and_this_script_and_no_more() -> None:
    page = draw(report())
    policy = html.unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[0])
    for tag in ("style", "script"):
        (inline,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_the_same_content_gives_the_same_bytes() -> None:
    assert draw(report()) == draw(report())


def test_the_page_has_its_landmarks_one_h1_captions_and_ids_used_once() -> None:
    outline = Outline(draw(report()))
    assert outline.open == []
    assert [outline.count(tag) for tag in ("h1", "main", "header", "nav", "footer")] == [1, 1, 1, 1, 1]
    assert outline.count("table") == outline.count("caption") > 8
    assert outline.tags[0][1] == {"lang": "en"}
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {(attrs["href"] or "").removeprefix("#") for tag, attrs in outline.tags if tag == "a"}
    assert targets <= set(ids)


def test_the_headline_says_rate_denominator_interval_coverage_and_definition() -> None:
    seen = text_of(draw(report()))
    assert "No-show rate 25.0 % of marked bookings are no-shows (8 of 32): booked, not cancelled, marked as not" in seen
    assert "The rate in figures About 1 in 4: 8 of 32 marked bookings did not come." in seen
    assert "Likely range 13.3 % to 42.1 % Marked 94.1 % 32 of 34 past bookings" in seen
    assert "Possible range 23.5 % to 29.4 % if all or none of the unmarked came" in seen
    assert (
        "No-show: booked, not cancelled, marked as not attended. Unmarked bookings are unknown, in neither number."
        in seen
    )


def test_below_80_percent_coverage_the_bounds_lead() -> None:
    seen = text_of(draw(report(overall=build.rates([({}, build.counts(24, 8, 12))], {}))))
    assert "No-show rate, possible range 18.2 % to 45.5 % of bookings are no-shows: booked, not cancelled," in seen
    assert "8 of 32 marked bookings did not come (25.0 %), but too few are marked" in seen
    assert "Few are marked." in seen


def test_beside_every_percentage_stands_what_it_is_of() -> None:
    seen = text_of(draw(report()))
    assert "1 Yoga 25.0 % 11.2 % to 46.9 % 5 of 20 90.9 % 20 of 22" in seen
    assert "– Talk too few to say 1 of 2 2 of 2 marked" in seen


def test_cancellations_stand_beside_and_unknown_late_ones_are_not_zero() -> None:
    known = build.rates([({}, build.counts(24, 8, cancelled_bookings=6, late_cancelled=2))], {})
    assert "6 bookings, 2 of them late (within 24 hours of the start)" in text_of(draw(report(overall=known)))
    unknown = build.rates([({}, build.counts(24, 8, cancelled_bookings=6, late_cancelled=None))], {})
    assert "how many of them late: unknown, as no cancel times are loaded" in text_of(draw(report(overall=unknown)))


def test_every_row_of_every_file_is_accounted_for() -> None:
    seen = text_of(draw(report()))
    assert "bookings.json booking 120 110 2 3 1 4 2026-03-02 09:00 UTC All files 120 110 2 3 1 4" in seen
    assert "/home/pat" not in seen


def test_without_a_filter_the_top_names_none() -> None:
    assert "Only where" not in text_of(draw(report()))


def test_with_nothing_at_all_the_page_says_so() -> None:
    seen = text_of(draw(report_content(build.nothing(), about(), SECTIONS)))
    assert "unknown Nothing has been loaded yet. Load an export with noshow ingest, or fetch with noshow pull." in seen
    assert "Nothing has been loaded yet." in seen
    assert "No week has a past booking yet." in seen
    assert "nan" not in seen.lower().split()
    assert "None" not in seen


def test_with_nothing_marked_no_rate_is_shown() -> None:
    only = build.counts(0, 0, 12)
    seen = text_of(
        draw(
            report(
                overall=build.rates([({}, only)], {}),
                service=build.named("service", ("Yoga", only)),
                series=build.named("series", (None, only)),
            )
        )
    )
    assert "No-show rate unknown None of 12 past bookings is marked" in seen
    assert "– Yoga too few to say 0 of 0 0 of 12 marked" in seen
    assert "Sessions without a name" in seen


def test_the_page_is_valid_html() -> None:
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
    row = {"session_id": HOSTILE, "service": HOSTILE, "local_start": START}
    page = draw(report({"title": HOSTILE}, sessions=build.rows("sessions", row, row | {"session_id": "2"})))
    parser = html5lib.HTMLParser()
    parser.parse(page)
    assert parser.errors == []
