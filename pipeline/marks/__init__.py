"""Mark booked sessions as attended or not, and delete such marks, by hand and through the API."""
