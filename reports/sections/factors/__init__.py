"""Factors that go with no-shows, and staff, locations and services compared like for like."""
