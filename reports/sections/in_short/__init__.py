"""The report in a few sentences."""
