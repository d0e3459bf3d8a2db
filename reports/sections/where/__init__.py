"""Rates by service, series, location and staff, with the groups that stand out."""
