"""Measures: counts and rates over rows of the fact, and the statistics that compare them."""
