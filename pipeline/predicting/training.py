"""Train the model of a database, or forget it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from typing import Any

import duckdb
import numpy as np

from pipeline.events import log_event
from pipeline.predicting.card import Card, card_of
from pipeline.predicting.design import Design, design_of
from pipeline.predicting.fitting import Fitted, fit
from pipeline.predicting.library import require_library
from pipeline.predicting.past import Past, read_past
from pipeline.predicting.rolling import is_mixed, roll
from pipeline.store.content_state import tracked
from pipeline.store.model_tables import clear_model
from pipeline.store.opening import Store
from queries.database import site
from queries.errors import UsageError
from queries.model.attributes import PREFIX, attribute_named
from queries.model.risk import FEATURES, INTERCEPT
from queries.moments import as_of_instant, naive_utc

# DuckDB's memory in bytes: while bookings are read, at least and for each booking, and while a model is fitted.
_LEAST_TO_READ, _BYTES_A_BOOKING = 500_000_000, 800
_LEAST_MEMORY = 100_000_000
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
    # DuckDB would fill any memory, and keep it, while the model needs its own: training a million bookings took 2.6 GB.
    with _memory_for_reading(store):
        past = read_past(store.connection, moment, left_out)
    with _memory_limit(store, _LEAST_MEMORY):
        card, weights = learnt(past, moment, left_out, site(store.connection).min_bookings)
    with store.transaction():
        keep_model(store.connection, card, moment, weights)
    store.has_loaded = True  # so that the snapshot stores the roster again, if it is large
    log_event("model.trained", licensed=card["licensed"], bookings=card["data"]["bookings"])
    return card


def trained(con: duckdb.DuckDBPyConnection, as_of: dt.datetime, left_out: Sequence[str] = ()) -> tuple[Card, Weights]:
    """The card of a model as of a moment (naive, UTC) and, if it is licensed, its weights by feature and level."""
    return learnt(read_past(con, as_of, left_out), as_of, left_out, site(con).min_bookings)


def learnt(past: Past, as_of: dt.datetime, left_out: Sequence[str], min_bookings: int) -> tuple[Card, Weights]:
    """The card and the weights of a model of past bookings, see `trained`. Pure but for the clock."""
    design, rolled, weights = design_of(past, left_out), None, []
    if design.columns and is_mixed(past, np.arange(len(past))):
        rows = design.matrix(past.levels)
        rolled = roll(past, rows)
        if rolled and rolled.verdict.is_licensed:
            weights = _weights(design, fit(rows, past.missed, past.weight, rolled.spread))
    card = card_of(past, design, rolled, as_of, min_bookings)
    made = {"noshow": version("noshow"), "scikit_learn": version("scikit-learn")}
    return card | {"trained_at": f"{_now().isoformat()}Z"} | made, weights


def _memory_for_reading(store: Store) -> AbstractContextManager[None]:
    ((bookings,),) = store.connection.execute("select count(*) from booking").fetchall()
    return _memory_limit(store, max(_LEAST_TO_READ, bookings * _BYTES_A_BOOKING))


@contextmanager
def _memory_limit(store: Store, limit: int) -> Iterator[None]:
    """Bound DuckDB's memory, in bytes, within the block, unless the settings do: more is spilled to the disk."""
    con = store.connection
    ((before,),) = con.execute("select current_setting('memory_limit')").fetchall()
    if not store.settings.memory_limit:
        con.execute(f"set memory_limit = '{limit}B'")
    try:
        yield
    finally:
        con.execute("set memory_limit = $before", {"before": before})


def forget_model(store: Store) -> bool:
    """Remove the model and its card; return whether there was one."""
    if not store.connection.execute("select 1 from internal.risk_model").fetchall():
        return False
    with store.transaction():
        return clear_model(store.connection)


def keep_model(con: duckdb.DuckDBPyConnection, card: Card, as_of: dt.datetime, weights: Weights) -> None:
    """Replace the model, within the caller's transaction."""
    clear_model(con)
    bound = {"now": _now(), "as_of": as_of, "licensed": card["licensed"], "card": json.dumps(card, ensure_ascii=False)}
    with tracked(con, "risk_model"):
        con.execute("insert into internal.risk_model values ($now, $as_of, $licensed, $card)", bound)
    features, levels, effects = map(list, zip(*weights, strict=True)) if weights else ([], [], [])
    with tracked(con, "risk_weight"):
        con.execute(
            "insert into internal.risk_weight select unnest($features::varchar[]), unnest($levels::varchar[]), "
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
