"""The no-show rate over all bookings, the counts behind it, and its change."""
