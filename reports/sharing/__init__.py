"""Withhold and round counts so that a report can be passed on to others."""
