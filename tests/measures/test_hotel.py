"""The hotel bookings that come with noshow, by their mapping, against figures worked out from the CSV alone."""

from __future__ import annotations

from pathlib import Path

from support.hotel_oracle import bookings_of, figures_of, largest_differences, session_correlation

import pipeline
import queries
from pipeline.store.opening import Store

MAPPINGS = Path(__file__).parents[2] / "data" / "mappings"


def test_rates_intervals_design_effects_and_flags_are_those_of_the_csv(store: Store) -> None:
    """`python tests/support/hotel_oracle.py CSV DB` does the same over all 119,390 rows, if you have them."""
    excerpt = MAPPINGS / "hotel_excerpt.csv"
    pipeline.ingest(store, [excerpt], mapping=pipeline.read_mapping(Path("hotel")))
    bookings = bookings_of(excerpt)
    # Sessions of the excerpt are alike by chance, so that every figure is put to the test.
    assert session_correlation(bookings) > 0.01
    assert any(row["p_value"] < 1 for row in figures_of(bookings, "service").values())
    largest = largest_differences(excerpt, store.connection)
    assert {name: value for name, value in largest.items() if value > 1e-9} == {}
    (row,) = queries.no_show_rates(store.connection, by=(), as_of="2017-12-31T00:00:00Z").to_dicts()
    assert (row["no_shows"], row["marked_bookings"]) == (12, 74)
