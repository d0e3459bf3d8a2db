"""The list price of no-shows, and how many seats to offer beyond capacity."""
