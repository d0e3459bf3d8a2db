"""The no-show rate over all bookings, what it is made of, and how it changed."""
