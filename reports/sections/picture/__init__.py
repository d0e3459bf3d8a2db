"""The chart of the rate over time, under its finding."""
