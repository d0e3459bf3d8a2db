"""The money of missed bookings: paid, owed, refunded and charged, by currency, and the contradictions."""
