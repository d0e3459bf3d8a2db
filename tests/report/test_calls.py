"""Did the calls help: the words for each verdict, and which reports say it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from support.report_frames import draw, plain, report

from reports.sections.calls.content import Calls


def strata(called: tuple[int, int], held_back: tuple[int, int], share: float = 0.5) -> pl.DataFrame:
    """One share, numbers and no-shows of both arms, each booking of a contact and a session of its own."""
    row: dict[str, Any] = {
        "hold_back": share,
        "listed_to_call": called[0],
        "listed_held_back": held_back[0],
        "reported": called[0] // 2,
        "reached": called[0] // 4,
        "called_all_the_same": 3,
        "not_due": 12,
        "called": called[0],
        "called_missed": called[1],
        "held_back": held_back[0],
        "held_back_missed": held_back[1],
    }
    for of in ("contact", "session"):
        row |= {f"{of}_squares_before": held_back[0], f"{of}_squares_after": called[0], f"{of}_products": 0}
    return pl.DataFrame([row])


def calls(sums: pl.DataFrame, **circumstances: Any) -> Calls | None:
    found: Calls | None = report(circumstances, calls=sums).calls
    return found


NOBODY = "Nobody was held back, so nothing can be said of their effect."
TITLES = {
    ((500, 50), (500, 90)): (
        "The calls helped: −8.0 points (likely range −12.3 to −3.7 points) against bookings held back. "
        "13 calls save one no-show (likely range 9 to 27)."
    ),
    ((500, 90), (500, 50)): (
        "More of the bookings to be called were missed: +8.0 points (likely range +3.7 to +12.3 points) "
        "against those held back."
    ),
    ((600, 118), (600, 122)): (
        "No difference is found between bookings to be called and those held back: "
        "−0.7 points (likely range −5.2 to +3.9 points)."
    ),
    (
        (50, 8),
        (50, 12),
    ): "It is too early to say whether the calls help: about 1,031 more bookings are needed.",
    ((50, 0), (50, 0)): "It is too early to say whether the calls help.",
    ((50, 8), (0, 0)): NOBODY,
}


@pytest.mark.parametrize(("numbers", "title"), TITLES.items())
def test_what_is_said(numbers: tuple[tuple[int, int], tuple[int, int]], title: str) -> None:
    sums = strata(*numbers, share=0.0 if title == NOBODY else 0.5)
    found = calls(sums)
    assert found is not None
    assert plain(found.title) == title
    page = plain(draw(report(calls=sums)))
    assert "Did the calls help?" in page
    assert title.split(":")[0] in page


def test_the_page_shows_both_arms_and_what_was_reported() -> None:
    page = plain(draw(report(calls=strata((500, 50), (500, 90)))))
    assert "50 of 500 missed, 10.0 %. 250 reported as called, 125 of them with somebody reached." in page
    assert "90 of 500 missed, 18.0 %. 3 were called all the same" in page
    assert "12 bookings on lists whose sessions are not over" in page


def test_it_is_said_of_the_whole_business_alone_and_never_shared() -> None:
    sums = strata((500, 50), (500, 90))
    assert calls(sums) is not None
    for elsewhere in ({"filtered": True}, {"part": "Harbour"}, {"share": True}):
        assert calls(sums, **elsewhere) is None, elsewhere
    assert report().calls is None
