"""The rate by week or month on a p' chart."""
