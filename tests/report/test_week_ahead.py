"""The week ahead: what to expect of which sessions, and the words on the model."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import report

import pipeline
import queries
import reports
from queries.measures.seats import ClassSeats
from reports.sections.week_ahead.content import WeekAhead, week_ahead_of

START = dt.datetime(2026, 3, 3, 18)  # noqa: DTZ001 local times have no zone
GAIN = {"model": 0.3, "rates": 0.32, "gain": 0.02, "gain_low": 0.01, "gain_high": 0.03}
JUDGED = {"first": "2025-10-01", "last": "2026-02-20", "bookings": 900, "no_shows": 90, "log_loss": GAIN, "brier": GAIN}
GROUP = {"feature": "attributes.reminder", "level": "true", "bookings": 400, "no_shows": 30, "expected": 31.5}
CARD: dict[str, Any] = {
    "licensed": True,
    "verdict": "it does better than the rates of service and lead time",
    "trained_at": "2026-03-01T09:00:00Z",
    "data": {"first": "2025-03-01", "last": "2026-02-20", "bookings": 3_000, "no_shows": 300},
    "features": [{"name": "lead_time", "meaning": "days booked ahead"}],
    "left_out": [
        {"name": "payment_status", "meaning": "payment", "reason": "it seems to be written after the session"}
    ],
    "judged": JUDGED | {"slope": 1.02, "intercept": 0.0, "curve": []},
    "groups": [GROUP | {"log_loss": 0.3, "log_loss_of_rates": 0.31, "z": 0.2}],
    "wrong_for": [],
}


def session(number: int, expected: float | None, **changes: Any) -> dict[str, Any]:
    start = START + dt.timedelta(hours=number)
    row = {
        "session_id": f"s{number}",
        "service_id": "yoga",
        "service": "Yoga",
        "local_start": start,
        "starts_at": start,
    }
    row |= {"sessions": 1, "bookings": 10, "booked": 12, "seats": 12, "expected_no_shows": expected}
    return row | {"no_shows_low": 0, "no_shows_high": 3} | changes


def frames(*sessions: dict[str, Any], **total: Any) -> dict[str, pl.DataFrame]:
    sums = {"sessions": len(sessions), "bookings": 10 * len(sessions), "expected_no_shows": 11.4}
    sums |= {"no_shows_low": 5, "no_shows_high": 17}
    return {
        "sessions_ahead": build.rows("sessions_ahead", *sessions),
        "week_ahead": build.rows("week_ahead", sums | total),
    }


def card(**changes: Any) -> pl.DataFrame:
    return pl.DataFrame({"card": [json.dumps(CARD | changes)]})


def ahead(*sessions: dict[str, Any], model: pl.DataFrame = build.NO_MODEL, **total: Any) -> WeekAhead:
    made = report(model=model, **frames(*sessions, **total)).contents["week_ahead"]
    assert isinstance(made, WeekAhead)
    return made


def test_without_sessions_ahead_there_is_no_section() -> None:
    made = report(sessions_ahead=build.rows("sessions_ahead"), week_ahead=build.rows("week_ahead"))
    assert made.contents.get("week_ahead") is None
    assert "The week ahead" not in build.draw(made)


def test_the_title_has_the_sum_and_its_range() -> None:
    made = ahead(session(1, 1.2), session(2, 0.4))
    assert build.plain(made.title) == (
        "Of 20 bookings in the next 7 days about 11 can be expected to be missed (likely range 5 to 17)."
    )
    nothing = ahead(session(1, None), expected_no_shows=None, no_shows_low=None, no_shows_high=None)
    assert "no outcome is known" in nothing.title


def test_sessions_with_most_to_expect_are_listed_in_the_order_of_their_starts() -> None:
    made = ahead(*(session(number, number % 20 / 10) for number in range(40)))
    assert len(made.sessions) == 15
    assert made.total == 40
    assert [each.start for each in made.sessions] == sorted(each.start for each in made.sessions)
    assert min(each.expected or 0 for each in made.sessions) == pytest.approx(1.3, abs=0.11)


def test_seats_to_offer_are_those_of_the_class() -> None:
    sessions = build.rows("sessions_ahead", session(1, 1.0), session(2, 1.0, seats=8), session(3, 1.0, service_id="x"))
    from queries.measures.seats import Absences, SeatsFound

    found = ClassSeats({"service_id": "yoga", "capacity": 12}, SeatsFound(2, 0.03, Absences(0.2, 0.02)), True)
    seldom = ClassSeats({"service_id": "yoga", "capacity": 8}, SeatsFound(2, 0.03, Absences(0.2, 0.02)), False)
    made = week_ahead_of(sessions, build.rows("week_ahead", {"bookings": 30}), [found, seldom], build.NO_MODEL)
    assert made is not None
    assert [each.seats_to_offer for each in made.sessions] == [2, None, None]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (build.NO_MODEL, "how often bookings of the same service were missed that were made as long ahead."),
        (card(), "on 900 later bookings this was better than the rates of such bookings"),
        (
            card(licensed=False),
            "Nothing better can be had from these records: a model of single bookings was tried on 900",
        ),
        (card(licensed=False, verdict="too few outcomes to judge a model: 3 no-shows"), "Too few outcomes are known"),
        (card(licensed=False, verdict="too few outcomes", judged=None), "Too few outcomes are known"),
    ],
)
def test_what_the_chances_are_taken_from_is_said(model: pl.DataFrame, words: str) -> None:
    assert words in build.plain(ahead(session(1, 1.2), model=model).source)


def test_the_card_is_on_the_page_and_in_the_data() -> None:
    made = report(model=card(), **frames(session(1, 1.2)))
    page = build.plain(build.draw(made))
    for words in ("Licensed: it does better", "Not at payment: it seems to be written", "better by 0.0100 to 0.0300"):
        assert words in page
    assert "30 of 400" in page
    assert reports.report_data(made)["week_ahead"]["model"] == CARD


@pytest.mark.long
def test_a_report_of_the_past_has_none_and_that_of_today_has_the_sums_of_queries(tmp_path: Path) -> None:
    with pipeline.open_store(tmp_path / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [Path(__file__).parents[2] / "data" / "sample"])
    moment = "2026-06-28T22:00:00Z"
    with queries.connect(tmp_path / "a.duckdb") as con:
        today = reports.the_report(con, as_of=moment).contents["week_ahead"]
        (row,) = queries.upcoming_sessions(con, None, days=7, as_of=moment).to_dicts()
        harbour = reports.the_report(con, as_of=moment, where={"location": "Harbour"}).contents["week_ahead"]
        (few,) = queries.upcoming_sessions(con, None, 7, {"location": "Harbour"}, moment).to_dicts()
        before = reports.the_report(con, as_of=moment, last=dt.date(2026, 6, 20)).contents.get("week_ahead")
    for found, sums in ((today, row), (harbour, few)):
        assert (found.bookings, found.low, found.high) == (
            sums["bookings"],
            sums["no_shows_low"],
            sums["no_shows_high"],
        )
        assert found.expected == pytest.approx(sums["expected_no_shows"])
    assert few["bookings"] < row["bookings"]
    assert before is None
