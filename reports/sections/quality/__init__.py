"""The path of every row to the rate, and how far to trust the figures."""
