"""The list value of empty seats, and how many seats to offer beyond capacity."""
