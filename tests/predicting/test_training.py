"""A model over bookings with a known truth: the facts it may learn from, when it is licensed, and how it scores."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import polars as pl
import pytest
from support.samples import few
from support.simulated_ahead import Sample, Truth, database, sample

import queries
from pipeline.predicting.design import design_of
from pipeline.predicting.judging import log_losses
from pipeline.predicting.past import read_past
from pipeline.predicting.rolling import group_rates, roll
from pipeline.predicting.training import keep_model, trained

KNOWN = Truth(hours=0.5, attribute=1.2)
NOTHING = Truth(services=0, leads=0)


@pytest.fixture(scope="module")
def made() -> Sample:
    return sample(np.random.default_rng(5), KNOWN, weeks=36, weeks_ahead=2)


def with_attribute(made: Sample, values: np.ndarray) -> pl.DataFrame:
    texts = ["{}" if value is None else json.dumps({"planted": value}) for value in values]
    return made.rows.with_columns(attributes=pl.Series(texts))


def left_out(rows: pl.DataFrame, as_of: dt.datetime) -> dict[str, str]:
    with database(rows) as con:
        card, _ = trained(con, as_of)
    assert card["judged"]
    assert {each["name"] for each in card["features"]} & {each["name"] for each in card["left_out"]} == set()
    return {each["name"]: each["reason"] for each in card["left_out"]}


def test_a_known_truth_is_learnt(made: Sample) -> None:
    with database(made.rows) as con:
        past = read_past(con, made.as_of)
    rolled = roll(past, design_of(past).matrix(past.levels))
    assert rolled is not None
    due = made.rows.with_columns(chance=pl.Series(made.chance)).filter(pl.col("due_at") <= made.as_of)
    truth = due.sort("starts_at", "session_id", "booking_id")["chance"].to_numpy()[rolled.rows]
    best = log_losses(rolled.judged.missed, truth).mean()
    assert rolled.verdict.log_loss.model < 1.02 * best
    assert rolled.verdict.is_licensed


@pytest.mark.parametrize("seed", few(range(20), 3))
def test_without_a_signal_there_is_no_licence(seed: int) -> None:
    """The share over 200 samples is in tests/stress: 5 % would be allowed."""
    without = sample(np.random.default_rng(seed), NOTHING, weeks=20)
    with database(without.rows) as con:
        card, weights = trained(con, without.as_of)
    assert not card["licensed"]
    assert weights == []
    assert "no model is found to do better" in card["verdict"]


def test_the_rates_it_is_judged_by_are_those_of_the_view(made: Sample) -> None:
    with database(made.rows) as con:
        past = read_past(con, made.as_of)
        text = "select distinct service_id, lead_time, group_rate from bookings_ahead_at($as_of)"
        shown = sorted(rate for *_, rate in con.execute(text, {"as_of": made.as_of}).fetchall())
    rates = group_rates(past, np.arange(len(past)))
    assert len(rates) == len(shown)
    assert sorted(rates) == pytest.approx(shown)


def test_the_views_score_as_the_model_does(made: Sample) -> None:
    with database(made.rows) as con:
        card, weights = trained(con, made.as_of)
        assert card["licensed"]
        keep_model(con, card, made.as_of, weights)
        found = queries.upcoming_bookings(con, as_of=made.as_of.isoformat() + "Z")
        earlier = queries.upcoming_bookings(con, as_of=(made.as_of - dt.timedelta(days=1)).isoformat() + "Z")
        past = read_past(con, made.as_of)
        assert queries.model_card(con) == card
        assert queries.model_card(con, as_of=(made.as_of - dt.timedelta(days=1)).isoformat() + "Z") is None
    design = design_of(past)
    by_column = {(feature, level): weight for feature, level, weight in weights}
    odds = design.matrix(past.ahead) @ np.array([by_column[column] for column in design.columns])
    risk = 1 / (1 + np.exp(-(odds + by_column["intercept", ""])))
    assert sorted(found["risk"]) == pytest.approx(sorted(risk))
    assert found["no_show_chance"].equals(found["risk"])
    assert found["is_licensed"].all()
    assert found["risk_band"].null_count() == 0
    # A model of today is not used for yesterday, which it has seen.
    assert not earlier["is_licensed"].any()
    assert earlier["risk"].null_count() == earlier.height
    # The draws ahead are known here: the risks are of use.
    chance = made.rows.select("booking_id", chance=pl.Series(made.chance)).join(found, on="booking_id")
    assert np.corrcoef(chance["chance"], chance["risk"])[0, 1] > 0.8


def test_the_same_records_give_the_same_model() -> None:
    """In any order, and a card of plain data."""
    made = sample(np.random.default_rng(5), Truth(attribute=2.0), weeks=16)
    with database(made.rows) as con:
        card, weights = trained(con, made.as_of)
    with database(made.rows.sample(fraction=1, shuffle=True, seed=1)) as con:
        again = trained(con, made.as_of)
    assert weights
    assert again[1] == weights
    assert {**again[0], "trained_at": None} == {**card, "trained_at": None}
    assert json.loads(json.dumps(card)) == card


def test_an_outcome_under_another_name_is_found_out(made: Sample) -> None:
    """Of those ahead nobody has a feedback yet, nor has paid a fee for staying away."""
    feedback = np.where(made.is_past, np.where(made.missed, "none", "given"), None)
    reasons = left_out(with_attribute(made, feedback), made.as_of)
    assert "seems to be written after the session" in reasons["attributes.planted"]
    fee = np.where(made.is_past & made.missed, "charged", None)
    reasons = left_out(with_attribute(made, fee), made.as_of)
    assert "seems to be written after the session" in reasons["attributes.planted"]


def test_an_outcome_that_is_made_up_for_bookings_ahead_is_found_out(made: Sample) -> None:
    shuffled = np.random.default_rng(1).permutation(made.missed)
    planted = np.where(np.where(made.is_past, made.missed, shuffled), "yes", "no")
    reasons = left_out(with_attribute(made, planted), made.as_of)
    assert "explains more of the outcome" in reasons["attributes.planted"]


def test_a_payment_at_the_desk_is_not_learnt_from(made: Sample) -> None:
    """Who comes pays there: of those ahead nobody has paid."""
    paid = pl.Series(np.where(made.is_past & ~made.missed, "PAID", "NOT_PAID"))
    reasons = left_out(made.rows.with_columns(payment_status=paid), made.as_of)
    assert "seems to be written after the session" in reasons["payment_status"]


def test_without_bookings_ahead_nothing_that_can_be_written_later_is_used(made: Sample) -> None:
    past = made.rows.filter(pl.Series(made.is_past))
    assert "only 0 bookings ahead" in left_out(past, made.as_of)["attributes.reminder"]


def test_an_attribute_that_is_known_before_is_used_and_its_groups_are_in_the_card(made: Sample) -> None:
    with database(made.rows) as con:
        card, _ = trained(con, made.as_of)
        without, _ = trained(con, made.as_of, ["attributes.reminder", "staff"])
    assert "attributes.reminder" in {each["name"] for each in card["features"]}
    assert {group["level"] for group in card["groups"]} == {"true", "false"}
    for group in card["groups"]:
        assert group["no_shows"] == pytest.approx(group["expected"], rel=0.2)
        assert group["log_loss"] < group["log_loss_of_rates"]
    assert sum(group["bookings"] for group in card["groups"]) == card["judged"]["bookings"]
    assert {"attributes.reminder", "staff"} & {each["name"] for each in without["features"]} == set()
    assert {each["name"] for each in without["left_out"]} >= {"attributes.reminder", "staff"}
    assert without["groups"] == []


def test_too_few_outcomes_are_said_to_be_too_few() -> None:
    little = sample(np.random.default_rng(1), KNOWN, weeks=2, services=1, size=3)
    with database(little.rows) as con:
        card, weights = trained(con, little.as_of)
    assert "too few outcomes to judge a model" in card["verdict"]
    assert (card["licensed"], weights) == (False, [])


def test_nothing_at_all_is_no_model() -> None:
    with database(sample(np.random.default_rng(1), KNOWN, weeks=1).rows.clear()) as con:
        card, weights = trained(con, dt.datetime.fromisoformat("2026-01-01"))
    assert (card["licensed"], card["judged"], weights) == (False, None, [])
    assert card["data"]["bookings"] == 0


def test_chances_and_sums_are_the_same_to_the_last_digit_in_any_order_of_the_rows(made: Sample) -> None:
    """The shell, the report and Python read the rows in an order of their own."""
    moment = made.as_of.isoformat() + "Z"
    with database(made.rows) as con:
        card, weights = trained(con, made.as_of)
    seen = []
    for rows in (made.rows, made.rows.reverse(), made.rows.sample(fraction=1, shuffle=True, seed=2)):
        for model in ([], weights):
            with database(rows) as con:
                if model:
                    keep_model(con, card, made.as_of, model)
                sums = [
                    queries.upcoming_sessions(con, by, as_of=moment).sort("sessions", *([by] if by else []))
                    for by in (None, "service")
                ]
                seen.append([*sums, queries.upcoming_bookings(con, as_of=moment)])
    for at, again in enumerate(seen[2:]):
        for one, other in zip(seen[at % 2], again, strict=True):
            assert one.equals(other)
