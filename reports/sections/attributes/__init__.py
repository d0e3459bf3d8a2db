"""Rates by what else is known of the bookings: a table for each attribute that was asked for."""
