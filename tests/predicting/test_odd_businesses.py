"""Cards of businesses that are unlike others: one person, one session, nothing due, nothing known."""

from __future__ import annotations

import datetime as dt
import html
import json

import numpy as np
import polars as pl
import pytest
from support import report_frames as build
from support.simulated_ahead import Truth, database, sample

from pipeline.cli.model import card_lines
from pipeline.predicting.training import trained

LATER = dt.datetime.fromisoformat("2099-01-01")
AHEAD = {"session_id": "s", "local_start": LATER, "starts_at": LATER, "bookings": 8, "booked": 8}
# Businesses of which parts of a card are unknown: columns with one value in every row.
ALIKE = {
    "one person": {"participant_id": "c1"},
    "one session": {"session_id": "s1"},
    "nobody known": {"participant_id": None},
    "no service known": {"service_id": None, "service": None},
    "no times": {"local_start": dt.datetime.fromisoformat("2024-01-01")},
    "all came": {"outcome": "attended"},
    "all missed": {"outcome": "not_attended"},
    "all cancelled": {"place": "cancelled"},
    "nothing due": {"due_at": LATER, "starts_at": LATER},
    "sums of 50": {"weight": 50},
}


@pytest.mark.parametrize("name", ALIKE)
def test_odd_businesses_have_a_card_that_can_be_read(name: str) -> None:
    """Every one is printed, and drawn: figures that cannot be had are said to be unknown."""
    made = sample(np.random.default_rng(3), Truth(hours=0.5), weeks=12, weeks_ahead=2, services=2)
    schema = made.rows.schema
    rows = made.rows.with_columns(pl.lit(value, dtype=schema[name]).alias(name) for name, value in ALIKE[name].items())
    with database(rows) as con:
        card, _ = trained(con, made.as_of)
    lines = list(card_lines(card))
    assert lines[0].startswith(("Licensed: ", "Not licensed: "))
    text = "\n".join(lines)
    assert not any(word in text for word in ("None", "nan", "inf "))
    made_of = {"sessions_ahead": build.rows("sessions_ahead", AHEAD), "week_ahead": build.rows("week_ahead", AHEAD)}
    page = build.draw(build.report(model=pl.DataFrame({"card": [json.dumps(card)]}), **made_of))
    assert f"<dd>{lines[0]}</dd>" in html.unescape(page)
