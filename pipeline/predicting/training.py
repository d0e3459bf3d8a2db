"""Train the model of a database, or forget it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import duckdb
import numpy as np

from pipeline.events import log_event
from pipeline.predicting.card import Card, card_of
from pipeline.predicting.design import Design, design_of
from pipeline.predicting.fitting import Fitted, fit
from pipeline.predicting.library import require_library
from pipeline.predicting.past import read_past
from pipeline.predicting.rolling import is_mixed, roll
from pipeline.store.content_state import tracked
from pipeline.store.model_tables import clear_model
from pipeline.store.opening import Store
from queries.database import site
from queries.errors import UsageError
from queries.model.attributes import PREFIX, attribute_named
from queries.model.risk import FEATURES, INTERCEPT
from queries.moments import as_of_instant, naive_utc

# Feature, level and log odds.
Weights = list[tuple[str, str, float]]


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
    card, weights = trained(store.connection, moment, left_out)
    with store.transaction():
        keep_model(store.connection, card, moment, weights)
    log_event("model.trained", licensed=card["licensed"], bookings=card["data"]["bookings"])
    return card


def trained(con: duckdb.DuckDBPyConnection, as_of: dt.datetime, left_out: Sequence[str] = ()) -> tuple[Card, Weights]:
    """The card of a model as of a moment (naive, UTC) and, if it is licensed, its weights by feature and level."""
    past = read_past(con, as_of, left_out)
    design, rolled, weights = design_of(past, left_out), None, []
    if design.columns and is_mixed(past, np.arange(len(past))):
        rows = design.matrix(past.levels)
        rolled = roll(past, rows)
        if rolled and rolled.verdict.is_licensed:
            weights = _weights(design, fit(rows, past.missed, past.weight, rolled.spread))
    card = card_of(past, design, rolled, as_of, site(con).min_bookings)
    made = {"noshow": version("noshow"), "scikit_learn": version("scikit-learn")}
    return card | {"trained_at": f"{_now().isoformat()}Z"} | made, weights


def forget_model(store: Store) -> bool:
    """Remove the model and its card; return whether there was one."""
    if not store.connection.execute("select 1 from risk_model").fetchall():
        return False
    with store.transaction():
        return clear_model(store.connection)


def keep_model(con: duckdb.DuckDBPyConnection, card: Card, as_of: dt.datetime, weights: Weights) -> None:
    """Replace the model, within the caller's transaction."""
    clear_model(con)
    bound = {"now": _now(), "as_of": as_of, "licensed": card["licensed"], "card": json.dumps(card, ensure_ascii=False)}
    with tracked(con, "risk_model"):
        con.execute("insert into risk_model values ($now, $as_of, $licensed, $card)", bound)
    features, levels, effects = map(list, zip(*weights, strict=True)) if weights else ([], [], [])
    with tracked(con, "risk_weight"):
        con.execute(
            "insert into risk_weight select unnest($features::varchar[]), unnest($levels::varchar[]), "
            "unnest($effects::double[])",
            {"features": features, "levels": levels, "effects": effects},
        )


def _weights(design: Design, fitted: Fitted) -> Weights:
    each = [(*column, float(weight)) for column, weight in zip(design.columns, fitted.weights, strict=True)]
    return [(INTERCEPT, "", fitted.intercept), *each]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None)


def _require_features(names: Sequence[str]) -> None:
    known = {feature.name for feature in FEATURES} - {INTERCEPT}
    for name in names:
        if name not in known and attribute_named(name) is None:
            raise UsageError(
                "model.feature",
                f"setting model_leave_out: {name!r} is not a feature",
                f"Features: {', '.join(sorted(known))}, {PREFIX}NAME",
            )
