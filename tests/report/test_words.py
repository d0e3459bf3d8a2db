"""Numbers and names in the report's words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from reports.drawing import words


@pytest.mark.parametrize(
    ("rate", "said"),
    [(412 / 3708, "11.1\u00a0%"), (0.0, "0.0\u00a0%"), (1.0, "100.0\u00a0%"), (None, "unknown")],
)
def test_a_rate_has_one_decimal_and_nothing_divided_by_nothing_is_unknown(rate: float | None, said: str) -> None:
    assert words.percent(rate) == said


@pytest.mark.parametrize(
    ("rate", "limit", "said"),
    [
        (0.7996, 0.8, "79.96 %"),
        (0.79999, 0.8, "79.999 %"),
        (0.8, 0.8, "80.0 %"),
        (0.8004, 0.8, "80.04 %"),
        (0.75, 0.8, "75.0 %"),
        (1 - 0.2, 0.8, "80.0 %"),
        (0.1 + 0.2, 0.3, "30.0 %"),
        (None, 0.8, "unknown"),
    ],
)
def test_a_rate_beside_a_limit_never_looks_like_it_unless_it_is(rate: float | None, limit: float, said: str) -> None:
    assert words.percent_against(rate, limit).replace(words.NBSP, " ") == said


def test_counts_and_intervals() -> None:
    assert words.of(412, 3708) == "412 of 3,708"
    assert words.interval(0.098, 0.121) == "9.8\u00a0% to 12.1\u00a0%"
    assert words.interval(None, None) == "unknown"
    assert words.plural(1, "week") == "1\u00a0week"
    assert words.plural(3708, "series", "series") == "3,708\u00a0series"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (412, 3708, "About 1 in 9"),
        (538, 3582, "About 1 in 7"),
        (2, 7, "About 1 in 4"),
        (3, 10, "About 3 in 10"),
        (45, 100, "About 4 in 10"),
        (99, 100, "Nearly all"),
        (5, 5, "All"),
        (0, 5, "None"),
    ],
)
def test_how_often(part: int, whole: int, said: str) -> None:
    assert words.odds(part, whole) == said


@pytest.mark.parametrize(("low", "high", "said"), words.RATIOS)
def test_a_ratio_is_called_by_its_words_up_to_both_edges_and_no_farther(low: float, high: float, said: str) -> None:
    assert words.times(low) == words.times(high) == said
    assert said not in (words.times(low - 0.004), words.times(high + 0.004))


def test_words_for_ratios_are_near_the_number_they_name() -> None:
    """Twice within 1.8 to 2.2: a tenth on either side, and less where words are closer together."""
    named = {"quarter of": 1 / 4, "third": 1 / 3, "half": 1 / 2, "quarter more": 1.25, "one and a half": 1.5}
    named |= {"twice": 2.0, "two and a half": 2.5, "three": 3.0, "four": 4.0, "little less": 0.95, "little more": 1.05}
    for low, high, said in words.RATIOS:
        # The longest name that a phrase has: two and a half is not a half.
        number = named[max((name for name in named if name in said), key=len)]
        assert low >= 0.895 * number, said
        assert high <= 1.105 * number, said
    assert [high for _, high, _ in words.RATIOS[:-1]] < [low for low, _, _ in words.RATIOS[1:]]
    assert (words.times(1.7), words.times(2.25), words.times(1.0)) == tuple(
        f"{number}\u00a0times" for number in ("1.7", "2.2", "1.0")
    )


def test_dates_are_the_same_in_every_locale() -> None:
    assert words.day(dt.date(2026, 1, 12)) == "12\u00a0January 2026"
    assert words.day(dt.date(2026, 1, 12), short=True) == "12\u00a0Jan 2026"
    assert words.iso_week(dt.date(2024, 12, 30)) == "2025-W01"
    in_summer = dt.datetime(2026, 7, 1, 9, 5, tzinfo=ZoneInfo("Europe/Madrid"))
    assert words.moment(in_summer) == "1\u00a0July 2026, 09:05 (UTC+02:00)"


def test_names_lose_what_nobody_sees() -> None:
    assert words.clean("a\u202eb\u2066c\u2069\u200f\x07d\x85") == "abcd"
    assert words.clean("\udc80x") == "?x"
    assert words.clean(" \u202a ") == "(no name)"
    assert words.clean(None) == "(no name)"


def test_a_session_at_midnight_has_a_date_only() -> None:
    midnight = dt.datetime(2026, 1, 12)  # noqa: DTZ001 local times have no zone
    later = midnight + dt.timedelta(hours=10)
    assert [words.clock(each) for each in (midnight, later)] == ["2026-01-12 Mon", "2026-01-12 Mon 10:00"]
    assert words.clean("ראש 東京 é") == "ראש 東京 é"
