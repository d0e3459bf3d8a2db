"""Train a model of no-shows on past bookings, judge it on later ones, and keep it if it is better than plain rates."""
