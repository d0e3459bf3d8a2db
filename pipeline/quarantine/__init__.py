"""Retry, export and discard quarantined records."""
