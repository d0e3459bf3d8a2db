"""Sessions whose bookings nobody marked."""
