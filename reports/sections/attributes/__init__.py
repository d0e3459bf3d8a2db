"""Rates by attributes of the bookings: a table for each that was asked for."""
