"""Mark booked sessions as attended or not, and delete marks, by hand and through the API."""
