"""Measures: rows of the fact go in, counts and rates come out."""
