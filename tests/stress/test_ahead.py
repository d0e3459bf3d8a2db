"""Models, intervals and seats over samples of known truths: run on request, `pytest tests/stress/test_ahead.py -s`.

The lines that it prints are the tables of `RESULTS-ahead.md`. A hotel's bookings are read from the file that
`NOSHOW_HOTEL` names, the data set that `data/mappings/hotel.toml` describes.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from support.coverage_ahead import covered
from support.simulated_ahead import Truth, database, sample
from support.simulated_sessions import CELLS, INDEPENDENT, history

import pipeline
from pipeline.predicting.design import design_of
from pipeline.predicting.judging import log_losses, together, verdict
from pipeline.predicting.past import read_past
from pipeline.predicting.rolling import roll
from queries.measures.seats import Absences, overflow_chance, pooled, seats_verdict

KNOWN = [Truth(hours=0.5, attribute=0.8), Truth(base=-3, hours=0.3, attribute=0.5), Truth(leads=1.5, services=0.8)]
NOTHING = [Truth(services=0, leads=0), Truth(services=0, leads=0, sessions=0.5), Truth(), Truth(sessions=0.5)]


@pytest.mark.parametrize("truth", KNOWN, ids=str)
def test_a_known_truth(truth: Truth) -> None:
    """Slope 0.9 to 1.1 and a log loss within 2 % of the truth's, over 20 samples of 150 weeks."""
    parts, losses, best, licensed = [], [], [], 0
    for seed in range(20):
        made = sample(np.random.default_rng(seed), truth, weeks=150)
        with database(made.rows) as con:
            past = read_past(con, made.as_of)
        rolled = roll(past, design_of(past).matrix(past.levels))
        assert rolled is not None
        chances = made.rows.with_columns(chance=pl.Series(made.chance)).filter(pl.col("due_at") <= made.as_of)
        truths = chances.sort("starts_at", "session_id", "booking_id")["chance"].to_numpy()[rolled.rows]
        parts.append(rolled.judged)
        losses.append(rolled.verdict.log_loss.model)
        best.append(log_losses(rolled.judged.missed, truths).mean())
        licensed += rolled.verdict.is_licensed
    slope = verdict(together(parts)).slope
    ratio = float(np.mean(losses) / np.mean(best))
    print(f"| {truth} | {slope:.3f} | {ratio:.4f} | {licensed} of 20 |")
    assert slope is not None
    assert 0.9 <= slope <= 1.1
    assert ratio <= 1.02


@pytest.mark.parametrize("truth", NOTHING, ids=str)
def test_nothing_beyond_the_rates(truth: Truth) -> None:
    """Licensed in at most 5 % of 200 samples without a signal, or with none beyond service and lead time."""
    licensed = 0
    for seed in range(200):
        made = sample(np.random.default_rng(1_000 + seed), truth, weeks=20)
        with database(made.rows) as con:
            past = read_past(con, made.as_of)
        rolled = roll(past, design_of(past).matrix(past.levels))
        licensed += bool(rolled and rolled.verdict.is_licensed)
    print(f"| {truth} | {licensed} of 200 |")
    assert licensed <= 10


@pytest.mark.parametrize("by", ["session", "week"])
@pytest.mark.parametrize("truth", [Truth(), Truth(sessions=0.4), Truth(sessions=0.7), Truth(sessions=1.0)], ids=str)
def test_intervals_of_500_weeks(truth: Truth, by: str) -> None:
    found = covered(truth, by, range(13), weeks_ahead=40)
    print(f"| {truth.sessions} | {by} | {found.sums:,} | {found.share:.3f} | {found.width:.1f} |")
    assert 0.93 <= found.share <= 0.97


@pytest.mark.parametrize("sessions", [8, 20, 100])
def test_overflow_in_simulated_seasons(sessions: int) -> None:
    """A season offers the seats that its history allows: at most the accepted 5 % overflow, in 95 of 100 seasons."""
    rng = np.random.default_rng(9)
    seasons = within = 0
    for capacity, length, rate, correlation in CELLS:
        if length != sessions:
            continue
        for _ in range(100):
            mine = history(rng, capacity, length, rate, correlation)
            found = seats_verdict(capacity, mine, pooled([mine]))
            offer = found.seats if found.answer == "found" else 0
            chance = overflow_chance(capacity, offer, Absences(rate, max(correlation, INDEPENDENT)))
            seasons += 1
            within += chance <= 0.05
    print(f"| {sessions} | {seasons:,} | {within / seasons:.3f} |")
    assert within >= 0.95 * seasons


@pytest.mark.skipif("NOSHOW_HOTEL" not in os.environ, reason="names the hotel data set")
def test_the_hotel(tmp_path: Path) -> None:
    """No licence, or a better log loss than the rate of all bookings with its interval."""
    settings = pipeline.Settings.model_validate({})
    with pipeline.open_store(tmp_path / "hotel.duckdb", settings=settings) as store:
        mapping = pipeline.read_mapping(Path("hotel"))
        (outcome,) = pipeline.ingest(store, [Path(os.environ["NOSHOW_HOTEL"])], mapping=mapping)
        assert outcome.refused is None
        card = pipeline.train_model(store, as_of="2017-09-15")
    judged = card["judged"]
    print(card["verdict"], judged["log_loss"], judged["slope"], [each["name"] for each in card["left_out"]])
    assert not card["licensed"] or judged["log_loss"]["model"] < 0.0743
