"""Rates by weekday and hour, and by how far ahead bookings are made."""
