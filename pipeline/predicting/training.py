"""Train the model of a database, or forget it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from pipeline.events import log_event
from pipeline.predicting.card import Card, card_of
from pipeline.predicting.design import Design, design_of
from pipeline.predicting.fitting import Fitted, fit, require_library
from pipeline.predicting.past import read_past
from pipeline.predicting.rolling import is_mixed, roll
from pipeline.store.content_state import tracked
from pipeline.store.opening import Store
from queries.database import site
from queries.errors import UsageError
from queries.model.attributes import PREFIX, attribute_named
from queries.model.risk import FEATURES, INTERCEPT
from queries.moments import as_of_instant, naive_utc

MODEL_TABLES = ("risk_model", "risk_weight")


def train_model(store: Store, as_of: dt.datetime | str | None = None) -> dict[str, Any]:
    """Train on the bookings that were due at a moment (default now), judge, and replace the model of the database.

    Returns the model card (`queries/upcoming.md`). A model that is not licensed is kept with its card and without
    weights, so that nothing is ranked by it. The same records, settings and moment give the same model.

    Raises `UsageError` if scikit-learn is not installed, or for a setting that names no feature.
    """
    require_library()
    left_out = store.settings.model_leave_out
    _require_features(left_out)
    moment = naive_utc(as_of_instant(as_of))
    past = read_past(store.connection, moment, left_out)
    design, rolled = design_of(past, left_out), None
    fitted = None
    if design.columns and is_mixed(past, np.arange(len(past))):
        rows = design.matrix(past.levels)
        rolled = roll(past, rows)
        if rolled and rolled.verdict.is_licensed:
            fitted = fit(rows, past.missed, past.weight, rolled.spread)
    card = card_of(past, design, rolled, moment, site(store.connection).min_bookings) | _made_by()
    _write(store, card, moment, _weights(design, fitted) if fitted else [])
    log_event("model.trained", licensed=card["licensed"], bookings=card["data"]["bookings"])
    return card


def forget_model(store: Store) -> bool:
    """Remove the model and its card; return whether there was one."""
    was_there = bool(store.connection.execute("select 1 from risk_model").fetchall())
    if was_there:
        with store.transaction():
            clear_model(store)
    return was_there


def clear_model(store: Store) -> None:
    """Remove the model within the caller's transaction."""
    for table in MODEL_TABLES:
        with tracked(store.connection, table):
            store.connection.execute(f"delete from {table}")


def _write(store: Store, card: Card, as_of: dt.datetime, weights: Sequence[tuple[str, str, float]]) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None)
    card["trained_at"] = f"{now.isoformat()}Z"
    bound = {"now": now, "as_of": as_of, "licensed": card["licensed"], "card": json.dumps(card, ensure_ascii=False)}
    with store.transaction():
        clear_model(store)
        with tracked(store.connection, "risk_model"):
            store.connection.execute("insert into risk_model values ($now, $as_of, $licensed, $card)", bound)
        with tracked(store.connection, "risk_weight"):
            features, levels, effects = map(list, zip(*weights, strict=True)) if weights else ([], [], [])
            store.connection.execute(
                "insert into risk_weight select unnest($features::varchar[]), unnest($levels::varchar[]), "
                "unnest($effects::double[])",
                {"features": features, "levels": levels, "effects": effects},
            )


def _weights(design: Design, fitted: Fitted) -> list[tuple[str, str, float]]:
    each = [(*column, float(weight)) for column, weight in zip(design.columns, fitted.weights, strict=True)]
    return [(INTERCEPT, "", fitted.intercept), *each]


def _made_by() -> dict[str, str]:
    return {"noshow": version("noshow"), "scikit_learn": version("scikit-learn")}


def _require_features(names: Sequence[str]) -> None:
    known = {feature.name for feature in FEATURES} - {INTERCEPT}
    for name in names:
        if name not in known and attribute_named(name) is None:
            raise UsageError(
                "model.feature",
                f"setting model_leave_out: {name!r} is not a feature",
                f"Features: {', '.join(sorted(known))}, {PREFIX}NAME",
            )
