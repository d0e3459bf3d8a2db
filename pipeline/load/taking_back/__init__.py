"""Take back the rows of a load, or bookings gone at the source."""
