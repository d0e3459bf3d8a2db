"""Expected no-shows: the rates of groups, sums with their intervals, and the sources of a risk."""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy.stats import betabinom
from support.coverage_ahead import covered
from support.simulated_ahead import Sample, Truth, database, sample

import queries
from queries.database import frame_of
from queries.measures.rates import prior_weight
from queries.model.fact import FACT

# Facts that only the end of a session shows, in the columns that the views are made of.
AFTERWARDS = {"outcome": "attended", "attendance_status": "ATTENDED", "number_of_attendees": 3}


@pytest.fixture(scope="module")
def made() -> Sample:
    return sample(np.random.default_rng(1), Truth(persons=0.8), weeks=20, contacts=60)


def known(rows: pl.DataFrame, moment: object) -> pl.DataFrame:
    with database(rows) as con:
        text = (
            "select *, risk_features(p) as features from known_before_at($as_of) as p order by booking_id, session_id"
        )
        return frame_of(con, text, {"as_of": moment})


def test_an_outcome_reaches_no_booking_of_a_session_that_begins_before_it_is_due(made: Sample) -> None:
    """Marks changed from a day on change the history of later sessions, and no other feature of any booking."""
    day = made.rows["starts_at"].sort()[len(made.rows) // 2]
    changed = made.rows.with_columns(
        pl.when(pl.col("starts_at") >= day).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in AFTERWARDS.items()
    )
    before, after = (known(rows, made.as_of) for rows in (made.rows, changed))
    outcome = ["is_missed"]
    early = pl.col("starts_at") < day + pl.duration(days=1)
    assert before.filter(early).drop(outcome).equals(after.filter(early).drop(outcome))
    history = ["earlier_no_shows", "features"]
    assert before.drop(outcome + history).equals(after.drop(outcome + history))
    assert not before["earlier_no_shows"].equals(after["earlier_no_shows"])


def test_no_column_that_an_outcome_shows_in_is_known_before(made: Sample) -> None:
    """A column is tried: its values with other outcomes. A new one is not known before until its row says so."""
    changed = made.rows.with_columns(pl.lit(value).alias(name) for name, value in AFTERWARDS.items())
    tables = []
    for rows in (made.rows, changed):
        with database(rows) as con:
            tables.append(frame_of(con, "from session_roster order by booking_id"))
    shows = {name for name in tables[0].columns if not tables[0][name].equals(tables[1][name])}
    assert {"outcome", "is_missed", "came", "absent"} <= shows
    assert {column.name for column in FACT if column.known_before} & shows == set()
    assert not {"canceled_at", "cancellation", "attendance_id", "session_status"} & {
        column.name for column in FACT if column.known_before
    }


def test_the_rate_of_a_group_is_shrunk_as_in_polars(made: Sample) -> None:
    with database(made.rows) as con:
        rows = frame_of(
            con,
            "select distinct service_id, lead_time, group_rate from bookings_ahead_at($as_of)",
            {"as_of": made.as_of},
        )
    past = made.rows.filter(pl.Series(made.is_past)).with_columns(missed=pl.Series(made.missed[made.is_past]))
    due = past.filter(pl.col("due_at") <= made.as_of)
    groups = due.group_by("service_id", "lead_days").agg(
        rated_bookings=pl.len().cast(pl.Int64), missed_bookings=pl.col("missed").sum().cast(pl.Int64)
    )
    weight, rate = prior_weight(groups), due["missed"].mean()
    assert weight is not None
    assert weight > 1
    bands = {
        0: "same day",
        1: "1 day",
        4: "2-7 days",
        10: "8-14 days",
        18: "15-21 days",
        25: "22-28 days",
        40: "over 28 days",
    }
    expected = {
        (row["service_id"], bands[row["lead_days"]]): (row["missed_bookings"] + weight * rate)
        / (row["rated_bookings"] + weight)
        for row in groups.to_dicts()
    }
    assert rows.height > 10
    for service, lead, found in rows.iter_rows():
        assert found == pytest.approx(expected[str(service), lead])


@pytest.mark.parametrize(
    ("n", "mean", "correlation"), [(1, 0.3, 0.0), (8, 0.9, 0.05), (40, 11.0, 0.0), (300, 20.0, 0.02)]
)
def test_the_interval_holds_the_likeliest_numbers(n: int, mean: float, correlation: float) -> None:
    """95 % of the probability by scipy, to half of the last number's."""
    p = mean / n
    variance = n * p * (1 - p) * (1 + (n - 1) * correlation)
    con = duckdb.connect()
    from queries.views import view_sql

    for name in ("beta_binomial", "expected_counts"):
        con.execute(view_sql(name))
    text = (
        "select k.low, k.high from (select numbers_within(likely_numbers($n, $mean / $n, "
        "correlation_of_sum($n, $mean, $variance), greatest(10, 10 * sqrt($variance)))) as k)"
    )
    ((low, high),) = con.execute(text, {"n": n, "mean": mean, "variance": variance}).fetchall()
    r = max(correlation, 1e-6)
    law = betabinom(n, p * (1 - r) / r, (1 - p) * (1 - r) / r)
    inside = law.pmf(np.arange(low, high + 1))
    ends = [inside[0], inside[-1]]
    assert inside.sum() - min(ends) / 2 < 0.95 or low == high
    beyond = max(law.pmf(low - 1), law.pmf(high + 1))
    assert inside.sum() + beyond / 2 >= 0.95
    assert beyond <= min(ends)


@pytest.mark.parametrize("n", [30_000, 400_000, 20_000_000])
def test_the_interval_of_a_large_sum_is_found_at_once(n: int) -> None:
    """Numbers are added one by one: a sum over those before for each took minutes for 60,000 bookings ahead."""
    con = duckdb.connect()
    from queries.views import view_sql

    for name in ("beta_binomial", "expected_counts"):
        con.execute(view_sql(name))
    mean, correlation = 0.12 * n, 0.0005
    deviation = np.sqrt(mean * 0.88 * (1 + (n - 1) * correlation))
    text = "select k.low, k.high from (select numbers_within(likely_numbers($n, 0.12, $r, 10 * $deviation)) as k)"
    ((low, high),) = con.execute(text, {"n": n, "r": correlation, "deviation": deviation}).fetchall()
    law = betabinom(n, 0.12 * (1 - correlation) / correlation, 0.88 * (1 - correlation) / correlation)
    assert law.cdf(high) - law.cdf(low - 1) == pytest.approx(0.95, abs=0.003)


def test_sums_by_any_grouping_are_sums_of_the_sessions(made: Sample) -> None:
    with database(made.rows) as con:
        as_of = made.as_of.isoformat() + "Z"
        sessions = queries.upcoming_sessions(con, as_of=as_of)
        assert sessions["bookings"].sum() == int((~made.is_past).sum())
        for by in ("staff", None):
            sums = queries.upcoming_sessions(con, by, as_of=as_of)
            for column in ("bookings", "booked", "seats"):
                assert sums[column].sum() == sessions[column].sum()
            assert sums["expected_no_shows"].sum() == pytest.approx(sessions["expected_no_shows"].sum())
        bookings = queries.upcoming_bookings(con, days=3, where={"service": "Service 1"}, as_of=as_of)
        few = queries.upcoming_sessions(con, days=3, where={"service": "Service 1"}, as_of=as_of)
    assert set(bookings["service"]) == {"Service 1"}
    assert bookings.height == few["bookings"].sum() > 0
    assert set(bookings["session_id"]) == set(few["session_id"])


@pytest.mark.parametrize("truth", [Truth(sessions=0.5), pytest.param(Truth(), marks=pytest.mark.long)])
def test_intervals_of_sessions_hold_their_no_shows(truth: Truth) -> None:
    found = covered(truth, "session", seeds=range(1), weeks_ahead=40)
    assert 0.93 <= found.share <= 0.975


def test_intervals_of_weeks_know_of_those_who_come_again() -> None:
    """The same people make past rates and weeks ahead: taken for others, weeks were 13 % too wide (98 % covered)."""
    found = covered(Truth(persons=1.0), "week", seeds=range(1), weeks_ahead=40)
    assert found.width < 20
    assert found.share >= 0.9


def test_one_person_alone_has_an_interval(made: Sample) -> None:
    """All of the past and all that is ahead: nothing but chance is left, and no variance is below it."""
    alone = made.rows.with_columns(participant_id=pl.lit("c1"))
    with database(alone) as con:
        (row,) = queries.upcoming_sessions(con, None, as_of=made.as_of.isoformat() + "Z").to_dicts()
    n, p = row["bookings"], row["expected_no_shows"] / row["bookings"]
    assert row["no_shows_high"] - row["no_shows_low"] >= 1.8 * 1.96 * np.sqrt(n * p * (1 - p))


@pytest.mark.long
@pytest.mark.parametrize("truth", [Truth(), Truth(sessions=0.7), Truth(persons=0.7, sessions=0.5), Truth(persons=1.0)])
def test_intervals_of_500_weeks_hold_their_no_shows(truth: Truth) -> None:
    found = covered(truth, "week", seeds=range(13), weeks_ahead=40)
    assert found.sums >= 500
    assert 0.93 <= found.share <= 0.97
