"""What missed bookings cost: paid, owed, refunded and charged, by currency, and the money that contradicts outcomes."""
