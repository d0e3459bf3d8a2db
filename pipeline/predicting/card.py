"""Write the model card: a model's data, how it was judged, and for whom it is wrong. Pure."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import asdict
from statistics import NormalDist
from typing import Any

import numpy as np

from pipeline.predicting.design import Design
from pipeline.predicting.judging import FEWEST_BOOKINGS, FEWEST_NO_SHOWS, SLOPES, Gain, Verdict, log_losses
from pipeline.predicting.past import Codes, Past
from pipeline.predicting.rolling import Rolled
from queries.model.attributes import PREFIX
from queries.model.risk import english

Card = dict[str, Any]
# The share of cards that would find a group for which a right model is wrong.
_FALSE_ALARMS = 0.05


def card_of(past: Past, design: Design, rolled: Rolled | None, as_of: dt.datetime, min_bookings: int) -> Card:
    """The card of a model, or of the attempt at one, as plain values: `queries/upcoming.md` says what is in it."""
    groups = list(_groups(past, design, rolled, min_bookings)) if rolled else []
    return {
        "as_of": _iso(as_of),
        "licensed": bool(rolled and rolled.verdict.is_licensed),
        "verdict": verdict_in_words(rolled.verdict if rolled else None, past),
        "data": _data(past, np.arange(len(past))),
        "features": [{"name": name, "meaning": english(name)} for name in design.features],
        "left_out": [{"name": name, "meaning": english(name), "reason": why} for name, why in design.left_out.items()],
        "spread_of_effects": rolled.spread if rolled else None,
        "judged": _judged(past, rolled) if rolled else None,
        "groups": [group for group in groups if group["feature"].startswith(PREFIX)],
        "wrong_for": _wrong_for(groups),
    }


def verdict_in_words(verdict: Verdict | None, past: Past) -> str:
    """Why the model is licensed, or why it is not, in a sentence without its full stop."""
    if verdict is None or not verdict.is_enough:
        bookings, no_shows = (verdict.bookings, verdict.no_shows) if verdict else (0, 0)
        return (
            f"too few outcomes to judge a model: {no_shows:,} no-shows of {bookings:,} later bookings, and "
            f"{FEWEST_NO_SHOWS} of {FEWEST_BOOKINGS} are needed"
        )
    losses = verdict.log_loss
    compared = f"log loss {losses.model:.4f} against {losses.rates:.4f} on {verdict.bookings:,} later bookings"
    if losses.low <= 0:
        return f"no model is found to do better than these rates ({compared})"
    if not verdict.is_calibrated:
        slope = "unknown" if verdict.slope is None else f"{verdict.slope:.2f}"
        allowed = f"{SLOPES[0]} to {SLOPES[1]}"
        return f"its risks cannot be relied on: calibration slope {slope}, not within {allowed} ({compared})"
    return f"it does better than the rates of service and lead time ({compared}; calibration slope {verdict.slope:.2f})"


def _data(past: Past, rows: Codes) -> Card:
    weight, missed = past.weight[rows], past.missed[rows]
    return {
        "first": _day(past.starts_at[rows[0]]) if len(rows) else None,
        "last": _day(past.starts_at[rows[-1]]) if len(rows) else None,
        "bookings": int(weight.sum()),
        "no_shows": int((weight * missed).sum()),
    }


def _judged(past: Past, rolled: Rolled) -> Card:
    found = rolled.verdict
    return {
        **_data(past, rolled.rows),
        "log_loss": _gain(found.log_loss),
        "brier": _gain(found.brier),
        "slope": _rounded(found.slope),
        "intercept": _rounded(found.intercept),
        "curve": [asdict(each) | {"risk": round(each.risk, 6)} for each in found.curve],
    }


def _gain(gain: Gain) -> Card:
    parts = {"model": gain.model, "rates": gain.rates, "gain": gain.mean, "gain_low": gain.low, "gain_high": gain.high}
    return {name: _rounded(value) for name, value in parts.items()}


def _groups(past: Past, design: Design, rolled: Rolled, min_bookings: int) -> Iterator[Card]:
    """Each level of each feature with enough judged bookings: no-shows and those expected, and both losses."""
    judged = rolled.judged
    of_model, of_rates = (judged.weight * log_losses(judged.missed, each) for each in (judged.risk, judged.rate))
    # Those of one session miss it together, so their residuals count as one.
    left = judged.weight * (judged.missed - judged.risk)
    for feature in design.features:
        levels = past.levels[feature]
        if levels.dtype.is_numeric():
            continue
        here = levels.gather(rolled.rows)
        for level in [*here.unique().drop_nulls().sort(), None]:
            mine = here.eq_missing(level).to_numpy()
            n = judged.weight[mine].sum()
            if n < min_bookings:
                continue
            error = math.sqrt(float((np.bincount(judged.session[mine], left[mine]) ** 2).sum()))
            yield {
                "feature": feature,
                "level": level if level is None else past.names.get(feature, {}).get(level, level),
                "bookings": int(n),
                "no_shows": int((judged.weight * judged.missed)[mine].sum()),
                "expected": round(float((judged.weight * judged.risk)[mine].sum()), 1),
                "log_loss": _rounded(of_model[mine].sum() / n),
                "log_loss_of_rates": _rounded(of_rates[mine].sum() / n),
                "z": _rounded(left[mine].sum() / error if error else 0.0),
            }


def _wrong_for(groups: list[Card]) -> list[Card]:
    """The groups with more or fewer no-shows than expected beyond chance, allowing for how many are looked at."""
    if not groups:
        return []
    limit = NormalDist().inv_cdf(1 - _FALSE_ALARMS / 2 / len(groups))
    return [group for group in groups if abs(group["z"]) > limit]


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 6)


def _iso(moment: dt.datetime) -> str:
    return f"{moment.isoformat()}Z"


def _day(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[D]"))
